"""A token in a file: read at the start, and again when the file changes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lib.core.errors import ConfigError
from lib.core.settings import load_settings, refreshed
from lib.core.token_file import TokenFile

ONE, TWO = "glsa_one0one0one0one0", "glsa_two0two0two0two0"
URL = "https://g.example"


def rotate(path: Path, text: str) -> None:
    """Puts another file in the place of the first, as mounted secrets are changed."""
    new = path.with_name("new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that holds the first token and the end of its line."""
    (tmp_path / "token").write_text(f"{ONE}\n")
    return tmp_path / "token"


def test_the_token_of_a_file_is_used_without_the_end_of_its_line(path: Path):
    assert TokenFile(str(path), "GRAFANA_TOKEN_FILE").token().reveal() == ONE


def test_a_token_that_is_rotated_is_picked_up_with_another_label(path: Path):
    file = TokenFile(str(path), "GRAFANA_TOKEN_FILE")
    before = file.token()
    assert file.token() is before
    rotate(path, TWO)
    assert file.token().reveal() == TWO and file.token().label != before.label


def test_a_mounted_secret_that_changes_behind_its_link_is_picked_up(tmp_path: Path):
    for name, token in (("a", ONE), ("b", TWO)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "token").write_text(token)
    (tmp_path / "data").symlink_to("a")
    file = TokenFile(str(tmp_path / "data" / "token"), "GRAFANA_TOKEN_FILE")
    (tmp_path / "next").symlink_to("b")
    (tmp_path / "next").replace(tmp_path / "data")
    assert file.token().reveal() == TWO


def test_a_file_that_is_written_again_with_the_same_token_keeps_its_label(path: Path):
    file = TokenFile(str(path), "GRAFANA_TOKEN_FILE")
    before = file.token()
    rotate(path, ONE)
    os.utime(path, (1, 1))
    assert file.token() is before


SPOILT = {"empty": "", "two tokens": f"{ONE}\n{TWO}", "a byte order mark": f"\ufeff{TWO}", "curly quotes": f"“{TWO}”"}


@pytest.mark.parametrize("text", SPOILT.values(), ids=SPOILT)
def test_the_token_from_before_stays_in_use_while_there_is_none_in_the_file(path: Path, text: str):
    file = TokenFile(str(path), "GRAFANA_TOKEN_FILE")
    rotate(path, text)
    assert file.token().reveal() == ONE
    assert file.problem and "still in use" in file.problem.hint and TWO not in str(vars(file.problem))
    path.unlink()
    assert file.token().reveal() == ONE and file.problem
    rotate(path, TWO)
    assert file.token().reveal() == TWO and file.problem is None


@pytest.mark.parametrize("text", SPOILT.values(), ids=SPOILT)
def test_a_file_without_a_token_is_refused_at_the_start_and_never_shown(path: Path, text: str):
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="GRAFANA_TOKEN_FILE") as caught:
        load_settings({"GRAFANA_URL": URL, "GRAFANA_TOKEN_FILE": str(path)})
    assert TWO not in repr(vars(caught.value))


def test_a_file_that_is_not_there_is_refused_at_the_start():
    with pytest.raises(ConfigError, match="GRAFANA_TOKEN_FILE names a file that cannot be read"):
        load_settings({"GRAFANA_URL": URL, "GRAFANA_TOKEN_FILE": "/nowhere/token"})


def test_a_token_and_a_file_with_one_are_not_both_taken(path: Path):
    both = {"GRAFANA_URL": URL, "GRAFANA_TOKEN": ONE, "GRAFANA_TOKEN_FILE": str(path)}
    with pytest.raises(ConfigError, match="GRAFANA_TOKEN and GRAFANA_TOKEN_FILE are both set"):
        load_settings(both)


def test_only_the_grafana_whose_file_changed_has_another_token(path: Path):
    tables = [{"name": "a", "url": URL, "token_file": str(path)}, {"name": "b", "url": URL, "token": TWO}]
    settings = load_settings({"grafana": tables})
    labels = [grafana.token.label for grafana in settings.grafanas]
    assert [grafana.token.label for grafana in refreshed(settings).grafanas] == labels
    rotate(path, TWO)
    found = refreshed(settings).grafanas
    assert found[0].token.reveal() == TWO
    assert (found[0].token.label != labels[0], found[1].token.label == labels[1]) == (True, True)


def test_settings_without_files_are_left_alone():
    settings = load_settings({"GRAFANA_URL": URL, "GRAFANA_TOKEN": ONE})
    assert refreshed(settings) is settings


def test_a_grafana_goes_without_a_token_only_where_visitors_bring_their_own():
    given = {"GRAFANA_URL": URL, "HUBSCOPE_OWN_TOKENS": "on"}
    [grafana] = load_settings(given).grafanas
    assert grafana.token.missing and not grafana.own
    for off in ({"GRAFANA_URL": URL}, given | {"HUBSCOPE_OWN_TOKENS": "off"}):
        with pytest.raises(ConfigError, match="GRAFANA_TOKEN is empty"):
            load_settings(off)
    with pytest.raises(ConfigError, match="HUBSCOPE_OWN_TOKENS is neither off nor on"):
        load_settings(given | {"HUBSCOPE_OWN_TOKENS": "yes"})
