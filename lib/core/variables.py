"""Variables of a preset: what it leaves open, `$hub` or a number, and how a choice is put into its PromQL.

A label variable stands in a matcher of exactly the form `label=~"$name"`. Where nothing is chosen the matcher goes, and
every series stays, also one without the label. Where values are chosen the matcher has them, quoted twice: for the
regular expression (RE2) and for the string it stands in, so that each value selects exactly itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lib.core.errors import PresetError

_META = re.compile(r"([\\.+*?()|\[\]{}^])")
_NUMBER = re.compile(r"\$([a-z][a-z0-9_]*)")


@dataclass(frozen=True)
class LabelVariable:
    """A choice of values of `label`, as listed on the series of `selector`; `words` are its name on screen."""

    name: str
    words: str
    label: str
    selector: str


@dataclass(frozen=True)
class NumberVariable:
    """A number that somebody may change: a threshold. `unit` is a key of UNITS, for the words beside it."""

    name: str
    words: str
    default: float
    unit: str = ""


Variable = LabelVariable | NumberVariable
Choice = tuple[str, ...] | float

_PEOPLE = 'kube_pod_annotations{annotation_hub_jupyter_org_username!=""}'
LABEL_VARIABLES: Mapping[str, LabelVariable] = {
    variable.name: variable
    for variable in (
        LabelVariable("hub", "Hubs", "namespace", "jupyterhub_total_users"),
        LabelVariable("namespace", "Namespaces", "namespace", "kube_pod_labels"),
        LabelVariable("user", "People", "annotation_hub_jupyter_org_username", _PEOPLE),
        LabelVariable("group", "Groups", "usergroup", "jupyterhub_user_group_info"),
    )
}


def used(expr: str, numbers: Mapping[str, NumberVariable]) -> tuple[Variable, ...]:
    """The variables of a query in the order in which they stand there. Raises PresetError for one that is not known."""
    found: dict[str, Variable] = {}
    for name in _NUMBER.findall(expr):
        if name.startswith("__") or f"(?P<{name}>" in expr:  # Grafana's own, or a capture of label_replace
            continue
        variable = numbers.get(name) or LABEL_VARIABLES.get(name)
        if variable is None:
            known = ", ".join(f"${each}" for each in (*LABEL_VARIABLES, *numbers))
            raise PresetError(f"The variable ${name} is not known.", f"Known are: {known}.")
        found[name] = variable
    return tuple(found.values())


def put_in(expr: str, variables: tuple[Variable, ...], choices: Mapping[str, Choice]) -> str:
    """The query with every variable replaced by what was chosen for it, or by its default."""
    for variable in variables:
        choice = choices.get(variable.name, ())
        if isinstance(variable, NumberVariable):
            number = choice if isinstance(choice, (int, float)) else variable.default
            expr = re.sub(rf"\${variable.name}\b", repr(float(number)).removesuffix(".0"), expr)
        else:
            expr = _match(expr, variable, choice if isinstance(choice, tuple) else ())
    return expr


def quote(values: tuple[str, ...]) -> str:
    """Label values as the inside of a PromQL regular expression string that matches each of them and nothing else."""
    return escape(pattern(values))


def pattern(values: tuple[str, ...]) -> str:
    """Label values as a regular expression (RE2) that matches each of them and nothing else."""
    # A dollar goes between brackets: after a backslash it would still begin the name of a variable.
    return "|".join(_META.sub(r"\\\1", value).replace("$", "[$]") for value in values)


def escape(text: str, mark: str = '"') -> str:
    """A text as the inside of a PromQL string between two of `mark`, a double or a single quotation mark."""
    # Prometheus takes U+FFFD in a query for a broken letter, unless it is escaped.
    return text.replace("\\", "\\\\").replace(mark, f"\\{mark}").replace("\n", "\\n").replace("\ufffd", "\\ufffd")


def _match(expr: str, variable: LabelVariable, values: tuple[str, ...]) -> str:
    matcher = re.compile(rf'(?P<before>,?)\s*\b[a-zA-Z_]\w*\s*=~\s*"\${variable.name}"\s*(?P<after>,?)', re.ASCII)
    if values:
        return expr.replace(f'"${variable.name}"', f'"{quote(values)}"')
    return re.sub(r"\{\s*\}", "", matcher.sub(lambda m: "," if m["before"] and m["after"] else "", expr))
