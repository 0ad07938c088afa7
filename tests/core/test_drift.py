"""Drift: queries of upstream dashboards that are new, gone or changed since they were recorded."""

from __future__ import annotations

import pytest

from lib.core.drift import Drift, Place, Queries, add_queries, compare, hash_of, read_record
from lib.core.errors import PresetError


def record(**exprs: str) -> dict[Place, frozenset[str]]:
    """What is recorded of the dashboard Activity: a panel of one query each."""
    entries = [
        f'[[panel]]\ndashboard = "Activity"\npanel = "{panel}"\nref = "A"\nsha256 = "{hash_of(expr)}"\n'
        for panel, expr in exprs.items()
    ]
    return read_record("\n".join(entries))


def rendered(title: str = "Activity", **exprs: str) -> dict[str, object]:
    panels = [{"title": panel, "targets": [{"expr": expr}]} for panel, expr in exprs.items()]
    return {"title": title, "panels": [{"type": "row", "panels": panels}]}


def found_in(*dashboards: object) -> Queries:
    queries = Queries()
    for dashboard in dashboards:
        add_queries(queries, dashboard)
    return queries


def at(panel: str, dashboard: str = "Activity", ref: str = "A") -> tuple[Place]:
    return (Place(dashboard, panel, ref),)


RECORDED = record(Users="up", Servers="count(up)")
DRIFTS = {
    "nothing moved": (rendered(Users="up", Servers="count(up)"), Drift()),
    "white space at the ends": (rendered(Users="\nup\n", Servers="count(up)"), Drift()),
    "a new panel": (rendered(Users="up", Servers="count(up)", New="x"), Drift(added=at("New"))),
    "a panel less": (rendered(Users="up"), Drift(removed=at("Servers"))),
    "another query": (rendered(Users="up", Servers="sum(up)"), Drift(changed=at("Servers"))),
    "another name": (rendered(Users="up", Jobs="count(up)"), Drift(at("Jobs"), at("Servers"))),
}


@pytest.mark.parametrize(("dashboard", "drift"), DRIFTS.values(), ids=DRIFTS)
def test_what_moved_is_told(dashboard, drift) -> None:
    found = compare(RECORDED, found_in(dashboard))
    assert found == drift
    assert bool(found) == (drift != Drift())


def test_a_list_of_panels_will_do_too() -> None:
    listed = [{"dashboard": "Activity", "panel": name, "ref": "A", "expr": "up"} for name in ("Users", "Servers")]
    assert compare(RECORDED, found_in(listed)) == Drift(changed=at("Servers"))


def test_queries_after_the_first_are_told_apart_by_their_letters() -> None:
    two = {"title": "Users", "targets": [{"expr": "up"}, {"expr": "down"}]}
    found = compare(RECORDED, found_in({"title": "Activity", "panels": [two]}))
    assert (found.added, found.removed) == (at("Users", ref="B"), at("Servers"))


def test_panels_of_one_title_share_a_place() -> None:
    twice = {"title": "Activity", "panels": [{"title": "Users", "targets": [{"expr": expr}]} for expr in ("up", "x")]}
    assert compare(record(Users="up"), found_in(twice)) == Drift(changed=at("Users"))


def test_one_dashboard_alone_says_nothing_of_the_others() -> None:
    queries = found_in(rendered("Support", Disk="x"))
    assert compare(RECORDED, queries, only_these=True) == Drift(added=at("Disk", "Support"))
    assert len(compare(RECORDED, queries).removed) == 2


@pytest.mark.parametrize("text", ["[[panel]", "[[panel]]\ndashboard = 'x'", "[[panel]]\nref = 1"])
def test_a_record_that_cannot_be_read_is_refused(text) -> None:
    with pytest.raises(PresetError):
        read_record(text)


@pytest.mark.parametrize("found", [{}, None, "x", [{"dashboard": "x"}]])
def test_what_is_no_dashboard_is_refused(found) -> None:
    with pytest.raises(PresetError):
        found_in(found)
