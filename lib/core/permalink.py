"""The state of the app <-> the parameters of its address, so that a copied address shows the same page elsewhere.

State is a mapping from a parameter's name to a text, or to a tuple of texts where there may be several. Only the names
of `PARAMETERS` and variables get through, in either direction, so nothing secret can enter an address by accident, and
a hostile one is cut to shape.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lib.core.promql import MAX_LENGTH

Value = str | tuple[str, ...]
State = dict[str, Value]


@dataclass(frozen=True)
class Parameter:
    """One parameter: its name, what it means, what a value looks like (fully matched), whether there may be several."""

    name: str
    help: str
    form: re.Pattern[str]
    several: bool = False


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)


_EXPR = rf".{{1,{MAX_LENGTH}}}"
PARAMETERS = (
    Parameter("preset", "Id of the preset.", _form(r"[a-z0-9-]{1,64}")),
    Parameter("dashboard", "Dashboard that the preset is a panel of.", _form(r"[^\x00-\x1f]{1,100}/[\w-]{1,40}")),
    Parameter("expr", "PromQL that somebody wrote.", _form(_EXPR)),
    *(Parameter(f"expr_{letter}", "Another query over the same time.", _form(_EXPR)) for letter in "bcd"),
    *(Parameter(f"name_{letter}", "What a query is called.", _form(r"[^\x00-\x1f]{1,40}")) for letter in "abcd"),
    Parameter("mode", "`now` for an instant query; a range query otherwise.", _form("now")),
    Parameter("from", "Start: now-30d, a date, or epoch milliseconds.", _form(r"[^\x00-\x1f]{1,64}")),
    Parameter("to", "End, in the same forms.", _form(r"[^\x00-\x1f]{1,64}")),
    Parameter("tz", "Time zone: UTC, or a name such as Europe/Berlin.", _form(r"[A-Za-z0-9_+/-]{1,40}")),
    Parameter("step", "Spacing of the points: 5m, 1h, 1d.", _form(r"[0-9a-z]{1,32}")),
    Parameter("cluster", "A cluster to ask; none means all.", _form(r"[^\x00-\x1f]{1,200}"), several=True),
    Parameter("staging", "`show` to include staging hubs.", _form("show")),
    Parameter("by", "How series are added up: total, cluster, hub, series or a label.", _form(r"[a-zA-Z_]\w{0,99}")),
    Parameter("do", "Transforms in order: rolling-7d,month-max,share.", _form(r"[a-z0-9_,-]{1,200}")),
    Parameter("chart", "Type of chart.", _form(r"[a-z]{1,20}")),
    Parameter("title", "Title in the picture, where it is not the question.", _form(r"[^\x00-\x1f]{1,120}")),
    Parameter("zero", "`off` where the value axis need not start at zero.", _form("off")),
    Parameter("top", "How many series to show by themselves; the rest becomes Others.", _form(r"[1-9][0-9]?")),
)
_BY_NAME = {parameter.name: parameter for parameter in PARAMETERS}
# Variables of presets and of pasted queries stand in the address as Grafana writes them: var-hub=prod&var-hub=staging.
VARIABLE = "var-"
_VARIABLE_NAME = _form(VARIABLE + r"(?!__)[A-Za-z_][A-Za-z0-9_]{0,60}")
_VARIABLE_VALUE = _form(r"[^\x00-\x1f]{1,200}")


def parameter_of(name: str) -> Parameter | None:
    """The parameter of this name: one of PARAMETERS, or a variable; None for any other name."""
    if _VARIABLE_NAME.fullmatch(name):
        return Parameter(name, "What was chosen for a variable.", _VARIABLE_VALUE, several=True)
    return _BY_NAME.get(name)


def decode(parameters: Mapping[str, Sequence[str]]) -> State:
    """State from the parameters of an address. Unknown names and values of another form are left out."""
    state: State = {}
    for name, values in parameters.items():
        parameter = parameter_of(name)
        fit = tuple(value for value in values if parameter and parameter.form.fullmatch(value))
        if parameter and fit:
            state[name] = fit if parameter.several else fit[-1]
    return state


def encode(state: Mapping[str, object]) -> dict[str, list[str]]:
    """The parameters of an address from state. Empty values, unknown names and values of another form are left out."""
    parameters: dict[str, list[str]] = {}
    for name in [*_BY_NAME, *sorted(name for name in state if name not in _BY_NAME)]:
        parameter, value = parameter_of(name), state.get(name)
        values = [value] if isinstance(value, str) else list(value) if isinstance(value, (tuple, list)) else []
        fit = [text for text in values if isinstance(text, str) and parameter and parameter.form.fullmatch(text)]
        if fit:
            parameters[name] = fit
    return parameters
