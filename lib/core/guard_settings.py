"""Settings of the server itself: under which names it is visited, and how many may be there at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lib.core.errors import ConfigError

# Name and help of each, as `lib.core.settings.SETTINGS` lists them.
NAMES = (
    (
        "HUBSCOPE_HOSTS",
        "Names under which browsers reach the app, as usage.example.org,*.example.net. Default: this machine; "
        "addresses in digits always work.",
    ),
    ("HUBSCOPE_SOCKETS", "The most pages that are open at once, 1 to 100000. Default: 500."),
    (
        "HUBSCOPE_SOCKETS_PER_ADDRESS",
        "The most pages that are open at once from one address, 1 to 100000. Default: 100.",
    ),
    ("HUBSCOPE_HTTPS", "Set to `always` where the host is only ever reached over https: browsers then keep to it."),
)
_NAME = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")


@dataclass(frozen=True)
class GuardSettings:
    """What the guard in front of the app lets in.

    `hosts` are names in small letters, without a port; `*.` before one stands for every name below it. `sockets` is how
    many pages may be open at once, `per_address` how many of them from one address. `https` is whether browsers are
    told to come over https only.
    """

    hosts: tuple[str, ...] = ()
    sockets: int = 500
    per_address: int = 100
    https: bool = False


def guard_of(flat: Mapping[str, str]) -> GuardSettings:
    """The settings of the guard from flat ones, by name. Raises ConfigError, which names the setting."""
    usual = GuardSettings()
    return GuardSettings(
        hosts=_hosts(flat.get("HUBSCOPE_HOSTS", "")),
        sockets=_count(flat, "HUBSCOPE_SOCKETS", usual.sockets),
        per_address=_count(flat, "HUBSCOPE_SOCKETS_PER_ADDRESS", usual.per_address),
        https=_always(flat.get("HUBSCOPE_HTTPS", "")),
    )


def _hosts(text: str) -> tuple[str, ...]:
    names = tuple(name.strip().lower().rstrip(".") for name in text.split(",") if name.strip())
    if not all(_NAME.fullmatch(name) for name in names):
        hint = "Write names only, without https:// and without a port: usage.example.org,*.example.net."
        raise ConfigError("HUBSCOPE_HOSTS has something that is not the name of a host.", hint)
    return names


def _count(flat: Mapping[str, str], name: str, usual: int) -> int:
    text = flat.get(name, str(usual)).strip()
    if not re.fullmatch("[0-9]{1,6}", text) or not 1 <= int(text) <= 100_000:
        raise ConfigError(f"{name} is not a whole number from 1 to 100000.", f"Leave it out for {usual}.")
    return int(text)


def _always(text: str) -> bool:
    if text not in ("", "always"):
        raise ConfigError("HUBSCOPE_HTTPS is not `always`.", "Leave it out where http is used, too.")
    return text == "always"
