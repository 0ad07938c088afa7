"""Dashboards of Grafana as presets: what each panel becomes, and which are left out and why."""

from __future__ import annotations

import contextlib
import re

import promql_parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.charts import CHART_TYPES
from lib.core.dashboard_json import load
from lib.core.dashboard_variables import FILLED
from lib.core.dashboards import MOST_QUERIES, read_dashboard
from lib.core.errors import PresetError
from lib.core.permalink import decode
from lib.core.presets import Covers
from lib.core.promql import MAX_LENGTH, fill
from lib.core.time_range import DAY, HOUR, TimeRange
from lib.core.units import UNITS
from lib.core.variables import put_in

GRID = TimeRange(0, DAY, HOUR)
PROMETHEUS = {"type": "prometheus", "uid": "abc"}
HUB = {
    "name": "hub",
    "type": "query",
    "query": 'label_values(kube_service_labels{service="hub"}, namespace)',
    "multi": True,
    "includeAll": True,
}


def target(expr: str = "up", **more: object) -> dict[str, object]:
    return {"refId": "A", "expr": expr} | more


def panel(*targets: object, unit: str = "short", custom: object = None, **more: object) -> dict[str, object]:
    return {
        "id": 7,
        "type": "timeseries",
        "title": "Running servers",
        "datasource": PROMETHEUS,
        "targets": list(targets) or [target()],
        "fieldConfig": {"defaults": {"unit": unit, "custom": custom}},
    } | more


def dashboard(*panels: object, variables: tuple[object, ...] = (HUB,), **more: object) -> dict[str, object]:
    return {"title": "Activity", "uid": "jhgd", "panels": list(panels), "templating": {"list": list(variables)}} | more


def preset_of(*panels: object, **more: object):
    found = read_dashboard(dashboard(*panels, **more))
    assert found.left_out == ()
    return found.presets[0]


def test_a_panel_becomes_a_preset_with_its_words() -> None:
    text = "How many ran.\n\nAt any time."
    preset = preset_of(panel(target(legendFormat="{{ namespace }}"), description=text), time={"from": "now-90d"})
    assert (preset.title, preset.question, preset.subject) == ("Running servers", "Running servers", "Activity")
    assert (preset.means, preset.legend, preset.range) == ("How many ran. At any time.", "{{ namespace }}", "now-90d")
    assert (preset.adds, preset.covers, preset.upstream) == (False, Covers.INSTANT, None)


def test_a_panel_without_a_description_says_where_it_is_from() -> None:
    assert preset_of(panel()).means == "What the panel “Running servers” of the dashboard “Activity” shows."


def test_with_an_address_there_is_a_link_to_the_panel() -> None:
    found = read_dashboard(dashboard(panel(), uid="a b"), "https://example.org/grafana")
    assert found.presets[0].upstream.url == "https://example.org/grafana/d/a%20b?viewPanel=7"


WRAPPED = {
    "bare": lambda one: one,
    "as the API gives it": lambda one: {"meta": {}, "dashboard": one},
    "as the newer API gives it": lambda one: {"apiVersion": "dashboard.grafana.app/v1beta1", "spec": one},
}


@pytest.mark.parametrize("wrap", WRAPPED.values(), ids=WRAPPED)
def test_a_dashboard_is_found_in_what_is_round_it(wrap) -> None:
    assert read_dashboard(wrap(dashboard(panel()))).title == "Activity"


ARRANGED = {
    "an open row": dashboard({"type": "row", "title": "R", "panels": []}, panel()),
    "a collapsed row": dashboard({"type": "row", "title": "R", "panels": [panel()]}),
    "rows of old": {"title": "Activity", "rows": [{"panels": [panel()]}]},
    "beside a text": dashboard({"type": "text", "title": "Read me"}, panel()),
}


@pytest.mark.parametrize("arranged", ARRANGED.values(), ids=ARRANGED)
def test_panels_are_found_wherever_they_stand(arranged) -> None:
    found = read_dashboard(arranged)
    assert [preset.title for preset in found.presets] == ["Running servers"]
    assert found.left_out == ()


# Grafana's unit, ours, and the query that `up` becomes.
MAPPED = {
    "bytes": ("bytes", "up"),
    "decbytes": ("bytes", "up"),
    "binBps": ("bytes_per_second", "up"),
    "Bps": ("bytes_per_second", "up"),
    "s": ("seconds", "up"),
    "ms": ("seconds", "(\nup\n) / 1000"),
    "h": ("hours", "up"),
    "percent": ("percentunit", "(\nup\n) / 100"),
    "percentunit": ("percentunit", "up"),
    "short": ("short", "up"),
    "sishort": ("short", "up"),
    "reqps": ("requests_per_second", "up"),
    "none": ("short", "up"),
    "parrots": ("short", "up"),
}


@pytest.mark.parametrize(("unit", "ours", "expr"), [(name, *each) for name, each in MAPPED.items()], ids=MAPPED)
def test_units_are_ours_and_values_fit_them(unit, ours, expr) -> None:
    preset = preset_of(panel(unit=unit))
    assert (preset.unit, preset.expr) == (ours, expr)
    assert preset.unit in UNITS


def test_a_comment_at_the_end_of_a_query_does_not_swallow_the_factor() -> None:
    promql_parser.parse(preset_of(panel(target("up # is it up?"), unit="ms")).expr)


STACKED = {"stacking": {"mode": "normal"}}
CHARTS = {
    "lines": (panel(), "lines", False),
    "stacked lines": (panel(custom=STACKED), "area", False),
    "stacked lines of old": (panel(type="graph", stack=True), "area", False),
    "bars": (panel(custom=STACKED | {"drawStyle": "bars"}), "bars", False),
    "a bar chart": (panel(type="barchart"), "bars", False),
    "a stat": (panel(type="stat"), "table", True),
    "a stat of the mean": (panel(type="stat", options={"reduceOptions": {"calcs": ["mean"]}}), "lines", False),
    "a table": (panel(target(instant=True), type="table"), "table", True),
    "instant and range at once": (panel(target(instant=True, range=True)), "lines", False),
    "one of two is instant": (panel(target(instant=True), target(refId="B")), "lines", False),
}


@pytest.mark.parametrize(("given", "chart", "instant"), CHARTS.values(), ids=CHARTS)
def test_charts_and_moments_follow_the_panel(given, chart, instant) -> None:
    preset = preset_of(given)
    assert (preset.chart, preset.instant) == (chart, instant)
    assert preset.chart in {*CHART_TYPES, "table"}


def variable(name: str, query: object = "label_values(up, job)", **more: object) -> dict[str, object]:
    return {"name": name, "type": "query", "query": query} | more


USER = "label_values(kube_pod_annotations, annotation_hub_jupyter_org_username)"
ALL = {"multi": True}
# A query, further variables of the dashboard, and what the query becomes.
VARIABLES = {
    "ours": ('up{namespace=~"$hub"}', (), 'up{namespace=~"$hub"}'),
    "in braces": ('up{namespace=~"${hub}"}', (), 'up{namespace=~"$hub"}'),
    "with a format": ('up{namespace=~"${hub:regex}"}', (), 'up{namespace=~"$hub"}'),
    "in square brackets": ('up{namespace=~"[[hub]]"}', (), 'up{namespace=~"$hub"}'),
    "in single quotes": ("up{namespace=~'$hub'}", (), 'up{namespace=~"$hub"}'),
    "with an equals sign": ('up{namespace="$hub"}', (), 'up{namespace=~"$hub"}'),
    "by its upstream name": (
        'up{a=~"$user_name"}',
        (variable("user_name", {"query": USER, "refId": "x"}),),
        'up{a=~"$user"}',
    ),
    "one that may stand for all goes": ('up{job=~"$job", a="b"}', (variable("job", **ALL),), 'up{ a="b"}'),
    "also where it stands alone": ('up{job=~"$job"}', (variable("job", includeAll=True),), "up"),
    "also on a label with digits": ('up{a="b", Job2=~"$job"}', (variable("job", **ALL),), 'up{a="b"}'),
    "our name on another label goes": (
        'up{node=~"$user"}',
        (variable("user", "label_values(up, node)", **ALL),),
        "up",
    ),
    "intervals stay": ("rate(x[$__rate_interval])", (), "rate(x[$__rate_interval])"),
    "capture groups stay": ('label_replace(x, "a", "$1", "b", "(.*)")', (), 'label_replace(x, "a", "$1", "b", "(.*)")'),
    "a number stays, to be changed": (
        "x > ${least}",
        ({"name": "least", "type": "custom", "current": {"value": "0.5"}},),
        "x > $least",
    ),
}


@pytest.mark.parametrize(("expr", "variables", "adapted"), VARIABLES.values(), ids=VARIABLES)
def test_variables_become_ours_or_go(expr, variables, adapted) -> None:
    preset = preset_of(panel(target(expr)), variables=(HUB, *variables))
    assert preset.expr == adapted
    text = fill(put_in(preset.expr, preset.variables, {}), GRID).text
    promql_parser.parse(text)


def test_a_number_keeps_its_words_and_its_value() -> None:
    least = {"name": "least", "label": "At least", "type": "textbox", "query": "3"}
    [number] = preset_of(panel(target("x > $least")), variables=(least,)).variables
    assert (number.words, number.default) == ("At least", 3.0)


@pytest.mark.parametrize("name", sorted(FILLED))
def test_every_variable_that_is_said_to_be_filled_is(name) -> None:
    assert "$" not in fill(f"x / ${name}", GRID).text


LEFT_OUT = {
    "an unknown variable": (panel(target('up{job="$job"}')), r"\$job"),
    "one that is not defined": (panel(target('up{job=~"$gone"}')), r"\$gone"),
    "two of them": (panel(target("$a + $b")), r"\$a, \$b"),
    "one that may stand for all, inside of a pattern": (panel(target('up{job=~"x-$many.*"}')), r"\$many"),
    "one that may stand for all, excluded": (panel(target('up{job!~"$many"}')), r"\$many"),
    "one whose value is no number": (panel(target("rate(x[$window])")), r"\$window"),
    "a built-in that we do not fill": (panel(target("x[$__auto]")), r"\$__auto"),
    "no query": (panel(targets=[]), "no PromQL"),
    "hidden queries only": (panel(target(hide=True)), "no PromQL"),
    "a query in another language": (panel({"rawSql": "select 1"}, datasource={"type": "mysql"}), "no PromQL"),
    "another data source": (panel(datasource={"type": "loki", "uid": "x"}), "Prometheus"),
    "no data source": (panel(datasource=None), "Prometheus"),
    "a mixed panel": (panel(target(), {"datasource": {"type": "loki"}, "expr": "{a=1}"}), "Prometheus"),
    "a library panel": (panel(targets=None, libraryPanel={"uid": "x"}), "library"),
    "a query too long": (panel(target("x" * (MAX_LENGTH + 1))), "characters"),
    "only a comment": (panel(target("# nothing")), "empty"),
    "too many queries": (panel(*[target()] * (MOST_QUERIES + 1)), "most is 20"),
}
DEFINED = (
    HUB,
    variable("many", **ALL),
    variable("job"),
    {"name": "window", "type": "custom", "current": {"value": "5m"}},
)


@pytest.mark.parametrize(("given", "reason"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_a_panel_that_cannot_be_offered_is_left_out_with_the_reason(given, reason) -> None:
    found = read_dashboard(dashboard(given, panel(title="Other"), variables=DEFINED))
    assert [preset.title for preset in found.presets] == ["Other"]
    [left_out] = found.left_out
    assert left_out.panel == "Running servers"
    assert re.search(reason, left_out.reason) and left_out.reason.endswith(".")


def test_a_data_source_chosen_by_a_variable_is_prometheus_when_the_variable_says_so() -> None:
    chooses = {"name": "DS", "type": "datasource", "query": "prometheus"}
    other = {"name": "LOGS", "type": "datasource", "query": "loki"}
    given = (panel(datasource={"uid": "${DS}"}), panel(datasource="$DS", id=8), panel(datasource="$LOGS", id=9))
    found = read_dashboard(dashboard(*given, variables=(chooses, other)))
    assert (len(found.presets), len(found.left_out)) == (2, 1)


def test_several_queries_are_named_by_their_legends_or_letters() -> None:
    targets = (
        target(legendFormat="{{pod}}: {{container}}"),
        target(refId="B", legendFormat="limit ({{pod}})"),
        target(refId="C", legendFormat="limit ({{pod}})"),
        target(refId="D", legendFormat="__auto"),
    )
    preset = preset_of(panel(*targets))
    assert [query.name for query in preset.queries] == ["A", "limit", "limit (2)", "D"]
    assert preset.legend == ""


def test_what_looks_at_each_step_covers_it() -> None:
    assert preset_of(panel(target("increase(x[$__interval])"))).covers is Covers.STEP


def test_ids_differ_and_fit_into_an_address_and_last() -> None:
    given = dashboard(panel(), panel(id=8), panel(id=9, title="§" * 90), panel(id=10, title="Users " * 90))
    ids = [preset.id for preset in read_dashboard(given).presets]
    assert len(set(ids)) == 4
    assert all(decode({"preset": [each]}) for each in ids)
    assert ids == [preset.id for preset in read_dashboard(given).presets]


@pytest.mark.parametrize("found", [None, [], {}, "x", {"elements": {}}, {"spec": {"elements": {}}}, {"panels": {}}])
def test_what_is_no_dashboard_is_refused_with_a_next_step(found) -> None:
    with pytest.raises(PresetError) as caught:
        read_dashboard(found)
    assert caught.value.hint


def test_what_is_not_json_is_refused() -> None:
    with pytest.raises(PresetError):
        load(b"[" * 100_000)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
ANY = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4))


@given(ANY)
def test_any_json_is_a_dashboard_or_refused(found) -> None:
    with contextlib.suppress(PresetError):
        read_dashboard(found)


def odd(*good: object) -> st.SearchStrategy[object]:
    """Mostly what belongs there, sometimes anything."""
    return st.sampled_from(good) | ANY


EXPRS = odd("up", 'up{job=~"$job"}', 'a{namespace=~"${hub}"}', "x > $n", "rate(x[$__interval])", "[[hub]]", "$__x")
NAMES = odd("hub", "job", "n", "user", "DS", "A b")
TARGETS = st.fixed_dictionaries(
    {"expr": EXPRS}, optional={"refId": odd("A"), "legendFormat": odd("{{a}}", "$hub"), "hide": odd(True, False)}
)
PANELS = st.fixed_dictionaries(
    {"targets": st.lists(TARGETS | ANY, max_size=3) | ANY, "datasource": odd(PROMETHEUS, "$DS")},
    optional={
        "type": odd("timeseries", "stat", "row", "table"),
        "title": odd("Users", ""),
        "id": odd(1, 2),
        "fieldConfig": odd({"defaults": {"unit": "ms", "custom": None}}),
        "options": odd({"reduceOptions": {"calcs": [[]]}}),
        "panels": odd([panel()]),
        "description": odd("What it is."),
    },
)
DEFINITIONS = st.fixed_dictionaries(
    {"name": NAMES, "type": odd("query", "custom", "datasource")},
    optional={
        "query": odd("label_values(up, namespace)", "label_values(job)", "prometheus", "5"),
        "multi": odd(True),
        "current": odd({"value": "5"}),
    },
)
DASHBOARDS = st.fixed_dictionaries(
    {"panels": st.lists(PANELS | ANY, max_size=4)},
    optional={
        "title": odd("Activity"),
        "uid": odd("jhgd"),
        "time": odd({"from": "now-6h"}),
        "templating": st.fixed_dictionaries({"list": st.lists(DEFINITIONS | ANY, max_size=5)}) | ANY,
    },
)


@given(DASHBOARDS)
def test_whatever_stands_in_a_dashboard_only_what_can_be_filled_is_offered(found) -> None:
    for preset in read_dashboard(found, "https://example.org").presets:
        for query in preset.queries:
            for choices in ({}, {each.name: ("a$b", "c") for each in preset.variables}):
                fill(put_in(query.expr, preset.variables, choices), GRID)
