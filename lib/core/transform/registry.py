"""The transforms by name, how links spell them, and how they are applied one after the other."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from lib.core.errors import AppError
from lib.core.result import Result
from lib.core.transform.meaning import Meaning

Function = TypeVar("Function", bound=Callable[..., Result])

MOST = 8  # transforms in a row
_SPELLED = re.compile(r"([a-z_]{1,20})(?:-([a-z0-9]{1,20}))?")


def _same(meaning: Meaning, *_: object) -> Meaning:
    return meaning


@dataclass(frozen=True)
class Transform:
    """One entry of the list.

    `name` is that of links, `label` what people read and `help` what it does. `read` makes the argument from text and
    raises AppError; None when there is no argument. `about` when the function wants the Meaning of the values before
    its argument. `refuse` says why values of this meaning cannot be transformed so, "" where they can. `then` is what
    values mean afterwards, `shown` says it in few words. `offered` on the chart page; the others have controls of their
    own.
    """

    name: str
    label: str
    help: str
    read: Callable[[str], object] | None
    function: Callable[..., Result]
    about: bool = False
    refuse: Callable[[Meaning], str] = lambda meaning: ""
    then: Callable[..., Meaning] = _same
    shown: Callable[[Any], str] | None = None
    offered: bool = False
    usual: str = ""


@dataclass(frozen=True)
class Chosen:
    """A transform as a link carries it: `Chosen("top", "10")`, `Chosen("rolling", "7d")`, `Chosen("share")`."""

    name: str
    argument: str = ""

    @property
    def spelling(self) -> str:
        """As it stands in a link: `rolling-7d`, `share`."""
        return f"{self.name}-{self.argument}" if self.argument else self.name

    @property
    def added(self) -> bool:
        """Whether it adds up values of several moments because somebody said so."""
        return self.name == "cumulative" or self.argument == "sum"


@dataclass(frozen=True, eq=False)
class Done:
    """A result after transforms: what its values mean, which were applied, and which were refused, and why."""

    result: Result
    meaning: Meaning
    applied: tuple[Chosen, ...] = ()
    refused: tuple[tuple[Chosen, AppError], ...] = ()


TRANSFORMS: dict[str, Transform] = {}


def transform(
    name: str, *, label: str, read: Callable[[str], object] | None = None, **more: Any
) -> Callable[[Function], Function]:
    """Registers a function under `name`. Without `read` it takes no argument. `more`: other fields of `Transform`."""

    def register(function: Function) -> Function:
        if name in TRANSFORMS:
            raise ValueError(f"Two transforms are called {name}.")
        TRANSFORMS[name] = Transform(name, label, inspect.getdoc(function) or "", read, function, **more)
        return function

    return register


def understand(text: str) -> tuple[Chosen, ...]:
    """The transforms that a link names, in order: `rolling-7d,share`. Raises AppError for what cannot be one."""
    pieces = [piece for piece in text.split(",") if piece]
    if len(pieces) > MOST:
        raise AppError(f"{len(pieces)} transforms are too many.", f"Take some out: {MOST} fit.")
    return tuple(_understood(piece) for piece in pieces)


def _understood(piece: str) -> Chosen:
    found = _SPELLED.fullmatch(piece)
    known = TRANSFORMS.get(found[1]) if found else None
    if found is None or known is None or not known.offered:
        offered = ", ".join(each.name for each in TRANSFORMS.values() if each.offered)
        raise AppError(f"“{piece[:40]}” is not a known transform.", f"Known are: {offered}.")
    return Chosen(found[1], found[2] or "")


def spell(chosen: Sequence[Chosen]) -> str:
    """The transforms as a link carries them. `understand` reads the same."""
    return ",".join(each.spelling for each in chosen)


def apply(result: Result, chosen: Sequence[Chosen], meaning: Meaning | None = None) -> Result:
    """The result after all transforms, in their order. Raises AppError for an unknown name, a bad argument, or values
    that must not be transformed so.
    """
    now = Meaning() if meaning is None else meaning
    for each in chosen:
        result, now = _apply(result, now, each)
    return result


def attempt(result: Result, chosen: Sequence[Chosen], meaning: Meaning) -> Done:
    """The result after the transforms that are possible. Those that are not are left out, with the reason."""
    applied: list[Chosen] = []
    refused: list[tuple[Chosen, AppError]] = []
    for each in chosen:
        try:
            result, meaning = _apply(result, meaning, each)
            applied.append(each)
        except AppError as error:
            refused.append((each, error))
    return Done(result, meaning, tuple(applied), tuple(refused))


def words(chosen: Chosen) -> str:
    """A transform in few words, such as `average over 7 d`."""
    known = TRANSFORMS[chosen.name]
    if known.read is None or known.shown is None:
        return known.label.lower()
    return known.shown(known.read(chosen.argument))


def _apply(result: Result, meaning: Meaning, each: Chosen) -> tuple[Result, Meaning]:
    found = TRANSFORMS.get(each.name)
    if found is None:
        raise AppError(f"“{each.name[:40]}” is not a known transform.", f"Known are: {', '.join(TRANSFORMS)}.")
    if why := found.refuse(meaning):
        raise AppError(why, "Take it out, or choose another.")
    arguments = (found.read(each.argument),) if found.read else ()
    about = (meaning,) if found.about else ()
    return found.function(result, *about, *arguments), found.then(meaning, *arguments)
