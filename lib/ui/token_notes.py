"""What is worth knowing about the tokens and the clocks behind the data sources, for whoever runs this app."""

from __future__ import annotations

import streamlit as st

from lib import cache
from lib.core import wording
from lib.core.server_settings import GrafanaSettings
from lib.core.time_range import DAY
from lib.sources.token_facts import TokenFacts
from lib.ui import messages
from lib.ui.asking import Asked
from lib.ui.frame import Scope

SOON = 7 * DAY  # a token that expires within this time is worth a warning
CLOCKS_DIFFER = 60  # seconds


def draw(checked: Asked, scope: Scope) -> None:
    """A box for each token that can do too much or ends soon, and for each clock that is off; a line for the others."""
    known = cache.tokens_known()
    for grafana in cache.visitor_grafanas():
        if grafana.file and grafana.file.problem:
            _box(grafana.name, "Token not renewed", grafana.file.problem.message, grafana.file.problem.hint)
        if grafana.name in known:
            _token(grafana, known[grafana.name], scope)
            _clock(grafana.name, known[grafana.name].ahead)
    for report in checked.result.reports:
        _clock(report.cluster, report.ahead)
    quiet = [_quiet(name, facts, scope) for name, facts in known.items() if facts.role]
    if quiet:
        st.caption(f"Tokens: {messages.md('; '.join(quiet))}.")


def where_tokens_are_made(name: str) -> None:
    """A link to the page of a Grafana where tokens are made."""
    url = next((grafana.service_accounts for grafana in cache.settings().grafanas if grafana.name == name), "")
    if url:
        st.markdown(messages.link("Make a new token in Grafana", url))


def _token(grafana: GrafanaSettings, facts: TokenFacts, scope: Scope) -> None:
    token = "Your token" if grafana.own else "The token"
    if facts.change:
        said = f"{token} can change things in Grafana, as the role {facts.role} can ({facts.change})."
        _box(grafana.name, "Token can do too much", said, "Hubscope needs the role Viewer only: make a new one.")
    if facts.expires is not None and facts.expires - scope.moments.now < SOON:
        said = f"{token} expires {_left(facts.expires - scope.moments.now)}, {_on(facts.expires, scope)}."
        place = "give it below" if grafana.own else "put it into the settings"
        _box(grafana.name, "Token expires soon", said, f"Make a new one before that, and {place}.")


def _clock(name: str, ahead: float) -> None:
    if abs(ahead) <= CLOCKS_DIFFER:
        return
    way = "ahead of" if ahead > 0 else "behind"
    about = wording.step(max(60, round(abs(ahead) / 60) * 60))
    said = f"Its clock is {about} {way} this server's."
    hint = "What is newest may be missing, or seem to lie in the future. Let both keep their time by NTP."
    _box(name, "Clocks differ", said, hint, tokens=False)


def _box(name: str, what: str, message: str, hint: str, *, tokens: bool = True) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{messages.md(name)}**", width="content")
            st.badge(messages.md(what), icon=":material/warning:", color="orange")
        st.markdown(messages.md(message))
        st.caption(messages.md(hint))
        if tokens:
            where_tokens_are_made(name)


def _quiet(name: str, facts: TokenFacts, scope: Scope) -> str:
    until = "" if facts.expires is None else f", valid until {wording.date(facts.expires, scope.moments.zone)}"
    return f"{name} has the role {facts.role}{until}"


def _left(seconds: float) -> str:
    days = int(seconds // DAY)
    return "in less than a day" if days < 1 else f"in {days} day{'s' * (days > 1)}"


def _on(instant: float, scope: Scope) -> str:
    return f"on {wording.moment(instant, scope.moments.zone)} {scope.moments.zone}"
