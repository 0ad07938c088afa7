"""Faults of the clusters: dead, slow, silent, and what else they may send."""

from __future__ import annotations

from collections.abc import Iterator

from bench.chaos.faults import Stage, fault
from bench.upstream import CLUSTERS


def _clusters(name: str, shown: str, most: int = 3) -> None:
    @fault(name, clusters=True)
    def during(stage: Stage) -> Iterator[None]:
        stage.upstream(dict.fromkeys(stage.some(most), shown))
        yield
        stage.upstream()


_clusters("clusters dead", "dead")
_clusters("clusters 20 times as slow", "slow")
_clusters("clusters flap", "flap")
_clusters("clusters silent", "hang", most=2)
_clusters("a cluster sends a gzip bomb", "gzip-bomb", most=1)
_clusters("clusters show a login page", "login-html")


@fault("every cluster dead", clusters=True)
def all_dead(stage: Stage) -> Iterator[None]:
    """Nobody answers."""
    stage.upstream(dict.fromkeys(CLUSTERS.values(), "dead"))
    yield
    stage.upstream()


@fault("30 % of connections reset", clusters=True)
def resets(stage: Stage) -> Iterator[None]:
    """Whoever is asked."""
    stage.upstream(resets=0.3)
    yield
    stage.upstream()


@fault("the token refused", clusters=True)
def refusing(stage: Stage) -> Iterator[None]:
    """401 from all."""
    stage.upstream(refusing=True)
    yield
    stage.upstream()
