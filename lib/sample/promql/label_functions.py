"""Functions of labels: `label_replace` and `label_join`. They keep the metric name."""

from __future__ import annotations

import re
from dataclasses import replace

from lib.promql.regex import RegexError, compile_re2
from lib.sample.promql.errors import refuse
from lib.sample.promql.signatures import Call, function
from lib.sample.promql.values import Labels, Value, with_label

_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_REFERENCE = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))")


@function("label_replace")
def label_replace(call: Call) -> Value:
    """Set a label from the groups of a pattern that covers another label; where it does not match, nothing changes.

    Arguments: vector, destination, replacement with `$1` or `${name}`, source, pattern.
    """
    _, destination, replacement, source, pattern = (call.text(index) if index else "" for index in range(5))
    try:
        compiled = compile_re2(pattern)
    except RegexError:
        refuse(f"invalid regular expression in label_replace(): {pattern}")
    _demand_label("destination label name in label_replace()", destination)

    def replaced(labels: Labels) -> Labels:
        found = compiled.fullmatch(labels.get(source, ""))
        return with_label(labels, destination, _expanded(replacement, found)) if found else labels

    vector = call.vector()
    return replace(vector, labels=tuple(replaced(labels) for labels in vector.labels)).merged()


def _expanded(replacement: str, found: re.Match[str]) -> str:
    """The replacement with its references filled in, as Go's `Regexp.Expand`: an unknown group is empty."""

    def group(reference: re.Match[str]) -> str:
        if reference[1]:
            return "$"
        name = reference[2] or reference[3]
        if name.isdecimal() and (name == "0" or name[0] != "0"):
            return (found[int(name)] or "") if int(name) <= found.re.groups else ""
        return (found[name] or "") if name in found.re.groupindex else ""

    return _REFERENCE.sub(group, replacement)


@function("label_join")
def label_join(call: Call) -> Value:
    """Set a label to others, joined. Arguments: vector, destination, separator, sources."""
    destination, separator, *sources = (call.text(index) for index in range(1, len(call.arguments)))
    for source in sources:
        _demand_label("source label name in label_join()", source)
    _demand_label("destination label name in label_join()", destination)

    def joined(labels: Labels) -> Labels:
        return with_label(labels, destination, separator.join(labels.get(source, "") for source in sources))

    vector = call.vector()
    return replace(vector, labels=tuple(joined(labels) for labels in vector.labels)).merged()


def _demand_label(what: str, name: str) -> None:
    if not _LABEL_NAME.fullmatch(name):
        refuse(f"invalid {what}: {name}")
