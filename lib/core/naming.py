"""Labels become names: short, distinct and human for charts and tables (`series_names`), or in full (`verbose`).

Names are only for show. Nothing may read a label back out of one; labels stay in `Result.series`.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
from prometheus_pandas.query import metric_name

from lib.core.result import CLUSTER, NAME, QUERY, Result, ResultType
from lib.core.visible import has_no_look, visible

NAMESPACE = "namespace"
# A column of `Result.series` that marks what a transform added up: how many series it holds, "" for one as it came.
# No data source's label is called so by accident: names that begin with __ are Prometheus' own.
OTHERS = "__others__"
LONGEST = 80

_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
# What turns the direction of text round, or has no width: with them two names could look the same, or reversed.
_UNSEEN = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_TEMPLATE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_PLAIN_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_PLAIN_NAME = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)?")


def series_names(series: pd.DataFrame, legend: str = "", result_type: ResultType = ResultType.MATRIX) -> list[str]:
    """One name per row of `Result.series`: no two alike, one line each, at most 80 characters. Never raises.

    What cannot be seen in a label is marked (`lib.core.visible`).

    Without a legend a name has the labels that differ: `query / cluster / namespace`, then the others. If none differs
    it is the metric, else the cluster, else "value" ("scalar" for a scalar). With a legend such as `{{ namespace }}` it
    is that text, a missing label rendered empty. What would still be equal gets the labels that tell it apart, at last
    a number. A row marked as others is "Others (18)", whatever the legend.
    """
    sent = _rows(series)
    plain = [row for row in sent if not row.get(OTHERS)]
    shown = _differing(plain)
    if not shown and len(plain) < len(sent):
        shown = _labels(sent)  # a series that stands alone beside Others differs in every label
    shown = _in_order(shown)
    rows = [{name: visible(text) for name, text in row.items()} for row in sent]
    names = [_name(row, shown, legend) or _alone(row, result_type) for row in rows]
    return numbered(one_line(name) for name in _told_apart(names, rows))


def names(result: Result, legend: str = "") -> list[str]:
    """The names of a result's series, in their order. See `series_names`."""
    return series_names(result.series, legend, result.type)


def others_at(series: pd.DataFrame) -> int | None:
    """The row of `Result.series` that stands for the series a transform added up; None when there is none."""
    marks = series[OTHERS].tolist() if OTHERS in series else []
    return next((place for place, mark in enumerate(marks) if mark), None)


def verbose(labels: Mapping[str, str]) -> str:
    """A label set in full, as PromQL: `up{instance="b:9100",job="a"}`, labels by name, empty ones left out.

    prometheus-pandas writes the common case. It escapes é as \\u00e9 and cannot quote a name such as `größe.x`
    (Prometheus 3), so those are written here.
    """
    present = {name: labels[name] for name in sorted(labels) if labels[name]}
    metric, rest = present.get(NAME, ""), [name for name in present if name != NAME]
    legacy = _PLAIN_NAME.fullmatch(metric) and all(_PLAIN_LABEL.fullmatch(name) for name in rest)
    if legacy and all(text.isascii() for text in present.values()):
        return str(metric_name(present))
    quoted = {name: name if _PLAIN_LABEL.fullmatch(name) else _quote(name) for name in rest}
    pairs = [f"{quoted[name]}={_quote(present[name])}" for name in rest]
    if _PLAIN_NAME.fullmatch(metric):
        return f"{metric}{{{','.join(pairs)}}}"
    return f"{{{','.join([_quote(metric), *pairs])}}}"


def one_line(text: str) -> str:
    """A foreign text fit to be seen: line breaks and control characters become a space, invisible turns vanish."""
    return _SURROGATE.sub("\ufffd", _SPACE.sub(" ", _UNSEEN.sub("", text))).strip()


def numbered(names: Iterable[str], longest: int = LONGEST) -> list[str]:
    """The same names, cut in the middle to `longest` characters; the second of a kind ends in " (2)", and so on."""
    taken: set[str] = set()
    distinct: list[str] = []
    repeats: defaultdict[str, int] = defaultdict(int)
    for name in names:
        candidate = short = _cut(name, longest)
        while candidate in taken:
            repeats[short] += 1
            number = f" ({repeats[short] + 1})"
            candidate = _cut(name, longest - len(number)) + number
        taken.add(candidate)
        distinct.append(candidate)
    return distinct


def _rows(series: pd.DataFrame) -> list[dict[str, str]]:
    columns = {str(name): series[name].tolist() for name in series.columns}
    return [{name: values[row] for name, values in columns.items()} for row in range(len(series))]


def _labels(rows: Sequence[Mapping[str, str]]) -> list[str]:
    return [label for label in rows[0] if label != OTHERS] if rows else []


def _differing(rows: Sequence[Mapping[str, str]]) -> list[str]:
    return [label for label in _labels(rows) if len({row[label] for row in rows}) > 1]


def _in_order(labels: Iterable[str]) -> list[str]:
    first = (QUERY, CLUSTER, NAMESPACE)
    return sorted(labels, key=lambda label: first.index(label) if label in first else len(first))


def _name(row: Mapping[str, str], shown: Sequence[str], legend: str) -> str:
    if row.get(OTHERS):
        return f"Others ({row[OTHERS]})"
    filled = _TEMPLATE.sub(lambda found: row.get(found[1], ""), legend)
    return one_line(filled) or _joined(row, shown)


def _alone(row: Mapping[str, str], result_type: ResultType) -> str:
    """What a series is called that differs from no other."""
    if result_type is ResultType.SCALAR:
        return "scalar"
    return row.get(NAME) or row.get(CLUSTER) or "value"


def _joined(row: Mapping[str, str], shown: Sequence[str]) -> str:
    # That a series has no hub is worth a word; that some other label is missing, only if nothing else is left.
    words = [row[label] or ("(no namespace)" if label == NAMESPACE else "") for label in shown]
    return " / ".join(word for word in words if word) or (f"(no {shown[0]})" if shown else "")


def _told_apart(names: Sequence[str], rows: Sequence[Mapping[str, str]]) -> list[str]:
    """Adds to equal names the labels in which their series differ: `prod (utoronto)`, `x (pod=a)`."""
    alike: defaultdict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(names):
        alike[name].append(place)
    told = list(names)
    for places in (places for places in alike.values() if len(places) > 1):
        labels = _in_order(_differing([rows[place] for place in places]))
        for place in places:
            added = ", ".join(_pair(label, rows[place][label]) for label in labels if rows[place][label])
            told[place] += f" ({added})" if added else ""
    return told


def _pair(label: str, value: str) -> str:
    return value if label in (CLUSTER, NAMESPACE) else f"{label}={value}"


def _cut(name: str, longest: int) -> str:
    if len(name) <= longest:
        return name
    tail = (longest - 1) // 2
    return f"{name[: longest - 1 - tail]}…{name[len(name) - tail :]}"


def _quote(text: str) -> str:
    written = json.dumps(text, ensure_ascii=False)
    return "".join(_code(letter) if has_no_look(letter) else letter for letter in written)


def _code(letter: str) -> str:
    """A character that cannot be seen, as a string of PromQL may have it."""
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"
