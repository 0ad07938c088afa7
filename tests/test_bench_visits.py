"""The client that load, soak and chaos are measured with reads charts and files right, and notices what is wrong."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from bench import record
from bench.chaos.faults import FAULTS
from bench.chaos.judging import bad_seconds, judge
from bench.chaos.script import SCENES, script
from bench.health import Pulse
from bench.load.steps import Step, held
from bench.process import Taken
from bench.soak.streamlit_counts import Counts, read
from bench.soak.trend import second_half, trend
from bench.upstream import UIDS, Mood, Remote, remote_double
from bench.visiting.acts import Act, Person, look_at, presets
from bench.visiting.crowd import Crowd, Event, percentile, told
from bench.visiting.page import Page, drawn, numbers
from bench.visiting.truth import Expected, Verdict, check, check_chart, check_file, true_value
from bench.visiting.visitor import Gone, Visitor, visiting
from tests.e2e.app import App, serve_app

HOUR = 3_600
QUERY = "jupyterhub_running_servers + 17"
EXPECTED = Expected(QUERY, UIDS)


@pytest.fixture(scope="module")
def remote() -> Iterator[Remote]:
    with remote_double(7, Mood(delay=0.001)) as double:
        yield double


@pytest.fixture(scope="module")
def app(remote: Remote) -> Iterator[App]:
    with serve_app({**remote.settings, "HUBSCOPE_EDITOR": "plain", "HUBSCOPE_TIMEOUT": "5"}) as running:
        yield running


@pytest.fixture
def visitor(app: App, remote: Remote) -> Iterator[Visitor]:
    remote.tell(Mood(delay=0.001))
    with visiting(app.url) as someone:
        yield someone


# On the running app


def test_every_preset_is_read_and_is_right(visitor):
    person = Person(visitor, 1)
    assert person.arrive().verdict == Verdict(checked=180)
    for title in presets():
        visitor.choose("Questions", title)
        verdict = look_at(visitor.page, Expected(presets()[title]["expr"], UIDS, presets()[title]["covers"]))
        assert verdict.checked >= 180
        assert (verdict.wrong, verdict.unlabelled) == ([], [])


def test_a_query_and_its_file_are_right_and_those_of_another_query_are_wrong(visitor):
    person = Person(visitor, 2)
    person.arrive()
    asked = person.ask(QUERY)
    assert asked.verdict.checked >= 180 and asked.verdict.wrong == []
    content = visitor.download("CSV (")
    assert check_file(content, EXPECTED, told="") == Verdict(checked=asked.verdict.checked)
    other = check_file(content, Expected("jupyterhub_running_servers + 18", UIDS), told="")
    assert len(other.wrong) == other.checked


def test_a_cluster_that_is_dead_is_named_and_its_reason_is_counted(visitor, remote):
    remote.tell(Mood(delay=0.001, clusters={"cedar": "login-html", "rowan": "slow"}))
    asked = Person(visitor, 3).ask("kube_pod_info + 3")
    assert (asked.verdict.wrong, asked.verdict.unlabelled) == ([], [])
    assert asked.failures == {"a login page instead of an answer": 1}
    assert {name for figure in visitor.page.charts() for name, _, _ in drawn(figure)} == set(UIDS) - {"cedar"}


def test_a_page_without_a_chart_has_to_say_why(visitor, remote):
    remote.tell(Mood(delay=0.001, clusters=dict.fromkeys(UIDS, "login-html")))
    assert Person(visitor, 4).ask("kube_pod_info + 4").verdict == Verdict()
    assert look_at(Page(), EXPECTED).unlabelled != []


# What is planted is noticed


def rows(change: dict[tuple[str, int], float] | None = None) -> list[tuple[str, int, float]]:
    """What a right chart draws: three moments of every cluster; and what is changed."""
    right = {
        (name, at): true_value(uid, "prod", at, QUERY) for name, uid in UIDS.items() for at in range(0, 3 * HOUR, HOUR)
    }
    return [(name, at, value) for (name, at), value in (right | (change or {})).items() if not math.isnan(value)]


def test_right_values_are_right():
    assert check(rows(), EXPECTED, told="") == Verdict(checked=18)


PLANTED = {
    "a value that is one too large": (
        {("cedar", HOUR): 1 + true_value(UIDS["cedar"], "prod", HOUR, QUERY)},
        "cedar at",
    ),
    "zero for what is missing": ({("cedar", HOUR): 0.0}, "cedar at 3600: 0 for"),
    "another cluster's value": ({("cedar", 0): true_value(UIDS["maple"], "prod", 0, QUERY)}, "cedar at 0"),
    "the hub that is hidden": ({("cedar", 0): true_value(UIDS["cedar"], "staging", 0, QUERY)}, "cedar at 0"),
    "a cluster that is none": ({("oak", 0): 1.0}, "oak is no cluster"),
    "a point that is lost": ({("cedar", HOUR): math.nan}, "cedar lacks 1 of 3 moments"),
    "a moment that is lost by all": (
        {(name, HOUR): math.nan for name in UIDS}
        | {(name, 5 * HOUR): true_value(uid, "prod", 5 * HOUR, QUERY) for name, uid in UIDS.items()},
        "seconds apart",
    ),
}


@pytest.mark.parametrize(("change", "words"), PLANTED.values(), ids=PLANTED)
def test_a_planted_wrong_value_is_noticed(change, words):
    assert any(words in wrong for wrong in check(rows(change), EXPECTED, told="").wrong)


def test_a_missing_cluster_has_to_be_named():
    without = [row for row in rows() if row[0] != "cedar"]
    assert check(without, EXPECTED, told="all 6 clusters").unlabelled == ["cedar is missing and not named"]
    assert check(without, EXPECTED, told="cedar: no answer in time").unlabelled == []


def test_a_chart_of_days_stands_a_day_earlier_where_the_preset_says_so():
    day = 24 * HOUR
    moved = [
        (name, at - day, true_value(uid, "prod", at, QUERY)) for name, uid in UIDS.items() for at in (day, 2 * day)
    ]
    assert check_chart(moved, Expected(QUERY, UIDS, "window"), told="").wrong == []
    assert check_chart(moved, EXPECTED, told="").wrong != []


def test_typed_arrays_and_lists_are_read_alike():
    assert numbers({"dtype": "i2", "bdata": "AQD//w=="}).tolist() == [1.0, -1.0]
    assert drawn({"data": [{"meta": ["a"], "x0": 1_000, "dx": 2_000, "y": [1, None, 3]}]}) == [
        ("a", 1, 1.0),
        ("a", 5, 3.0),
    ]


def test_what_a_run_has_not_drawn_again_is_gone():
    page = Page()
    for run, paths in (("first", [(0, 0), (0, 1)]), ("second", [(0, 0)])):
        begin, end = ForwardMsg(), ForwardMsg(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY)
        begin.new_session.SetInParent()
        begin.metadata.run.script_run_id = run
        page.take(begin)
        for path in paths:
            message = ForwardMsg()
            message.metadata.delta_path.extend(path)
            message.delta.new_element.markdown.body = f"{run} {path}"
            page.take(message)
        page.take(end)
    assert page.text() == "second (0, 0)"


# Figures


def test_the_line_of_least_squares_is_found_and_knows_how_sure_it_is():
    exact = trend([0, 1, 2, 3], [5, 7, 9, 11])
    assert (exact.slope, exact.error) == (2.0, 0.0)
    noisy = trend(list(range(100)), [0.5 * (-1) ** at for at in range(100)])
    assert abs(noisy.slope) < 2 * noisy.error and noisy.below(1e-9)
    assert not exact.below(1.0)
    with pytest.raises(ValueError, match="three readings"):
        trend([1, 2], [1, 2])
    assert list(second_half([1, 2, 3, 4, 5])) == [3, 4, 5]


@pytest.mark.parametrize(("share", "value"), [(0.5, 50.0), (0.95, 95.0), (0.99, 99.0), (1.0, 100.0)])
def test_a_percentile_is_a_value_that_was_seen(share, value):
    assert percentile([float(number) for number in range(100, 0, -1)], share) == value


def step(visitors: int, *, took: float, wrong: tuple[str, ...] = (), health: float = 0.01, error: str = "") -> Step:
    acts = [Event(0, Act("preset", took, Verdict(10, list(wrong)))), *([Event(0, None, error)] if error else [])]
    nothing = Taken(2**20, 0.0, 1, 1, 0)
    return Step(visitors, told(acts), (), 10.0, health, {"most": 6, "asked": 3}, nothing, nothing)


def test_load_is_held_up_to_the_first_step_that_is_slow_wrong_or_unwell():
    good = [step(1, took=0.1), step(5, took=1.9)]
    assert held([*good, step(10, took=2.0), step(20, took=0.1)]) == 5
    assert held([*good, step(10, took=0.1, wrong=("x",))]) == 5
    assert held([*good, step(10, took=0.1, health=0.5)]) == 5
    assert held([*good, step(10, took=0.1, error="closed by the server")]) == 5
    assert held([*good, step(10, took=0.1)]) == 10


def test_a_line_of_figures_can_be_read_back(tmp_path, monkeypatch):
    monkeypatch.setattr(record, "RESULTS", tmp_path)
    record.keep_line("load", {"ours": {"steps": [step(5, took=0.25).line()]}})
    (line,) = (json.loads(each) for each in (tmp_path / "load.jsonl").read_text().splitlines())
    assert {"date", "commit", "machine"} < line.keys()
    (kept,) = line["ours"]["steps"]
    assert (kept["visitors"], kept["p95"], kept["checked"], kept["held"], kept["hits"]) == (5, 0.25, 10, True, 0.5)


def test_streamlits_own_counts_are_read():
    text = 'active_sessions 3\ncache_memory_bytes{cache_type="st_memory_media_file_storage",cache=""} 12\nx_bytes 1\n'
    assert read(text) == Counts(sessions=3, media=12)


# Chaos


def test_a_seed_is_the_same_script_each_time_and_every_fault_has_its_seed():
    assert [script(seed) for seed in range(30)] == [script(seed) for seed in range(30)]
    assert {script(seed)[0][0] for seed in range(len(FAULTS))} == set(FAULTS)
    assert all(len(script(seed)) == SCENES for seed in range(30))


def seen(*, health: float = 0.01, wrong: tuple[str, ...] = (), error: str = "") -> tuple[Pulse, Crowd]:
    crowd = Crowd("http://127.0.0.1:1", 0)
    crowd.events = [
        Event(101.0, Act("preset", 0.1, Verdict(10, list(wrong)))),
        *([Event(102.0, None, error)] if error else []),
    ]
    return Pulse([(100 + at / 10, health, 200) for at in range(100)]), crowd


def test_who_cannot_get_in_is_told_so():
    with pytest.raises(Gone, match="not let in: ConnectionRefusedError"), visiting("http://127.0.0.1:9"):
        pass


def test_a_scene_in_which_nobody_was_answered_is_not_survived():
    pulse, _ = seen()
    outcome = judge(("x",), pulse, Crowd("", 0), 100.0, 104.0, 1.0, excused=False, alive=True)
    assert outcome.complaints == ("nobody was answered",)


CHAOS = {
    "nothing": ({}, 1.0, True, ""),
    "a wrong number": ({"wrong": ("x",)}, 1.0, True, "wrong: x"),
    "a visitor thrown out": ({"error": "closed by the server"}, 1.0, True, "a visitor: closed"),
    "health too slow": ({"health": 0.6}, 1.0, True, "health took"),
    "well too late": ({}, 31.0, True, "not well again"),
    "the end of the process": ({}, 1.0, False, "has ended"),
}


@pytest.mark.parametrize(("happened", "recovery", "alive", "words"), CHAOS.values(), ids=CHAOS)
def test_a_scene_is_judged_by_what_was_seen(happened, recovery, alive, words):
    pulse, crowd = seen(**happened)
    outcome = judge(("x",), pulse, crowd, 100.0, 104.0, recovery, excused=False, alive=alive)
    assert outcome.survived is not bool(words)
    assert words in "; ".join(outcome.complaints)


def test_silence_is_excused_while_the_server_is_stopped_and_a_wrong_number_never_is():
    silent, crowd = seen(health=5.0, wrong=("x",), error="connection lost")
    outcome = judge(("x",), silent, crowd, 100.0, 104.0, 1.0, excused=True, alive=True)
    assert outcome.complaints == ("wrong: x",)
    assert outcome.outage == 5 and bad_seconds(silent, 100.0, 101.0) == [100.0]
