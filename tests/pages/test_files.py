"""Files on the pages: the sums of the screen, the bytes of the command, and nothing secret in what is copied."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lib.__main__ import main
from tests.double import TOKEN, grafana_double
from tests.pages.conftest import ROOT, forget
from tests.pages.test_pages import charts, numbers

PERIOD = {"from": "now-9d/d", "to": "now-1d/d"}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], bytes]]:
    """What writes the file behind each button, by the key of the button."""
    found: dict[str, Callable[[], bytes]] = {}
    button = st.download_button
    monkeypatch.setattr(
        st, "download_button", lambda *what, **more: found.update({more["key"]: what[1]}) or button(*what, **more)
    )
    return found


def visit(**parameters: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def table(content: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content))


def drawn_sum(app: AppTest) -> float:
    [chart] = charts(app)
    return sum(sum(numbers(trace["y"])) for trace in chart["data"])  # type: ignore[attr-defined]


@pytest.mark.parametrize("by", ["hub", "cluster", "total"])
@pytest.mark.parametrize("staging", ["", "show"])
def test_the_sum_on_the_screen_is_the_sum_in_every_file(made, staging, by):
    app = visit(preset="daily-users", by=by, staging=staging, **PERIOD)
    rows = table(made["_download_csv_long"]())
    wide = table(made["_download_csv_wide"]()).drop(columns=["time", "day"], errors="ignore")
    parquet = pd.read_parquet(io.BytesIO(made["_download_parquet"]()))
    series = json.loads(made["_download_json"]())["series"]
    sums = [rows["value"].sum(), wide.sum().sum(), parquet["value"].sum()]
    sums += [sum(value[-1] for each in series for value in each["values"])]
    assert sums == pytest.approx([sums[0]] * 4, rel=1e-9) and sums[0] > 0
    assert drawn_sum(app) == pytest.approx(sums[0], rel=1e-6)  # drawn from floats of 32 bits


@pytest.mark.parametrize(("format_", "key"), [("csv", "csv_long"), ("wide", "csv_wide")])
def test_the_command_writes_the_bytes_of_the_button(made, tmp_path: Path, format_, key):
    visit(preset="daily-users", by="cluster", tz="America/New_York", **PERIOD)
    given = ["export", "--preset", "daily-users", "--range", "..".join(PERIOD.values()), "--zone", "America/New_York"]
    output = ["--by", "cluster", "--format", format_, "--allow-partial", "--output", str(tmp_path / "x")]
    assert main([*given, *output]) == 0
    assert (tmp_path / "x").read_bytes() == made[f"_download_{key}"]()


def test_a_file_beyond_the_limit_is_refused_before_anybody_clicks(monkeypatch):
    monkeypatch.setenv("HUBSCOPE_MAX_ROWS", "1000")
    forget()
    app = visit(preset="daily-users", step="1h")
    buttons = [button.proto for button in app.get("download_button")]
    assert len(buttons) == 6 and all(button.disabled for button in buttons)
    assert "the most is 1,000 rows" in buttons[0].help.replace("\\", "")
    forget()


def test_what_is_copied_names_the_token_and_never_holds_it(monkeypatch):
    with grafana_double({"good": "leap", "rst": "icesat"}) as double:
        monkeypatch.setenv("GRAFANA_URL", double.url)
        monkeypatch.setenv("GRAFANA_TOKEN", TOKEN)
        forget()
        app = visit(preset="daily-users", **PERIOD)
    forget()
    copied = "\n".join(code.value for code in app.code)
    everything = copied + "\n".join(text.value for text in (*app.markdown, *app.caption))
    assert "GRAFANA_TOKEN" in copied and "curl -sS" in copied and "ask.tidy(" in copied and "lib export" in copied
    assert "/explore?schemaVersion=1" in everything and TOKEN not in everything
    assert "uids = ['good']" in copied  # the one that failed is left out, as in the file


def test_the_sample_cannot_be_reached_from_elsewhere_so_only_the_library_is_offered():
    copied = "\n".join(code.value for code in visit(preset="daily-users", **PERIOD).code)
    assert "ask.tidy(" in copied and "curl" not in copied and "sample.invalid" not in copied
