"""Operators between two vectors: which samples belong together, by `on`, `ignoring`, `group_left`, `group_right`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from lib.sample.promql.binary import applied, drops_name
from lib.sample.promql.errors import refuse
from lib.sample.promql.values import (
    NAME,
    Bools,
    Ints,
    Labels,
    Vector,
    in_order,
    moments_that_exist,
    no_series,
    only,
    with_label,
    without,
)

Signature = frozenset[tuple[str, str]]
Cardinality = Literal["one-to-one", "many-to-one", "one-to-many", "many-to-many"]


@dataclass(frozen=True)
class Matching:
    """How the samples of two vectors find each other: by the labels `names`, or (`on` false) by all others.

    `included` are the labels that the "many" side takes over from the "one" side.
    """

    cardinality: Cardinality
    on: bool
    names: tuple[str, ...]
    included: tuple[str, ...] = ()

    def signature(self, labels: Labels) -> Signature:
        """What must be equal."""
        return frozenset(self.matched(labels).items())

    def matched(self, labels: Labels) -> Labels:
        """The labels that must be equal. Without `on`, the metric name is never among them."""
        return only(labels, self.names) if self.on else without(labels, (*self.names, NAME))


def joined(op: str, left: Vector, right: Vector, matching: Matching, as_bool: bool) -> Vector:
    """An arithmetic operator or a comparison between vectors. As `VectorBinop` in Prometheus' promql/engine.go.

    Raises `execution` where a sample of the "one" side is not alone with its labels, where several of the other match
    it without `group_left` or `group_right`, and where two results would have the same labels.
    """
    swapped = matching.cardinality == "one-to-many"
    many, one = (right, left) if swapped else (left, right)
    if not many.labels or not one.labels:
        return no_series(left.values.shape[1])
    _demand_one_side(one, many, matching, "left" if swapped else "right")
    rows, partners = _pairs(many, one, matching)
    if not len(rows):
        return no_series(left.values.shape[1])
    sides = (many.values[rows], one.values[partners])
    values, kept = applied(op, *(sides[::-1] if swapped else sides), as_bool)
    present = many.present[rows] & one.present[partners] & kept
    _demand_one_each(many, rows, present, matching)
    drops = drops_name(op, as_bool)
    labels = [_result(many.labels[m], one.labels[o], matching, drops) for m, o in zip(rows, partners, strict=True)]
    return _without_doubles(Vector(tuple(labels), values, present), many, rows, matching).pruned()


def _rows(vector: Vector, matching: Matching) -> dict[Signature, list[int]]:
    rows: dict[Signature, list[int]] = {}
    for row, labels in enumerate(vector.labels):
        rows.setdefault(matching.signature(labels), []).append(row)
    return rows


def _pairs(many: Vector, one: Vector, matching: Matching) -> tuple[Ints, Ints]:
    """The rows that belong together. A row may pair with several that exist at different moments."""
    partners = _rows(one, matching)
    found = [
        (row, partner)
        for row, labels in enumerate(many.labels)
        for partner in partners.get(matching.signature(labels), ())
        if (many.present[row] & one.present[partner]).any()
    ]
    pairs = np.array(found, dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _demand_one_side(one: Vector, many: Vector, matching: Matching, side: str) -> None:
    matters = many.present.any(axis=0)
    for rows in _rows(one, matching).values():
        if len(rows) < 2:
            continue
        clash = np.flatnonzero((one.present[rows].sum(axis=0) > 1) & matters)
        if len(clash):
            names = [_text(one.labels[row]) for row in rows if one.present[row, clash[0]]]
            refuse(
                f"found duplicate series for the match group {_text(matching.matched(one.labels[rows[0]]))} on the "
                f"{side} hand-side of the operation: [{names[1]}, {names[0]}]"
                ";many-to-many matching not allowed: matching labels must be unique on one side"
            )


def _demand_one_each(many: Vector, rows: Ints, present: Bools, matching: Matching) -> None:
    if matching.cardinality != "one-to-one":
        return
    signatures: dict[Signature, list[int]] = {}
    for result, row in enumerate(rows):
        signatures.setdefault(matching.signature(many.labels[row]), []).append(result)
    for results in signatures.values():
        if (present[results].sum(axis=0) > 1).any():
            refuse("multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)")


def _result(many: Labels, one: Labels, matching: Matching, drops: bool) -> Labels:
    labels = without(many, (NAME,)) if drops else many
    if matching.cardinality == "one-to-one":
        labels = only(labels, matching.names) if matching.on else without(labels, matching.names)
    for name in matching.included:
        labels = with_label(labels, name, one.get(name, ""))
    return labels


def _without_doubles(results: Vector, many: Vector, rows: Ints, matching: Matching) -> Vector:
    """Results of one label set made one. Two at one moment are refused, in words that depend on how they met."""
    if matching.cardinality != "one-to-one":
        met: dict[tuple[Signature, Signature], list[int]] = {}
        for result, row in enumerate(rows):
            key = (matching.signature(many.labels[row]), frozenset(results.labels[result].items()))
            met.setdefault(key, []).append(result)
        if any((results.present[group].sum(axis=0) > 1).any() for group in met.values()):
            refuse("multiple matches for labels: grouping labels must ensure unique matches")
    return results.merged()


def combined(op: str, left: Vector, right: Vector, matching: Matching) -> Vector:
    """The set operators `and`, `or`, `unless`: samples are chosen, never computed."""
    if op == "or":
        return _either(left, right, matching)
    exists = _existence(right, matching)
    nowhere = np.zeros(left.values.shape[1], bool)
    found = [exists.get(matching.signature(labels), nowhere) for labels in left.labels]
    matched = np.array(found, dtype=bool).reshape(left.present.shape)
    return left.where(matched if op == "and" else ~matched)


def _existence(vector: Vector, matching: Matching) -> dict[Signature, Bools]:
    return {signature: moments_that_exist(vector.present[rows]) for signature, rows in _rows(vector, matching).items()}


def _either(left: Vector, right: Vector, matching: Matching) -> Vector:
    exists = _existence(left, matching)
    nowhere = np.zeros(left.values.shape[1], bool)
    found = [exists.get(matching.signature(labels), nowhere) for labels in right.labels]
    added = right.where(~np.array(found, dtype=bool).reshape(right.present.shape))
    values = np.concatenate([left.values, added.values])
    present = np.concatenate([left.present, added.present])
    return Vector(left.labels + added.labels, values, present).merged()


def _text(labels: Labels) -> str:
    """Labels as Prometheus writes them in errors."""
    pairs = in_order(labels)
    return "{" + ", ".join(f'{name}="{value}"' for name, value in pairs) + "}"
