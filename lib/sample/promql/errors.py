"""The one error of the evaluator: a query that is refused, in Prometheus' words and of Prometheus' kind."""

from __future__ import annotations

from typing import Literal, NoReturn

ErrorKind = Literal["bad_data", "execution"]

TOO_MANY_SAMPLES = "query processing would load too many samples into memory in query execution"
SAME_LABELSET = "vector cannot contain metrics with the same labelset"


class PromQLError(Exception):
    """A query that has no answer.

    `kind` is `bad_data` (HTTP 400: it cannot be read, or is of the wrong type) or `execution` (HTTP 422: it can be
    read, and this data or this evaluator has no answer to it). `message` is plain text, as Prometheus 2.42 words it
    where Prometheus knows the case.
    """

    def __init__(self, kind: ErrorKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message

    def __reduce__(self) -> tuple[object, ...]:
        return (PromQLError, (self.kind, self.message))


def refuse(message: str) -> NoReturn:
    """Raise the error of a query that could be read and not be evaluated."""
    raise PromQLError("execution", message)
