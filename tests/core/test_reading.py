"""Queries in plain words: what each says, that presets are told in full, and that nothing makes it fail."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core.needs import metrics_in
from lib.core.preset_files import read_catalogue
from lib.core.promql import fill
from lib.core.reading import DEEPEST, LONGEST, read
from lib.core.time_range import DAY, TimeRange
from lib.core.variables import put_in

CATALOGUE = read_catalogue()
GRID = TimeRange(0, 30 * DAY, DAY)
STARTS = "jupyterhub_server_spawn_duration_seconds"


def filled(preset_id: str, choices: dict[str, tuple[str, ...]] | None = None) -> list[str]:
    preset = CATALOGUE[preset_id]
    return [fill(put_in(query.expr, preset.variables, choices or {}), GRID).text for query in preset.queries]


QUERIES = {
    # Selectors
    "up": "The value of up.",
    '{job="x"}': "Every series where job is x.",
    '{"my.metric"}': "The metric my.metric.",
    '{__name__=~"jup.*"}': "Every metric where its name matches jup.*.",
    'a{pod=~"jupyter-.*"}': "The value of a where pod matches jupyter-.*.",
    'a{namespace=~"x|y-z"}': "The value of a where hub is x or y-z.",
    'a{namespace=~"x\\\\.y|z[$]"}': "The value of a where hub is x.y or z$.",
    'a{namespace!~"x|y", b!~"z", c!~"q.*"}': (
        "The value of a where hub is neither x nor y and b is not z and c does not match q.*."
    ),
    'a{d=~".+", e=~".*", f="", g!~".+"}': "The value of a where d is set and f is not set and g is not set.",
    'a{x="1" or y="2"}': "The value of a where x is 1, or y is 2.",
    "a offset 30d": "The value of a 30 days earlier.",
    'a{x="1"} offset -5m': "The value of a where x is 1, 5 minutes later.",
    "a @ end()": "The value of a at the end.",
    "a @ 1700000000": "The value of a at 2023-11-14 22:13 UTC.",
    "a[90m]": "The samples within 1 hour 30 minutes of a.",
    # Numbers and moments
    "8 * 3600": "28800.",
    "time()": "Now.",
    "time() - a > 3600": "The time since a, only where above 1 hour.",
    "day_of_week()": "The day of the week.",
    # Aggregations
    "topk(5, sum by (namespace) (a))": "The 5 largest of the sum per hub of a.",
    "topk by (namespace) (1, a)": "For each hub, the single largest of a.",
    "sum without (pod) (a)": "The sum across every pod of a.",
    "quantile(0.5, a)": "The median (50th percentile) of a.",
    'count_values("v", a)': "The number of series for each value of a.",
    "count by (namespace) (max by (namespace, pod) (a) == 1)": (
        "For each hub, the number of pods for which the largest of a is 1."
    ),
    # Which pods are among the 2 largest does not show in the labels asked for: they count as series.
    "count(topk by (namespace) (2, a) > 3)": (
        "The number of series of (the 2 largest per hub of a, only where above 3)."
    ),
    # Functions
    "histogram_quantile(0.95, sum by (le) (rate(a_bucket[5m])))": (
        "The 95th percentile of the increase per second over 5 minutes of a_bucket."
    ),
    "quantile_over_time(0.9, a[1h])": "The 90th percentile over 1 hour of a.",
    "max_over_time(a[1h:5m] offset 1d)": "The largest value within 1 hour (every 5 minutes) of a 1 day earlier.",
    "predict_linear(a[1h], 4 * 3600) < 0": (
        "The value expected in 4 hours by the trend over 1 hour of a, only where below 0."
    ),
    'label_replace(a, "x", "$1", "y", "(.*)")': "The value of a with x taken from y.",
    "histogram_count(a)": "histogram_count(...) of a.",
    # Operations
    "a / b": "The value of a, divided by b.",
    "a / b * c": "The value of a, divided by b; times c.",
    "a * 5 / 60": "The value of a, divided by 12.",
    "1 - a / b": "1 minus (a, divided by b).",
    "8 < a": "The value of a, only where above 8.",
    "a > bool 2": "The value of a, as 1 where above 2 and 0 elsewhere.",
    "a + on (pod) group_left b": "The value of a, plus b (matched by pod).",
    "a * on (namespace, pod) group_left (x) group by (namespace, pod, x) (b)": (
        "The value of a, matched by hub and pod with b."
    ),
    "a * on (pod) group_left (node) kube_pod_info": "The value of a, matched by pod with kube_pod_info.",
    "a or vector(0)": "The value of a, or else 0.",
    "a and ignoring (x) b": "The value of a, only where, for the same labels but x, there is b.",
    "a unless b > 2": "The value of a, except where b is above 2.",
    "-a": "Minus a.",
    # What is too long or too deep
    "a+" * 20 + "b": "A combination of 2 metrics: a and b.",
    "1+" * 20 + "1": "A calculation.",
    "a @ 99999999999999": "A calculation with 1 metric: a.",
    # What is no PromQL, or would be too much for the parser
    "": "",
    "sum(": "",
    "no_function(a)": "",
    "a+" * 4_000 + "a": "",
    "-" * 9_000 + "a": "",
    "up # '\n" + "+ up" * 4_000: "",
}

PRESETS = {
    "daily-users": "For each hub, the largest of the last value within 1 hour of jupyterhub_active_users "
    "where period is 24h.",
    "month-end-users": "For each hub, the largest of the last value within 6 hours of jupyterhub_active_users "
    "where period is 30d, only when the day of the month is 1.",
    "unique-people": "The number of different people in any value within 30 days of kube_pod_annotations "
    "where pod matches jupyter-.* and person is set.",
    "new-accounts": "For each hub, the largest of the last value within 6 hours of jupyterhub_total_users, "
    "minus the largest of the last value within 6 hours of jupyterhub_total_users 30 days earlier.",
    "failed-starts": f"For each hub and status, the sum of the increase over 1 day of {STARTS}_count "
    "where status is not success.",
    "failed-share": f"For each hub, the sum of the increase over 1 day of {STARTS}_count where status is not success, "
    f"divided by (the sum of the increase over 1 day of {STARTS}_count, only where above 0).",
    "start-times": f"For each hub, the median (50th percentile) of the increase over 1 day of {STARTS}_bucket "
    "where status is success, only where at least 0.",
    "server-hours": "For each hub, the largest of the average over 1 day of jupyterhub_running_servers, times 24.",
    "long-running-servers": "For each hub, the number of pods for which the time since the largest of kube_pod_created "
    "where pod matches jupyter-.* is above 8 hours.",
    "untouched-space": "For each hub, the sum of (the largest per hub and directory of dirsize_total_size_bytes, "
    "only where, for the same hub and directory, the time since the largest of dirsize_latest_mtime is above 90 days).",
    "home-shares": "For each hub and directory, the largest of dirsize_total_size_bytes, "
    "divided by the sum per hub of the largest per hub and directory of dirsize_total_size_bytes (matched by hub).",
    "memory-by-person": "For each hub and person, the sum of container_memory_working_set_bytes "
    "where name is set and pod matches jupyter-.*, "
    "matched by hub and pod with kube_pod_annotations where pod matches jupyter-.*.",
    "pool-cpu-reserved": "For each pool, a combination of 5 metrics: kube_node_labels, kube_node_status_allocatable, "
    "kube_pod_container_resource_requests, kube_pod_labels and kube_pod_status_phase.",
}


@pytest.mark.parametrize("expr", QUERIES)
def test_a_query_is_told_in_words(expr: str) -> None:
    assert read(expr) == QUERIES[expr]


@pytest.mark.parametrize("preset_id", PRESETS)
def test_a_preset_is_told_in_words(preset_id: str) -> None:
    assert read(filled(preset_id)[0]) == PRESETS[preset_id]


def test_chosen_hubs_are_named() -> None:
    told = read(filled("accounts", {"hub": ("staging", "u.of-t")})[0])
    assert told == (
        "For each hub, the largest of the last value within 1 hour of jupyterhub_total_users "
        "where hub is staging or u.of-t."
    )


@pytest.mark.parametrize("preset_id", CATALOGUE)
def test_every_preset_has_a_reading_that_names_its_metrics(preset_id: str) -> None:
    for expr in filled(preset_id):
        told, names = read(expr), metrics_in(expr)
        assert 0 < len(told) <= LONGEST
        assert told.endswith(".")
        assert all(name in told for name in names) or f"{len(names)} metrics" in told


def test_too_many_hubs_leave_the_metric() -> None:
    hubs = tuple(f"hub-number-{number}" for number in range(60))
    assert read(filled("accounts", {"hub": hubs})[0]) == "For each hub, a calculation with 1 metric: " + (
        "jupyterhub_total_users."
    )


def test_names_that_are_too_long_are_counted() -> None:
    assert read(f"{'a' * 300} + {'b' * 300}") == "A combination of 2 metrics."


def test_a_tree_is_told_up_to_its_depth() -> None:
    assert read("abs(" * (DEEPEST - 1) + "a" + ")" * (DEEPEST - 1)).startswith("The absolute value of the absolute")
    assert read("abs(" * DEEPEST + "a" + ")" * DEEPEST) == "A calculation with 1 metric: a."
    assert read("(" * 100 + "a" + ")" * 100) == "The value of a."


def test_a_reading_is_one_line_without_hidden_turns() -> None:
    assert read('a{x="b\\n\u202ec"}') == "The value of a where x is b c."


@given(st.text())
@settings(max_examples=200)
def test_any_text_gives_a_text(text: str) -> None:
    assert isinstance(read(text), str)
    assert isinstance(read(f'a{{x="{text}"}}'), str)


LEAVES = st.sampled_from(
    ["up", "a_info", 'b{namespace=~"x|y"}', "c offset 1w", "d @ 1e18", "e offset 9999999y", "5", "0", "1e300", "Inf"]
    + ["time()", "day_of_month()", "rate(f[5m])", "vector(1)", "scalar(g)", "{job='h'}", "i[300000y]", '"text"']
)


def deeper(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = ["+", "/", "*", "-", "%", "^", "atan2", ">", "== bool", "and", "or", "unless", "and on ()"]
    operators += ["* on (pod) group_left (x)", "/ ignoring (x) group_right"]
    around = ["sum by (namespace) ({})", "group by (pod) ({})", "count({})", "topk(2, {})", "-({})", "abs({})"]
    around += ["count by (namespace) ({})", "max by (namespace, pod) ({})", "max_over_time(({})[1d:])", "round({}, 5)"]
    around += [
        "histogram_quantile(0.5, sum by (le, pod) ({}))",
        "predict_linear(({})[1h:5m], 1e300)",
        "quantile(2, {})",
    ]
    joined = st.tuples(parts, st.sampled_from(operators), parts).map(lambda three: "({} {} {})".format(*three))
    return joined | st.tuples(st.sampled_from(around), parts).map(lambda two: two[0].format(two[1]))


@given(st.recursive(LEAVES, deeper, max_leaves=12))
@settings(max_examples=300, deadline=None)
def test_any_query_is_told_within_the_limit(expr: str) -> None:
    told = read(expr)
    assert len(told) <= LONGEST
    assert told == "" or told.endswith(".")
    assert "\n" not in told
