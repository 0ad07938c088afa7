"""All questions in one dialog, one's own and those of a Grafana included; and what a question leaves open: its hubs."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.double import Double, grafana_double
from tests.e2e.app import App, serve_app
from tests.e2e.asked import settings_of
from tests.e2e.browsing import Visits, names, settled, wait_for_traces
from tests.prometheus_server import running_prometheus

pytestmark = pytest.mark.browser
CLUSTERS = {"uid-of-alpha": "alpha", "uid-of-beta": "beta", "uid-of-gamma": "gamma"}
HUBS = {"alpha": ("lab.one", "prod"), "beta": ("prod", "workshop")}  # gamma shows a login page
METRICS = ("jupyterhub_total_users", 'jupyterhub_active_users{period="24h"}', "jupyterhub_running_servers")
DAY, EVERY = 86_400, 1_800  # seconds

PROMETHEUS = {"type": "prometheus", "uid": "abc"}
SERVERS = 'max by (namespace) (max_over_time(jupyterhub_running_servers{namespace=~"$hub"}[1h]))'
BOARD = {
    "title": "Hub activity",
    "uid": "activity-1",
    "templating": {
        "list": [{"name": "hub", "type": "query", "query": "label_values(up, namespace)", "includeAll": True}]
    },
    "panels": [
        {
            "id": number,
            "type": "timeseries",
            "title": title,
            "datasource": PROMETHEUS,
            "targets": [{"refId": "A", "expr": expr}],
        }
        for number, (title, expr) in enumerate({"Servers of all hubs": SERVERS, "Of one pod": 'up{pod="$pod"}'}.items())
    ],
}
OWN = """\
[my-servers]
question = "How many servers did my hub run?"
title = "My servers"
subject = "Servers"
means = "Servers."
care = "None."
unit = "servers"
chart = "lines"
range = "now-7d"
covers = "instant"
adds = true
expr = 'max by (namespace) (max_over_time(jupyterhub_running_servers{namespace=~"$hub"}[1h]))'
"""


@dataclass(frozen=True)
class Connected:
    """An app over a Grafana: two clusters, each a real Prometheus, one that fails, one dashboard; `own` is a folder."""

    app: App
    grafana: Double
    own: Path

    def queries(self, since: int = 0) -> set[str]:
        """The queries that were put to data sources."""
        return {entry.asked.form["query"] for entry in self.grafana.log[since:] if "query" in entry.asked.form}


def openmetrics(hubs: tuple[str, ...], end: int) -> str:
    """Three days of samples of METRICS for these hubs."""
    lines = []
    for metric in METRICS:
        name, _, more = metric.rstrip("}").partition("{")
        lines.append(f"# TYPE {name} gauge")
        for number, hub in enumerate(hubs):
            labels = ",".join(filter(None, [f'namespace="{hub}"', more]))
            lines += [
                f"{name}{{{labels}}} {number + 5 + moment // EVERY % 7} {moment}"
                for moment in range(end - 3 * DAY, end + 1, EVERY)
            ]
    return "\n".join([*lines, "# EOF", ""])


@pytest.fixture(scope="module")
def connected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connected]:
    own, now = tmp_path_factory.mktemp("own"), int(time.time())
    with ExitStack() as stack:
        addresses = {
            uid: stack.enter_context(running_prometheus(openmetrics(HUBS[cluster], now)))
            for uid, cluster in CLUSTERS.items()
            if cluster in HUBS
        }
        grafana = stack.enter_context(
            grafana_double(
                CLUSTERS,
                upstream=addresses,
                behaviours={"uid-of-gamma": "login-html"},
                dashboards={"activity-1": BOARD},
            )
        )
        app = stack.enter_context(serve_app(settings_of(grafana, HUBSCOPE_PRESETS=str(own))))
        yield Connected(app, grafana, own)


def gallery(page: Page) -> Locator:
    """The dialog with all questions, opened."""
    page.get_by_role("button", name="All questions").click()
    dialog = page.get_by_role("dialog")
    expect(cards(dialog).first).to_be_visible()
    return dialog


def cards(dialog: Locator) -> Locator:
    """The titles in the dialog, each a button."""
    return dialog.locator("[class*='st-key-_card_'] button")


def card(dialog: Locator, title: str) -> Locator:
    return dialog.get_by_role("button", name=title, exact=True)


def whole_card(dialog: Locator, title: str) -> Locator:
    """A card with all that it says, by the title on it."""
    inner = dialog.page.get_by_role("button", name=title, exact=True)
    return dialog.get_by_test_id("stVerticalBlock").filter(has=inner).last


def question(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def test_how_many_users_finds_daily_weekly_and_monthly_users_first_and_other_words_nothing(
    sample_app: App, visit: Visits
) -> None:
    dialog = gallery(visit(sample_app.url))
    search = dialog.get_by_role("textbox", name="Search")
    search.press_sequentially("how many users")
    for place, title in enumerate(["Daily users", "Weekly users", "Monthly users"]):
        expect(cards(dialog).nth(place)).to_have_text(title)
    search.press_sequentially(" zyzzyva")
    expect(dialog.get_by_text("No question has these words.")).to_be_visible()
    expect(cards(dialog)).to_have_count(0)


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)], ids=["desktop", "phone"])
@pytest.mark.parametrize("way", ["by its words", "by its subject"])
def test_failed_server_starts_is_found_without_scrolling_and_opens(
    sample_app: App, visit: Visits, way: str, width: int, height: int
) -> None:
    page = visit(sample_app.url, viewport={"width": width, "height": height})
    dialog = gallery(page)
    if way == "by its words":
        dialog.get_by_role("textbox", name="Search").press_sequentially("failed server starts")
    else:
        dialog.get_by_role("radio", name=re.compile("^Reliability")).click()
    first = cards(dialog).first
    expect(first).to_have_text("Failed starts")
    expect(first).to_be_in_viewport(ratio=1)
    first.click()
    expect(dialog).to_have_count(0)
    expect(question(page)).to_have_text(re.compile("fail", re.IGNORECASE))
    expect(page).to_have_url(re.compile(r"preset=failed-starts\b"))


def test_words_that_only_questions_for_operators_have_point_to_the_switch(sample_app: App, visit: Visits) -> None:
    dialog = gallery(visit(sample_app.url))
    dialog.get_by_role("textbox", name="Search").press_sequentially("out-of-memory kills")
    expect(dialog.get_by_text("1 more for operators fits: see the switch.")).to_be_visible()
    expect(cards(dialog)).to_have_count(0)
    dialog.get_by_text("For operators too").click()
    expect(cards(dialog)).to_have_text(["Out-of-memory kills"])


def test_the_query_of_a_preset_says_how_it_differs_from_the_panel_it_was_borrowed_from(
    sample_app: App, visit: Visits
) -> None:
    page = visit(f"{sample_app.url}/?preset=failed-starts")
    page.get_by_role("tab", name="Query").click()
    said = page.get_by_text("After the panel Server Start Failures of the JupyterHub Dashboard dashboard")
    expect(said).to_contain_text("here every minute counts and hubs stay apart.")
    expect(said.get_by_role("link", name="Server Start Failures")).to_have_attribute(
        "href", re.compile("jupyterhub.jsonnet")
    )


def test_the_switch_for_operators_shows_more_questions_and_they_open(sample_app: App, visit: Visits) -> None:
    page = visit(sample_app.url)
    dialog = gallery(page)
    expect(card(dialog, "Servers left running")).to_have_count(0)
    before = cards(dialog).count()
    dialog.get_by_text("For operators too").click()
    expect(card(dialog, "Servers left running")).to_have_count(1)
    settled(page)
    assert cards(dialog).count() > before
    card(dialog, "Servers left running").click()
    expect(question(page)).to_have_text("Which servers have been running for long?")
    expect(page.get_by_role("spinbutton")).to_have_value("8")


def test_a_subject_shows_its_questions_only(sample_app: App, visit: Visits) -> None:
    dialog = gallery(visit(sample_app.url))
    dialog.get_by_role("radio", name=re.compile("^Storage")).click()
    expect(card(dialog, "Daily users")).to_have_count(0)
    expect(dialog.get_by_role("heading", level=6)).to_have_text(["Storage"])


@pytest.mark.prometheus
def test_a_question_whose_metric_nobody_collects_says_so_and_the_others_do_not(
    connected: Connected, visit: Visits
) -> None:
    dialog = gallery(visit(connected.app.url))
    absent = whole_card(dialog, "Failed starts")
    expect(absent).to_contain_text("not collected here")
    expect(whole_card(dialog, "Daily users")).to_contain_text("How many people used each hub")
    expect(whole_card(dialog, "Daily users")).not_to_contain_text("not collected here")


@pytest.mark.prometheus
def test_the_hubs_of_all_clusters_are_listed_and_a_cluster_that_fails_takes_only_its_own_away(
    connected: Connected, visit: Visits
) -> None:
    page = visit(f"{connected.app.url}/?preset=daily-users")
    page.get_by_role("button", name="All hubs").click()
    page.get_by_role("combobox", name="Hubs").click()
    options = page.get_by_role("option").filter(has_text="·")
    expect(options).to_have_text(["lab.one · alpha", "prod · alpha, beta", "workshop · beta"])


@pytest.mark.prometheus
def test_a_chosen_hub_is_asked_for_stands_in_the_address_and_comes_back_with_it(
    connected: Connected, visit: Visits
) -> None:
    page = visit(f"{connected.app.url}/?preset=servers-running")
    wait_for_traces(page, ["alpha / lab.one", "alpha / prod", "beta / prod", "beta / workshop"])
    before = len(connected.grafana.log)
    page.get_by_role("button", name="All hubs").click()
    page.get_by_role("combobox", name="Hubs").click()
    page.get_by_role("option", name="lab.one · alpha").click()
    expect(page).to_have_url(re.compile(r"[?&]var-hub=lab\.one(&|$)"))
    wait_for_traces(page, ["alpha"])  # where there is one series, its hub goes without saying
    [query] = connected.queries(before)
    assert r'namespace=~"lab\\.one"' in query
    expect(page.get_by_role("button", name="Hubs: 1 chosen")).to_be_visible()

    before = len(connected.grafana.log)
    elsewhere = visit(f"{page.url}&from=now-20d&to=now")  # another time, so that nobody has the answer already
    wait_for_traces(elsewhere, ["alpha"])
    assert connected.queries(before) == {query}
    expect(elsewhere.get_by_role("button", name="Hubs: 1 chosen")).to_be_visible()


@pytest.mark.prometheus
def test_a_preset_that_is_dropped_into_the_folder_is_offered_and_a_bad_one_is_named_with_its_line(
    connected: Connected, visit: Visits
) -> None:
    page = visit(connected.app.url)
    dialog = gallery(page)
    expect(card(dialog, "My servers")).to_have_count(0)
    (connected.own / "mine.toml").write_text(OWN)
    (connected.own / "wrong.toml").write_text(OWN.replace("my-servers", "wrong").replace('"servers"', '"parrots"'))
    dialog.get_by_text("For operators too").click()
    expect(card(dialog, "My servers")).to_be_visible()
    expect(dialog.get_by_text(re.compile(r"wrong\.toml, line 7.*unit is parrots"))).to_be_visible()
    card(dialog, "My servers").click()
    expect(question(page)).to_have_text("How many servers did my hub run?")
    wait_for_traces(page, ["alpha / lab.one", "alpha / prod", "beta / prod", "beta / workshop"])


@pytest.mark.prometheus
def test_a_panel_of_a_dashboard_opens_and_its_address_shows_it_elsewhere(connected: Connected, visit: Visits) -> None:
    page = visit(connected.app.url)
    dialog = gallery(page)
    dialog.get_by_role("combobox", name="Dashboard").click()
    page.get_by_role("option", name="Hub activity").click()
    expect(cards(dialog)).to_have_text(["Servers of all hubs"])
    expect(dialog.get_by_text("Of one pod: It needs $pod, which cannot be filled in here.")).to_be_visible()
    card(dialog, "Servers of all hubs").click()
    expect(question(page)).to_have_text("Servers of all hubs")
    hubs = ["alpha / lab.one", "alpha / prod", "beta / prod", "beta / workshop"]
    traces = wait_for_traces(page, hubs)
    expect(page).to_have_url(re.compile("dashboard=.*activity-1"))
    settled(page)

    elsewhere = visit(page.url)
    expect(question(elsewhere)).to_have_text("Servers of all hubs")
    assert wait_for_traces(elsewhere, hubs) == traces
    assert names(traces)
    assert elsewhere.url == page.url


@pytest.mark.prometheus
def test_after_a_panel_the_other_questions_can_be_had_again(connected: Connected, visit: Visits) -> None:
    page = visit(connected.app.url)
    dialog = gallery(page)
    card(dialog, "Daily users").click()
    expect(question(page)).to_have_text(re.compile("How many people"))
    dialog = gallery(page)
    dialog.get_by_role("combobox", name="Dashboard").click()
    page.get_by_role("option", name="Hub activity").click()
    card(dialog, "Servers of all hubs").click()
    expect(question(page)).to_have_text("Servers of all hubs")
    dialog = gallery(page)
    expect(cards(dialog)).to_have_text(["Servers of all hubs"])
    dialog.get_by_role("button", name="Clear value").click()
    card(dialog, "Daily users").click()
    expect(question(page)).to_have_text(re.compile("How many people"))
    expect(page).not_to_have_url(re.compile("dashboard="))
