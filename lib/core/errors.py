"""Every error a user can meet: one sentence that says what happened, one hint that says what to do.

    AppError
    ├── ConfigError        a setting is missing or wrong
    ├── PresetError        a preset file is wrong: names file, preset and field
    ├── TimeError          a date, duration or step cannot be used
    ├── AccessError        this visitor may not do that
    └── SourceError        a data source did not give an answer; carries a `Kind`
        └── QueryError         PromQL that the server (or we) refuse; may carry a line and a column
            └── UnsentError        refused by our own reading of Prometheus; others may take it

Foreign exceptions become one of these in one place only, `lib.sources.transport`. Nothing here ever holds a token.
"""

from __future__ import annotations

from copy import copy
from enum import StrEnum


class Kind(StrEnum):
    """Why a data source gave no answer. The list is closed: each kind has one sentence and one next step."""

    CONFIG = "config"
    TLS = "tls"
    DNS = "dns"
    NETWORK = "network"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    REDIRECT = "redirect"
    LOGIN_PAGE = "login_page"
    NO_TOKEN = "no_token"
    AUTH = "auth"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    RATE_LIMITED = "rate_limited"
    UPSTREAM = "upstream"
    UPSTREAM_AUTH = "upstream_auth"
    UPSTREAM_TIMEOUT = "upstream_timeout"
    QUERY = "query"
    QUERY_COST = "query_cost"
    BAD_REQUEST = "bad_request"
    NOT_JSON = "not_json"
    NOT_PROMETHEUS = "not_prometheus"
    BUSY = "busy"
    CANCELLED = "cancelled"
    PENDING = "pending"


class AppError(Exception):
    """An error that the app can show to the user: a sentence and a next step.

    `message` says what happened, `hint` what to do about it. Both are plain text; the page escapes them.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by value, so that an error survives a cache or a process border."""
        return (_restore, (type(self), dict(self.__dict__)))


class ConfigError(AppError):
    """A setting is missing or cannot be used. Names the setting, never its value if that may be secret."""


class PresetError(AppError):
    """A preset file cannot be read. The message names file, preset and field."""


class TimeError(AppError):
    """A date, duration or step that cannot be used as it was typed."""


class AccessError(AppError):
    """Something that this visitor may not do. Nothing was asked of anybody."""


class SourceError(AppError):
    """A data source gave no answer that can be used.

    `detail` is the server's own text, at most 300 characters, for those who want to read it. Foreign text:
    show it as code, never as markup.
    """

    def __init__(self, kind: Kind, message: str, hint: str = "", detail: str = "") -> None:
        super().__init__(message, hint)
        self.kind = kind
        self.detail = detail


class QueryError(SourceError):
    """PromQL that was refused. `line` and `column` count from 1 in what the user typed; 0 when unknown."""

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        kind: Kind = Kind.QUERY,
        detail: str = "",
        line: int = 0,
        column: int = 0,
    ) -> None:
        super().__init__(kind, message, hint, detail)
        self.line = line
        self.column = column

    def at(self, line: int, column: int) -> QueryError:
        """The same error with its place elsewhere: where that is in the text that this one was made of."""
        moved = copy(self)
        moved.line, moved.column = line, column
        old, new = (f"Line {first}, column {second}:" for first, second in ((self.line, self.column), (line, column)))
        moved.message = self.message.replace(old, new)
        return moved


class UnsentError(QueryError):
    """PromQL that no Prometheus takes, so it was not sent. Another kind of server may: it can be sent as it is."""


def _restore(cls: type[AppError], state: dict[str, object]) -> AppError:
    error = cls.__new__(cls)
    Exception.__init__(error, state.get("message", ""))
    error.__dict__.update(state)
    return error
