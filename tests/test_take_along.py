"""What is taken out of the app: Python, shell commands and links, run as they were copied, give the CSV's numbers."""

from __future__ import annotations

import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from prometheus_pandas.query import metric_name

from lib import ask
from lib.__main__ import main
from lib.core.code_text import Behind, Look, command, curl, explore, library_cell, python_cell
from lib.core.errors import AppError
from lib.core.export import EXPORTS
from lib.core.query import InstantQuery, Query, RangeQuery
from lib.core.setting_names import SETTINGS
from lib.core.takeaway import Takeaway
from lib.core.time_range import DAY, HOUR, TimeRange
from tests.double import TOKEN, Double, grafana_double
from tests.prometheus_server import demand_programs

ROOT = Path(__file__).parents[1]
CLUSTERS = {"a1": "alpha", "b2": "beta"}
EXPR = "sum by (namespace) (jupyterhub_running_servers) / 3"
Values = dict[tuple[str, str, int], float]


@pytest.fixture(scope="module")
def real(prometheus: Mapping[str, str]) -> Iterator[Double]:
    """A Grafana with two clusters that are real."""
    upstream = {uid: prometheus[name] for uid, name in CLUSTERS.items()}
    with grafana_double(CLUSTERS, upstream=upstream, prefix="/grafana") as double:
        yield double


@pytest.fixture(scope="module")
def closed() -> Iterator[Double]:
    """A Grafana whose clusters answer anything at any time."""
    with grafana_double({"good": "alpha"}) as double:
        yield double


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Somewhere else than at the root of the app, with no settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)


def connect(monkeypatch: pytest.MonkeyPatch, double: Double) -> None:
    monkeypatch.setenv("GRAFANA_URL", double.url)
    monkeypatch.setenv("GRAFANA_TOKEN", TOKEN)


def behind(double: Double, clusters: Mapping[str, str]) -> list[Behind]:
    return [Behind(name, double.url, uid) for uid, name in clusters.items()]


def in_file(found: Takeaway) -> Values:
    """The values of the long CSV by cluster, series and moment."""
    frame = pd.read_csv(io.BytesIO(found.maker(EXPORTS["csv_long"])()), keep_default_na=False)
    labels = [name for name in frame.columns if name not in ("time", "cluster", "value")]
    moments = pd.to_datetime(frame["time"], utc=True).astype("datetime64[s, UTC]").astype("int64").tolist()
    rows = zip(frame.to_dict("records"), moments, strict=True)
    return {
        (row["cluster"], metric_name({name: row[name] for name in labels if row[name]}), at): float(row["value"])
        for row, at in rows
    }


def query_of(found: Takeaway) -> Query:
    about, grid = found.about, found.whole.grid
    expr = about.queries[0][1]
    return RangeQuery(expr, grid) if about.step else InstantQuery(expr, grid.start)


def in_notebook(text: str) -> Values:
    scope: dict[str, object] = {}
    exec(compile(text, "cell", "exec"), scope)
    data = scope["data"]
    assert isinstance(data, pd.DataFrame)
    return {
        (cluster, series, int(at.timestamp())): value
        for (cluster, series), column in data.items()
        for at, value in column.dropna().items()
    }


def in_shell(text: str, double: Double, clusters: Mapping[str, str]) -> Values:
    demand_programs("curl", package="curl")
    done = subprocess.run(["bash", "-euc", text], capture_output=True, text=True, timeout=60, check=True)
    replies = [json.loads(line) for line in done.stdout.splitlines() if line.strip()]
    per = len(replies) // len(clusters)
    found: Values = {}
    for place, reply in enumerate(replies):
        for series in reply["data"]["result"]:
            for at, value in series["values"]:
                found[[*clusters.values()][place // per], metric_name(series["metric"]), int(at)] = float(value)
    return found


def test_copied_python_and_curl_give_the_numbers_of_the_csv_from_real_servers(real, monkeypatch):
    connect(monkeypatch, real)
    found = ask.answer(EXPR, "now-5d", "now-1d", step="1h", staging=True)
    wanted, query = in_file(found), query_of(found)
    assert len(wanted) > 5 * 90 and {key[0] for key in wanted} == {"alpha", "beta"}
    assert in_notebook(python_cell(behind(real, CLUSTERS), query)) == wanted
    assert in_shell(curl(behind(real, CLUSTERS), query), real, CLUSTERS) == wanted


def test_days_of_23_and_25_hours_are_asked_for_as_they_are(closed, monkeypatch):
    connect(monkeypatch, closed)
    found = ask.answer("up", "2026-10-28", "2026-11-04", step="1d", zone="America/New_York", staging=True)
    wanted, query, there = in_file(found), query_of(found), {"good": "alpha"}
    assert not query.grid.uniform and len(wanted) == 2 * query.grid.points
    assert in_notebook(python_cell(behind(closed, there), query)) == wanted
    assert in_shell(curl(behind(closed, there), query), closed, there) == wanted


def test_copied_python_of_an_instant_query_keeps_the_clusters_apart(real, monkeypatch):
    connect(monkeypatch, real)
    moment = int(pd.Timestamp.now("UTC").timestamp()) - DAY
    scope: dict[str, object] = {}
    exec(compile(python_cell(behind(real, CLUSTERS), InstantQuery(EXPR, moment)), "cell", "exec"), scope)
    data = scope["data"]
    assert isinstance(data, pd.Series) and set(data.index.get_level_values("cluster")) == {"alpha", "beta"}
    assert "/api/v1/query " in curl(behind(real, CLUSTERS), InstantQuery(EXPR, moment))


SERVERS = "sum by (namespace) (jupyterhub_running_servers)"
LOOKS = {
    "a preset": Look("daily-users", True, 0, 0, "Europe/Berlin", "hub", clusters=("birch", "cedar")),
    "added up": Look("daily-users", True, 0, 0, "UTC", "total", step="1w", staging=True, clusters=("birch",)),
    "by the month": Look("daily-users", True, 0, 0, "UTC", "hub", do="month-max", clusters=("birch",)),
    "a query": Look(SERVERS, False, 0, 0, "UTC", "cluster", step="6h", clusters=("cedar", "birch")),
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_the_cell_with_our_own_library_and_the_command_give_the_very_file(look, tmp_path):
    now = pd.Timestamp.now("UTC").normalize().timestamp()
    look = replace(look, start=now - 20 * DAY, end=now - 0.001)
    same = {
        "zone": look.zone,
        "by": look.by,
        "do": look.do,
        "step": look.step,
        "staging": look.staging,
        "clusters": look.clusters,
    }
    asked = ask.answer(look.asked, *look.moments, **same)  # type: ignore[arg-type]
    content = asked.maker(EXPORTS["csv_long"])()
    scope: dict[str, object] = {}
    exec(compile(library_cell(look), "cell", "exec"), scope)
    table = scope["table"]
    assert isinstance(table, pd.DataFrame) and len(table) == asked.whole.rows > 0
    read = pd.read_csv(io.BytesIO(content), keep_default_na=False)
    assert table["value"].tolist() == read["value"].tolist() and list(table.columns) == list(read.columns)
    assert [moment.isoformat() for moment in table["time"]] == read["time"].tolist()
    words = shlex.split(command(look))
    assert words[:4] == ["python", "-m", "lib", "export"]
    assert main([*words[3:], "--output", str(tmp_path / "x.csv")]) == 0
    assert (tmp_path / "x.csv").read_bytes() == content


def test_no_cell_has_more_than_12_lines():
    look = Look("daily-users", True, 0, 1, "UTC", "hub", "1d", "share", True, ("a", "b"), ("up", "down"))
    query = RangeQuery("up\n# why\n", TimeRange(0, 20_000 * HOUR, HOUR))
    places = [Behind("a", "https://grafana.example.org", "x"), Behind("b", "https://grafana.example.org", "y")]
    assert len(library_cell(look).splitlines()) <= 12 and len(python_cell(places, query).splitlines()) <= 12
    assert "runs = [(0, 39596400), (39600000, 72000000)]" in python_cell(places, query)


def test_hostile_queries_and_names_stay_text_in_every_language(tmp_path):
    expr = 'up{x="\'; touch hacked; $(touch hacked) `touch hacked` \\""} # \n'
    places = [Behind("a", "https://grafana.example.org/$(touch hacked)", "x")]
    query = RangeQuery(expr, TimeRange(0, HOUR, HOUR))
    text = curl(places, query).replace("curl -sS", "printf '%s\\n'")
    surroundings = {**os.environ, "GRAFANA_TOKEN": "t"}
    done = subprocess.run(["bash", "-euc", text], capture_output=True, text=True, check=True, env=surroundings)
    assert f"query={expr}" in done.stdout and not (tmp_path / "hacked").exists()
    look = Look(expr, False, 0, 1, "UTC", "hub", clusters=("'\"\n",))
    assert shlex.split(command(look))[5] == expr and compile(library_cell(look), "cell", "exec")
    assert compile(python_cell(places, query), "cell", "exec")


def test_the_address_in_explore_has_the_data_source_the_query_and_the_moments():
    query = RangeQuery('sum(up{namespace="a b&c"})', TimeRange(HOUR, 3 * HOUR, HOUR))
    parts = urlsplit(explore(Behind("leap", "https://grafana.example.org/sub", "u-1"), query))
    assert (parts.netloc, parts.path) == ("grafana.example.org", "/sub/explore")
    asked = parse_qs(parts.query)
    [pane] = json.loads(asked["panes"][0]).values()
    assert asked["schemaVersion"] == ["1"] and pane["datasource"] == "u-1"
    assert pane["range"] == {"from": "3600000", "to": "10800000"}
    assert pane["queries"][0]["expr"] == query.expr and pane["queries"][0]["datasource"]["uid"] == "u-1"


# The command and the library


def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "lib", "export", *arguments], capture_output=True, cwd=ROOT)


def test_a_partial_failure_has_an_exit_code_of_its_own_and_writes_nothing(tmp_path, capsys):
    output = tmp_path / "x.csv"  # one cluster of the sample is always down
    given = ["export", "--preset", "daily-users", "--range", "now-3d", "--output", str(output)]
    assert main(given) == 3 and not output.exists()
    assert "1 of 4 clusters failed. drift: " in capsys.readouterr().err
    assert main([*given, "--allow-partial"]) == 0 and output.read_bytes().startswith(b"\xef\xbb\xbftime,")
    assert "drift" in capsys.readouterr().err


def test_the_command_names_the_file_as_the_button_does_or_prints_it():
    done = run("--preset", "daily-users", "--range", "now-1M/M", "--cluster", "birch", "--output", "-")
    assert (done.returncode, done.stderr) == (0, b"") and done.stdout.startswith(b"\xef\xbb\xbftime,day,cluster,")
    days = {line.split(b",")[1] for line in done.stdout.splitlines()[1:]}
    assert len(days) in (28, 29, 30, 31) and min(days).endswith(b"-01")


@pytest.mark.parametrize(
    ("arguments", "said"),
    {
        "no such preset": (["--preset", "daily-parrots"], "There is no preset “daily-parrots”."),
        "no such cluster": (["--expr", "up", "--cluster", "x"], "There is no cluster “x”. There are: aurora, birch,"),
        "no such split": (["--preset", "daily-users", "--cluster", "birch", "--by", "parrot"], "It can by: "),
        "not PromQL": (["--expr", "up{"], "Prometheus cannot read this"),
        "not a time": (["--expr", "up", "--range", "1M"], "1M"),
        "not a step": (["--expr", "up", "--step", "often"], "“often” is not a duration."),
        "all failed": (["--expr", "up", "--cluster", "drift"], "No cluster answered. drift: "),
        "no such folder": (
            ["--expr", "up", "--cluster", "birch", "--range", "now-1h", "--output", "no/such.csv"],
            "no/such.csv cannot be written",
        ),
    }.values(),
)
def test_an_error_is_a_sentence_and_exit_code_1(arguments, said, capsys):
    assert main(["export", *arguments]) == 1
    printed = capsys.readouterr().err
    assert said in printed and "Traceback" not in printed


def test_what_is_too_large_is_refused_with_an_estimate(monkeypatch, capsys):
    monkeypatch.setenv("HUBSCOPE_MAX_ROWS", "1000")
    given = [
        "export",
        "--expr",
        "jupyterhub_running_servers",
        "--range",
        "now-7d",
        "--step",
        "5m",
        "--cluster",
        "birch",
    ]
    assert main(given) == 1 and "the most is 1,000 rows" in capsys.readouterr().err


def test_a_table_warns_of_clusters_that_are_missing():
    with pytest.warns(UserWarning, match="drift gave no answer"):
        table = ask.tidy("daily-users", "now-3d")
    assert {"birch", "cedar"} <= set(table["cluster"]) and "drift" not in set(table["cluster"])


def test_a_preset_may_be_asked_with_other_queries_and_settings_are_read_from_files_too(tmp_path):
    with pytest.raises(AppError, match="has 1 queries; 2 are given"):
        ask.answer("daily-users", queries=("up", "up"))
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text('HUBSCOPE_ZONE = "Europe/Berlin"\n', encoding="utf-8")
    assert ask.configured().zone == "Europe/Berlin"
    (tmp_path / ".streamlit" / "secrets.toml").write_text("= x", encoding="utf-8")
    with pytest.raises(AppError, match="cannot be read as TOML"):
        ask.configured()


def test_no_text_holds_the_token(real, monkeypatch):
    connect(monkeypatch, real)
    query = RangeQuery("up", TimeRange(0, HOUR, HOUR))
    texts = [python_cell(behind(real, CLUSTERS), query), curl(behind(real, CLUSTERS), query)]
    found = ask.answer(EXPR, "now-1h", step="5m")
    texts += [str(vars(found)), found.about.as_json()]
    texts += [str(kind.write(found.whole, about=found.about)) for kind in EXPORTS.values()]
    assert [text for text in texts if TOKEN in text] == [] and all("GRAFANA_TOKEN" in text for text in texts[:2])


def test_the_example_workflow_runs_commands_that_there_are_and_takes_secrets_from_github():
    text = (ROOT / "docs" / "examples" / "monthly.yml").read_text(encoding="utf-8")
    commands = [line.partition("python -m lib ")[2] for line in text.splitlines() if "python -m lib " in line]
    assert [words.split()[0] for words in commands] == ["export", "export", "report"]
    for words in commands[:2]:  # in the folder of this test
        assert main([*words.split(), "--cluster", "birch"]) == 0
    assert Path("daily-users.csv").read_bytes().startswith(b"\xef\xbb\xbf") and Path("daily-users.zip").exists()
    assert "${{ secrets.GRAFANA_TOKEN }}" in text
