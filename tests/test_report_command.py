"""`python -m lib report`: the file it writes, what it says is missing, and with which code it ends."""

from __future__ import annotations

import pytest

from lib.__main__ import main
from lib.core.setting_names import SETTINGS


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path) -> None:
    """Nothing configured, and an empty folder to write to."""
    monkeypatch.chdir(tmp_path)
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)


def test_the_monthly_report_is_written_and_who_is_missing_is_said(capsys, tmp_path) -> None:
    assert main(["report", "--month", "2026-10"]) == 3
    told = capsys.readouterr()
    assert told.out == "monthly-community-report_2026-10-01_2026-10-31.html\n"
    assert "daily-users: drift: " in told.err
    text = (tmp_path / told.out.strip()).read_text(encoding="utf-8")
    assert "<title>Monthly community report · 1 Oct – 31 Oct 2026</title>" in text
    assert text.count('<svg class="wide"') == 7


@pytest.mark.parametrize("names", [False, True])
def test_people_have_pseudonyms_unless_somebody_asks_for_their_names(tmp_path, names: bool) -> None:
    given = ["report", "--presets", "home-sizes", "--output", "people.html", *(["--names"] if names else [])]
    assert main(given) == 3
    text = (tmp_path / "people.html").read_text(encoding="utf-8")
    assert ("person-" in text) is not names


WRONG = {
    "a month": (["--month", "soon"], "Write it as"),
    "a preset": (["--presets", "daily-users,nope"], "There is no preset nope."),
    "a place to write": (["--presets", "hub-up", "--output", "gone/x.html"], "cannot be written"),
}


@pytest.mark.parametrize(("given", "said"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_done_is_said(capsys, given: list[str], said: str) -> None:
    assert main(["report", *given]) == 1
    assert said in capsys.readouterr().err
