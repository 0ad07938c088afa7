"""Permalinks: state to address and back, and that a hostile address brings nothing but valid state."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.permalink import PARAMETERS, VARIABLE, decode, encode
from lib.core.preset_files import read_catalogue
from lib.core.variables import NumberVariable

NAMES = [parameter.name for parameter in PARAMETERS]


@st.composite
def states(draw: st.DrawFn) -> dict[str, object]:
    """Any state that the app may be in."""
    state: dict[str, object] = {}
    for parameter in PARAMETERS:
        values = st.from_regex(parameter.form, fullmatch=True)
        if draw(st.booleans()):
            several = st.lists(values, min_size=1, max_size=4).map(tuple)
            state[parameter.name] = draw(several if parameter.several else values)
    return state


@given(states())
def test_state_survives_the_address(state):
    assert decode(encode(state)) == state


ANYTHING = st.dictionaries(
    st.one_of(st.sampled_from([*NAMES, "token", "GRAFANA_TOKEN", "_scope", "__proto__"]), st.text(max_size=12)),
    st.lists(st.one_of(st.text(max_size=80), st.sampled_from(["now-30d", "show", "hub", "bars", "10"])), max_size=3),
    max_size=8,
)


@given(ANYTHING)
def test_any_address_gives_valid_state_and_nothing_of_another_name(address):
    state = decode(address)
    forms = {parameter.name: parameter for parameter in PARAMETERS}
    for name, value in state.items():
        parameter = forms[name]
        assert isinstance(value, tuple) is parameter.several
        for text in value if isinstance(value, tuple) else (value,):
            assert parameter.form.fullmatch(text)
    assert decode(encode(state)) == state


@given(st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=12)), st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=70), st.binary(max_size=5)),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
), max_size=8))  # fmt: skip
def test_whatever_the_session_holds_only_valid_parameters_reach_the_address(session):
    address = encode(session)
    assert set(address) <= set(NAMES)
    for parameter in PARAMETERS:
        assert all(parameter.form.fullmatch(text) for text in address.get(parameter.name, []))


def test_what_is_not_a_parameter_never_reaches_an_address():
    secrets = {"GRAFANA_TOKEN": "glsa_canary", "token": "glsa_canary", "_ran": "up", "_draft": "up", "asked": "expr"}
    assert encode(secrets) == {}


REFUSED = {
    "a preset's id with capitals": ("preset", "Daily-Users"),
    "a preset's id that leads elsewhere": ("preset", "../people"),
    "a query over ten thousand characters": ("expr", "x" * 10_001),
    "an empty query": ("expr", ""),
    "a mode that is none": ("mode", "range"),
    "a date with a line break": ("from", "now\n-1d"),
    "a date over 64 characters": ("to", "x" * 65),
    "a step with a sign": ("step", "-1h"),
    "a cluster with a control character": ("cluster", "a\x1bb"),
    "a cluster over 200 characters": ("cluster", "x" * 201),
    "staging hidden, which is usual": ("staging", "hide"),
    "a split by what is no label": ("by", "pod) or (up"),
    "a split by nothing": ("by", ""),
    "a chart with a dot": ("chart", "bars.js"),
    "no series": ("top", "0"),
    "a hundred series": ("top", "100"),
    "half a series": ("top", "1.5"),
    "a number in Arabic digits": ("top", "1٢"),
}


@pytest.mark.parametrize(("name", "value"), REFUSED.values(), ids=REFUSED)
def test_a_value_of_another_form_is_left_out(name, value):
    assert decode({name: [value]}) == {}
    assert encode({name: value}) == {}


def test_a_query_of_several_lines_survives():
    expr = 'max by (namespace) (\n  up{a="é 🐍 & = # %"}\n)'
    assert decode(encode({"expr": expr})) == {"expr": expr}


def test_of_a_parameter_given_twice_the_last_counts_and_clusters_all_count():
    assert decode({"by": ["hub", "total"], "cluster": ["a", "b"]}) == {"by": "total", "cluster": ("a", "b")}


def test_every_parameter_has_one_name_and_says_what_it_means():
    assert len(set(NAMES)) == len(NAMES)
    assert all(parameter.help.endswith(".") for parameter in PARAMETERS)


@pytest.mark.parametrize("preset", read_catalogue().values(), ids=lambda preset: preset.id)
def test_the_link_of_a_preset_with_many_choices_stays_short(preset) -> None:
    """Some programs cut addresses after about 2,000 characters."""
    hubs = tuple(f"community-of-practice-{number:02}" for number in range(8))
    people = tuple(f"first.lastname{number:02}@university.example" for number in range(8))
    state = {
        "preset": preset.id,
        "dashboard": f"grafana.example.org/{'u' * 40}",
        "from": "2025-11-26T17:28:20.250Z",
        "to": "2026-11-25T17:28:20.250Z",
        "tz": "America/Argentina/ComodRivadavia",
        "step": "1h",
        "cluster": tuple(f"cluster-of-{number:02}" for number in range(10)),
        "staging": "show",
        "by": "annotation_hub_jupyter_org_username",
        "chart": "calendar",
        "top": "20",
    }
    for variable in preset.variables:
        chosen = ("365",) if isinstance(variable, NumberVariable) else people if variable.name == "user" else hubs
        state[VARIABLE + variable.name] = chosen
    link = "https://hubscope.example.org/chart?" + urlencode(encode(state), doseq=True)
    assert len(link) <= 2_000
    assert all(f"{name}=" in link for name in state)
