"""What happens with a seed: scenes of one fault or two, the same whenever the seed is the same."""

from __future__ import annotations

import random
from collections.abc import Sequence

from bench.chaos import in_clusters, in_process  # noqa: F401  their import registers faults
from bench.chaos.faults import FAULTS

SCENES = 3
_TOGETHER = 0.4  # how often a fault of the process comes on top of one of the clusters
Scene = tuple[str, ...]


def script(seed: int, scenes: int = SCENES) -> Sequence[Scene]:
    """The scenes of a seed. The first fault goes round with the seeds, so that as many seeds as faults show each."""
    drawn, names = random.Random(f"chaos {seed}"), list(FAULTS)
    first = names[seed % len(names)]
    chosen = [first, *drawn.sample([name for name in names if name != first], scenes - 1)]
    return [_scene(name, drawn) for name in chosen]


def _scene(name: str, drawn: random.Random) -> Scene:
    others = [each.name for each in FAULTS.values() if not each.clusters]
    if FAULTS[name].clusters and drawn.random() < _TOGETHER:
        return name, drawn.choice(others)
    return (name,)
