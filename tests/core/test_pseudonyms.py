"""Pseudonyms: one for each person in any spelling, never two people's, and nobody left in a query."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.core.merging import merge
from lib.core.pseudonyms import Pseudonyms, names_people
from lib.core.query import RangeQuery
from lib.core.result import Answer, Outcome, ResultType
from lib.core.time_range import DAY, TimeRange
from lib.core.variables import LABEL_VARIABLES, put_in
from lib.sample.names import escaped_name, safe_name, user_name

NAMES = [user_name("aurora", number) for cohort in (0, 1_000, 31_000) for number in range(cohort, cohort + 300)]


def pseudonyms(key: bytes = b"key") -> Pseudonyms:
    return Pseudonyms(key)


def test_a_person_has_one_pseudonym_in_every_spelling_and_no_two_people_share_one() -> None:
    given = pseudonyms()
    found = [
        {
            given.of(name),
            given.of(escaped_name(name)),
            given.of(safe_name(name)),
            given.of(f"jupyter-{safe_name(name)}"),
        }
        for name in NAMES
    ]
    assert all(len(each) == 1 for each in found)
    assert len(set.union(*found)) == len(set(NAMES))


def test_people_whose_digests_begin_alike_get_longer_pseudonyms() -> None:
    given = pseudonyms()
    found = {given.of(f"p{number}") for number in range(20_000)}
    assert len(found) == 20_000
    assert {len(each) for each in found} > {len("person-123456")}


def test_pseudonyms_depend_on_the_key_and_on_nothing_else() -> None:
    forwards, backwards = pseudonyms(), pseudonyms()
    assert [forwards.of(name) for name in NAMES[:20]] == [backwards.of(name) for name in NAMES[19::-1]][::-1]
    assert pseudonyms(b"another").of("ada") != forwards.of("ada")


@pytest.mark.parametrize("name", ["", "shared", "shared-readwrite", "_shared", ".snapshots", "lost+found"])
def test_what_belongs_to_nobody_keeps_its_name(name: str) -> None:
    assert pseudonyms().of(name) == name


LABELS = {
    "annotation_hub_jupyter_org_username": True,
    "username": True,
    "username_safe": True,
    "exported_username": True,
    "user": True,
    "directory": True,
    "usergroup": False,
    "namespace": False,
    "cluster": False,
    "container": False,
    "instance": False,
}


@pytest.mark.parametrize(("label", "expected"), LABELS.items(), ids=LABELS)
def test_labels_of_people_are_known_by_their_names(label: str, expected: bool) -> None:
    assert names_people(label) is expected


AWKWARD = ("ada", "a.b+c@example.org", 'q"uote\\d', "研究者 5", "x|y")


def test_chosen_people_are_gone_from_a_query_and_the_rest_of_it_stays() -> None:
    variable = LABEL_VARIABLES["user"]
    typed = f'sum(up{{pod=~"jupyter-.*", {variable.label}=~"$user"}}) by ({variable.label})'
    told = pseudonyms().in_text(put_in(typed, (variable,), {"user": AWKWARD[:3]}))
    assert told.startswith(f'sum(up{{pod=~"jupyter-.*", {variable.label}=~"person-')
    assert told.endswith(f'"}}) by ({variable.label})')
    assert not [name for name in ("ada", "example", "uote") if name in told]
    assert told.count("person-") == 3


QUERIES = {
    "equal": ('up{username="ada"}', "ada"),
    "single quotes": ("up{user!='ada'}", "ada"),
    "raw": ("up{user=~`ada|bo`}", "ada"),
    "spaces": ('up{username =~ "ada.*"}', "ada"),
    "a pod": ('up{pod="jupyter-ada"}', "ada"),
    "a quoted label": ('{"up", "username"="ada"}', "ada"),
    "what a server says": ('duplicate series {namespace="prod", username="ada"}', "ada"),
}


@pytest.mark.parametrize(("query", "name"), QUERIES.values(), ids=QUERIES)
def test_a_name_in_any_matcher_is_replaced(query: str, name: str) -> None:
    told = pseudonyms().in_text(query)
    assert name not in told and "person-" in told


@pytest.mark.parametrize("query", ['up{username!=""}', 'up{user=~".*"}', 'up{pod=~"jupyter-.*"}', "max by (user) (up)"])
def test_a_query_that_names_nobody_stays_as_it_is(query: str) -> None:
    assert pseudonyms().in_text(query) == query


def test_a_result_keeps_its_numbers_and_names_met_in_it_are_found_in_texts() -> None:
    grid = TimeRange(0, DAY, DAY)
    labels = ({"namespace": "prod", "username": "ada", "pod": "jupyter-ada", "note": "of ada"}, {"namespace": "prod"})
    query = RangeQuery("up", grid)
    answer = Answer(ResultType.MATRIX, grid, labels, np.arange(4.0).reshape(2, 2))
    result, given = merge(query, [Outcome("leap", "leap", answer)]), pseudonyms()
    told = given.in_result(result)
    ada = given.of("ada")
    assert told.series.iloc[0].to_dict() == {
        "cluster": "leap",
        "namespace": "prod",
        "note": f"of {ada}",
        "pod": f"jupyter-{ada}",
        "username": ada,
    }
    assert told.series.iloc[1]["username"] == ""
    assert told.values.equals(result.values)
    assert replace(result, series=told.series).rows == result.rows
    assert given.in_text("no home of ada yet") == f"no home of {ada} yet"
