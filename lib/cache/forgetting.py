"""How a visitor's own token is forgotten: it, and everything that was fetched with it, in all caches of the visit."""

from __future__ import annotations

from lib.cache import answers, grafanas, metadata, own_sources


def forget_token(name: str) -> None:
    """Forgets a visitor's token for a Grafana and whatever the visitor's own tokens have brought."""
    own_sources.drop_token(name)
    for each in (answers, grafanas, metadata):
        each.forget_own()
