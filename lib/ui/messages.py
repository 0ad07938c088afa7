"""An error becomes a sentence and a next step, and foreign text becomes text: the one place that escapes it.

Streamlit reads markdown in nearly everything it shows. A label value such as `![x](http://…)` would make every viewer's
browser fetch a picture, and `$5 and $6` would turn into maths. Whatever came from a data source or from a link passes
through `md()`, or is shown by `st.code` and `st.dataframe`, which take text as text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import streamlit as st

from lib.core.errors import AppError, Kind, QueryError, SourceError, UnsentError
from lib.core.result import Report

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_ADDRESS = re.compile(r"https?:|www\.|@", re.IGNORECASE)
_LINK = re.compile(r"https?://[\w.:-]+(/[\w.~%/?&=#+:@-]*)?", re.ASCII)
# Controls, formats such as the switches of writing direction, separators, halves of characters that nobody can send.
_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@lru_cache(maxsize=2_000)  # the same labels stand on the page at every run of it
def md(text: str) -> str:
    """Foreign text as markdown that shows it letter for letter, in one line.

    Every ASCII punctuation mark is escaped. Escaping does not reach addresses, which the front end turns into links
    after it has read the escapes, so a word that holds one is shown as code.
    """
    seen = "".join(" " if unicodedata.category(letter) in _INVISIBLE else letter for letter in text)
    return " ".join(_code(word) if _ADDRESS.search(word) else _PUNCTUATION.sub(r"\\\1", word) for word in seen.split())


def _code(word: str) -> str:
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", word)), default=0))
    padding = " " if word.startswith("`") or word.endswith("`") else ""
    return f"{fence}{padding}{word}{padding}{fence}"


def link(words: str, url: str) -> str:
    """A link as markdown, its words escaped; "" for an address that is not plain http or https."""
    return f"[{md(words)}]({url})" if _LINK.fullmatch(url) else ""


def show_error(error: AppError) -> None:
    """One box: what happened, what to do, and the server's own words where it said something."""
    st.error(f"**{md(error.message)}**  \n{md(error.hint)}", icon=":material/error:")
    if isinstance(error, SourceError) and error.detail:
        st.code(error.detail, language=None, wrap_lines=True)


def show_query_error(error: QueryError, typed: str) -> None:
    """The refusal of a query, with the line it is about and a caret under the column."""
    st.error(f"**{md(error.message)}**  \n{md(error.hint)}", icon=":material/error:")
    lines = typed.split("\n")
    marked = []
    if 1 <= error.line <= len(lines):
        marked = [lines[error.line - 1].replace("\t", " "), f"{' ' * (max(error.column, 1) - 1)}^"]
    if marked or error.detail:
        st.code("\n".join([*marked, *filter(None, [error.detail])]), language=None)


def show_unsent(error: UnsentError, typed: str, *, said_above: bool) -> None:
    """The refusal of a query that was not sent; in short where the editor above says the rest, at its place."""
    if not said_above:
        show_query_error(error, typed)
        return
    st.error(f"**{md(error.message)}** Nothing was sent.", icon=":material/error:")


_SHORT = {
    Kind.TIMEOUT: "no answer in time",
    Kind.NETWORK: "not reached",
    Kind.DNS: "unknown host name",
    Kind.TLS: "certificate not accepted",
    Kind.LOGIN_PAGE: "a login page instead of an answer",
    Kind.REDIRECT: "sent us elsewhere",
    Kind.NO_TOKEN: "no token was given",
    Kind.AUTH: "token refused",
    Kind.FORBIDDEN: "token may not ask it",
    Kind.NOT_FOUND: "unknown to Grafana",
    Kind.RATE_LIMITED: "asked too often",
    Kind.UPSTREAM: "no answer behind Grafana",
    Kind.UPSTREAM_AUTH: "Grafana's own password for it is wrong",
    Kind.UPSTREAM_TIMEOUT: "gave up on this query",
    Kind.QUERY: "query refused",
    Kind.QUERY_COST: "query too heavy",
    Kind.TOO_LARGE: "answer too large",
    Kind.NOT_JSON: "unreadable answer",
    Kind.NOT_PROMETHEUS: "not an answer of Prometheus",
    Kind.BUSY: "too many questions at once",
    Kind.CANCELLED: "stopped",
    Kind.PENDING: "no answer yet",
    Kind.CONFIG: "not set up right",
    Kind.BAD_REQUEST: "request refused",
}


def reason(error: SourceError) -> str:
    """Why a cluster is missing, in a few words that follow its name and a colon."""
    return _SHORT[error.kind]


def query_error(reports: tuple[Report, ...]) -> QueryError | None:
    """The refusal of the query, when every data source that was reached refused it: then it is the query's fault."""
    refusals = [report.error for report in reports if isinstance(report.error, QueryError)]
    answered = [report for report in reports if not report.error]
    return refusals[0] if refusals and not answered else None
