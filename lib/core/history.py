"""What was run lately, newest first: the state that an address would have, and what came of it. Nothing secret."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from lib.core import permalink
from lib.core.permalink import VARIABLE, State
from lib.core.written import LETTERS, Written, from_state, name_parameter, parameter

MOST = 100
LARGEST = 4_000_000  # bytes of a history read back; browsers give a site about five million
_NUMBERS = {"rows": 1e12, "seconds": 86_400.0, "at": 4e9}  # the most that each can be
NAMES = frozenset(
    (*map(parameter, LETTERS), *map(name_parameter, LETTERS), "mode", "from", "to", "step", "cluster")
)  # besides variables


@dataclass(frozen=True)
class Run:
    """One run: `state` by the names of `NAMES` and of variables; how many rows came in how many seconds, at which
    moment (Unix seconds); `refused` when no query gave an answer."""

    state: tuple[tuple[str, permalink.Value], ...]
    rows: int
    seconds: float
    at: int
    refused: bool = False

    @property
    def queries(self) -> tuple[Written, ...]:
        """What was asked, as it was typed."""
        return from_state(dict(self.state))


def run_of(state: Mapping[Any, object], rows: int, seconds: float, at: float, *, refused: bool = False) -> Run:
    """A run from the state of the app; of that state only what may stand in an address."""
    kept = {str(name): value for name, value in state.items() if name in NAMES or str(name).startswith(VARIABLE)}
    return Run(_frozen(permalink.decode(permalink.encode(kept))), rows, round(seconds, 3), int(at), refused)


def added(runs: Sequence[Run], run: Run) -> tuple[Run, ...]:
    """The runs with one more, at most 100. The same once more takes the place of the one before."""
    rest = [each for each in runs if each.state != run.state] if runs and runs[0].state == run.state else list(runs)
    return (run, *rest)[:MOST]


def merged(first: Sequence[Run], second: Sequence[Run]) -> tuple[Run, ...]:
    """The runs of two histories, each once, newest first, at most 100."""
    every = dict.fromkeys((*first, *second))
    return tuple(sorted(every, key=lambda run: -run.at))[:MOST]


def search(runs: Sequence[Run], words: str) -> tuple[Run, ...]:
    """The runs that have every word somewhere in their queries, names, variables, clusters or dates as typed."""
    wanted = words.lower().split()
    return tuple(run for run in runs if all(word in _text_of(run) for word in wanted))


def to_json(runs: Sequence[Run]) -> str:
    """The runs as text, for a browser to keep."""
    rows = [
        {
            "address": permalink.encode(dict(run.state)),
            "rows": run.rows,
            "seconds": run.seconds,
            "at": run.at,
            "refused": run.refused,
        }
        for run in runs
    ]
    return orjson.dumps(rows).decode()


def from_json(text: object) -> tuple[Run, ...]:
    """The runs in a text that comes from elsewhere. Whatever has another form is left out. Never raises."""
    if not isinstance(text, str) or len(text) > LARGEST:
        return ()
    try:
        rows = orjson.loads(text)
    except orjson.JSONDecodeError:
        return ()
    found = [_read(row) for row in rows[:MOST]] if isinstance(rows, list) else []
    return merged([run for run in found if run], ())


def _read(row: object) -> Run | None:
    if not isinstance(row, dict) or not isinstance(row.get("address"), dict):
        return None
    address = {
        name: [text for text in texts if isinstance(text, str)]
        for name, texts in row["address"].items()
        if isinstance(texts, list) and (name in NAMES or name.startswith(VARIABLE))
    }
    state = permalink.decode(address)
    rows, seconds, at = (_number(row.get(name), most) for name, most in _NUMBERS.items())
    if rows is None or seconds is None or at is None or not from_state(state):
        return None
    return Run(_frozen(state), int(rows), seconds, int(at), row.get("refused") is True)


def _number(found: object, most: float) -> float | None:
    fits = isinstance(found, (int, float)) and not isinstance(found, bool) and 0 <= found <= most
    return float(found) if fits else None  # type: ignore[arg-type]


def _frozen(state: State) -> tuple[tuple[str, permalink.Value], ...]:
    return tuple(sorted(state.items()))


def _text_of(run: Run) -> str:
    texts = (value if isinstance(value, str) else " ".join(value) for _, value in run.state)
    return "\n".join(texts).lower()
