"""Two answers to what should be the same question: whether they are equal, and if so, in which labels they differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from lib.core.result import NAME, Answer, Floats

_CLOSE = 1e-9
# Three clouds name the pool of a machine in three labels, of which one is set; our presets call it pool.
_POOLS = (
    "label_alpha_eksctl_io_nodegroup_name",
    "label_cloud_google_com_gke_nodepool",
    "label_kubernetes_azure_com_agentpool",
)

Labels = frozenset[tuple[str, str]]
Table = dict[Labels, Floats]


class Verdict(StrEnum):
    """How our answer relates to upstream's."""

    EQUAL = "equal"
    APART = "equal but hubs apart"
    DIFFERS = "differs"
    EMPTY = "nothing to compare"
    NOT_TAKEN = "not taken"


@dataclass(frozen=True)
class Comparison:
    """A verdict, the labels that only one side has, and how many series each side has."""

    verdict: Verdict
    added: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    theirs: int = 0
    ours: int = 0


def compare(theirs: Answer, ours: Answer) -> Comparison:
    """Compare two answers on one grid, to 1e-9.

    Where one side has labels that the other has not, both are added up over them first: if the sums are equal, so are
    the answers, ours with the hubs told apart if the namespace is what it adds. Where neither has anything but zeros,
    there is no verdict.
    """
    left, right = _table(theirs), _table(ours)
    if not any(np.nan_to_num(values).any() for values in (*left.values(), *right.values())):
        return Comparison(Verdict.EMPTY, theirs=len(left), ours=len(right))
    names, own_names = _names(left), _names(right)
    both = names & own_names
    added, left_out = tuple(sorted(own_names - names)), tuple(sorted(names - own_names))
    if not left or not right or not _same(_summed(left, both), _summed(right, both)):
        verdict = Verdict.DIFFERS
    else:
        verdict = Verdict.APART if "namespace" in added else Verdict.EQUAL
    return Comparison(verdict, added, left_out, len(left), len(right))


def _table(answer: Answer) -> Table:
    """Series by label set. What has no value anywhere is no series."""
    return {
        frozenset(_plain(labels).items()): values
        for labels, values in zip(answer.labels, answer.values, strict=True)
        if not np.isnan(values).all()
    }


def _plain(labels: Mapping[str, str]) -> dict[str, str]:
    plain = {name: value for name, value in labels.items() if value and name != NAME and name not in _POOLS}
    pool = "".join(labels.get(name, "") for name in _POOLS)
    return plain | ({"pool": pool} if pool else {})


def _names(table: Table) -> set[str]:
    return {name for labels in table for name, _ in labels}


def _summed(table: Table, names: Iterable[str]) -> Table:
    kept = set(names)
    sums: Table = {}
    for labels, values in table.items():
        key = frozenset(pair for pair in labels if pair[0] in kept)
        before = sums.get(key)
        sums[key] = values if before is None else _plus(before, values)
    return sums


def _plus(one: Floats, other: Floats) -> Floats:
    """The sum where there is a value on either side."""
    both_missing = np.isnan(one) & np.isnan(other)
    return np.where(both_missing, np.nan, np.nan_to_num(one) + np.nan_to_num(other))


def _same(one: Table, other: Table) -> bool:
    return one.keys() == other.keys() and all(
        np.allclose(values, other[labels], rtol=_CLOSE, atol=0, equal_nan=True) for labels, values in one.items()
    )
