"""Hints on aggregations: labels that are lost, and series that count twice."""

from __future__ import annotations

from lib.core.hints.registry import Change, Hint, Query, hint, is_plain
from lib.core.outline import Call

_PRECEDENCE = {
    **dict.fromkeys(("or",), 1),
    **dict.fromkeys(("and", "unless"), 2),
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%", "atan2"), 5),
    "^": 6,
}
_KEEP_LABELS = ("topk", "bottomk", "count_values")
_TOTALS = frozenset({"namespace", "cluster"})


@hint("missing by")
def missing_by(query: Query) -> Hint | None:
    """A grouped aggregation and a total on two sides of an operator: no labels match, and the answer is empty."""
    outline = query.outline
    for index, token in enumerate(outline.tokens[:-1]):
        if not outline.is_word(index, *_PRECEDENCE) or outline.is_word(index, "or", "unless"):
            continue
        right_at = index + 1 + outline.is_word(index + 1, "bool")
        left, right = _call_before(query, index), outline.call_at(_inwards(query, right_at))
        if left is None or right is None or _binds_tighter(query, right, token.text):
            continue
        for grouped, total in ((left, right), (right, left)):
            if _is_grouped(grouped) and _is_total(total) and grouped.grouping:
                labels = query.text(grouped.grouping.first + 2, grouped.grouping.last - 1)
                return query.hint(
                    f"One side has {labels}, the other is a total: nothing matches, and the answer is empty.",
                    "An operator pairs series of the same labels. Group both sides alike.",
                    (total.first + 1, total.first + 1, f" by ({labels}) "),
                )
    return None


def _inwards(query: Query, index: int) -> int:
    while query.outline.is_word(index, "("):
        index += 1
    return index


def _call_before(query: Query, index: int) -> Call | None:
    while index and query.outline.is_word(index - 1, ")") and query.outline.call_before(index) is None:
        index -= 1
    return query.outline.call_before(index)


def _binds_tighter(query: Query, right: Call, operator: str) -> bool:
    """Whether what stands behind the right side belongs to it: then nobody knows what labels it has."""
    behind = query.outline.tokens[right.last].text.lower()
    return _PRECEDENCE.get(behind, 0) > _PRECEDENCE[operator.lower()]


def _is_grouped(call: Call) -> bool:
    return call.aggregation and call.grouping is not None and call.grouping.word == "by" and bool(call.grouping.labels)


def _is_total(call: Call) -> bool:
    return call.aggregation and call.grouping is None and call.name.lower() not in _KEEP_LABELS


@hint("quantile without le")
def quantile_without_le(query: Query) -> Hint | None:
    """`histogram_quantile` of buckets that were added up without keeping `le`."""
    outline = query.outline
    for call in outline.calls:
        if call.name != "histogram_quantile" or len(call.arguments) != 2:
            continue
        inner = outline.call_at(_inwards(query, call.arguments[1][0]))
        change = _le_kept(query, inner) if inner and inner.aggregation and _has_buckets(query, inner) else None
        if change:
            sentence = f"{inner.name if inner else ''}() has lost le, the bounds of the buckets: the answer is empty."
            return query.hint(sentence, "histogram_quantile() reads the quantile off the buckets.", change)
    return None


def _has_buckets(query: Query, call: Call) -> bool:
    first, last = call.arguments[-1] if call.arguments else (0, 0)
    inside = [each for each in query.outline.selectors if first <= each.first and each.last <= last]
    return any(each.name.endswith("_bucket") for each in inside)


def _le_kept(query: Query, call: Call) -> Change | None:
    if call.name.lower() in _KEEP_LABELS:
        return None
    if call.grouping is None:
        return call.first + 1, call.first + 1, " by (le) "
    grouping = call.grouping
    if (grouping.word == "by") == ("le" in grouping.labels):
        return None
    kept = [label for label in grouping.labels if label != "le"]
    labels = ", ".join([*kept, "le"] if grouping.word == "by" else kept)
    return grouping.first, grouping.last, f"{grouping.word} ({labels})"


@hint("sum over duplicate scrapes")
def sum_over_duplicate_scrapes(query: Query) -> Hint | None:
    """A total, or one per namespace, of what kube-state-metrics reports: two of them overlap at every update of it.

    Silent on finer groupings, which are mostly read one by one.
    """
    for selector in query.outline.selectors:
        call = query.outline.argument_of(selector)
        if not selector.name.startswith("kube_") or not is_plain(selector) or not call or not call.aggregation:
            continue
        labels = call.grouping.labels if call.grouping else ()
        apart = call.grouping is not None and (call.grouping.word != "by" or not set(labels) <= _TOTALS)
        if call.name.lower() in ("sum", "count") and not apart:
            new = f"max without (instance) ({query.text(selector.first, selector.last)})"
            return query.hint(
                f"{call.name}() counts twice what two kube-state-metrics report at the same time.",
                "While one takes over from the other, every series is there twice, told apart only by instance.",
                (selector.first, selector.last, new),
            )
    return None
