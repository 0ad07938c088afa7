"""How values are written: `UNITS` by name, a value as text (`format_value`), a value axis as a `Scale`.

To add a unit, add an entry to `UNITS`; presets, axes and tables then know it.

Symbols stand after every value (4.8 GiB, 12 %, 1.5 h). What is counted stands alone (12,480), because the question
names it; `quantity` adds the noun for a sentence (12,480 people).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from math import floor, inf, isinf, isnan, log10

from lib.core.errors import AppError

MINUS, NOTHING, INFINITY = "−", "–", "∞"

Rung = tuple[float, str]  # how many base units one of it is, and its symbol


@dataclass(frozen=True)
class Unit:
    """A unit: what it counts or measures, and its sizes.

    `one` and `many` are for sentences. `whole` when a part of one makes no sense. `rungs` are the sizes it is written
    in, smallest first, in multiples of the unit that the values have; one without a symbol is a count.
    """

    name: str
    one: str
    many: str
    whole: bool = False
    rungs: tuple[Rung, ...] = ((1.0, ""),)


@dataclass(frozen=True)
class Scale:
    """How a value axis is written: values are divided by `divisor`; then Plotly's (d3's) `tickformat`, then `suffix`.

    `suffix` begins with the space that stands before a unit; "" for counts.
    """

    divisor: float
    suffix: str
    tickformat: str


_BYTES = tuple((1024.0**power, f"{prefix}B") for power, prefix in enumerate(("", "Ki", "Mi", "Gi", "Ti", "Pi")))
_TIMES = ((0.001, "ms"), (1.0, "s"), (60.0, "min"), (3_600.0, "h"), (86_400.0, "d"))

UNITS: dict[str, Unit] = {
    unit.name: unit
    for unit in (
        Unit("people", "person", "people", whole=True),
        Unit("servers", "server", "servers", whole=True),
        Unit("starts", "start", "starts", whole=True),
        Unit("failures", "failure", "failures", whole=True),
        Unit("requests", "request", "requests", whole=True),
        Unit("machines", "machine", "machines", whole=True),
        Unit("pods", "pod", "pods", whole=True),
        Unit("files", "file", "files", whole=True),
        Unit("events", "event", "events", whole=True),
        Unit("count", "", ""),
        Unit("short", "", ""),  # Grafana's word for a plain number
        Unit("bytes", "byte", "bytes", rungs=_BYTES),
        Unit("bytes_per_second", "byte per second", "bytes per second", rungs=tuple((n, f"{s}/s") for n, s in _BYTES)),
        Unit("requests_per_second", "request per second", "requests per second", rungs=((1.0, "/s"),)),
        Unit("seconds", "second", "seconds", rungs=_TIMES),
        Unit("hours", "hour", "hours", rungs=((1.0, "h"),)),
        Unit("percentunit", "percent", "percent", rungs=((0.01, "%"),)),  # a fraction, 0 to 1
        Unit("cores", "core", "cores", rungs=((1.0, "cores"),)),
    )
}

# What happens, so much in each stretch of time, rather than what is there: it may be added up over time.
FLOWS = frozenset({"starts", "failures", "requests", "pods", "events", "hours"})


def unit_of(name: str) -> Unit:
    """The unit called so; "" is a plain number. Raises AppError, which lists the known ones."""
    found = UNITS.get(name or "short")
    if found is None:
        raise AppError(f"“{name[:40]}” is not a known unit.", f"Known are: {', '.join(sorted(UNITS))}.")
    return found


def format_value(value: float | None, unit: str = "") -> str:
    """A value as a headline shows it: `12,480`, `4.8 GiB`, `12 %`, `1.5 h`, `−3`; "–" for None and NaN.

    Measures have at most 3 significant digits. Counts keep every whole digit: 12,480 stays 12,480.
    Raises AppError for an unknown unit.
    """
    known = unit_of(unit)
    if value is None or isnan(value):
        return NOTHING
    divisor, symbol = _rung(known, abs(value))
    number = _digits(value / divisor, known)
    if symbol == known.many and number == "1":
        symbol = known.one
    return f"{number} {symbol}" if symbol else number


def quantity(value: float | None, unit: str) -> str:
    """A value with its noun, for a sentence: `1 person`, `12,480 people`, `4.8 GiB`. Raises AppError."""
    known, written = unit_of(unit), format_value(value, unit)
    noun = known.one if written == "1" else known.many
    return written if known.rungs[0][1] else f"{written} {noun}".rstrip()


def format_change(fraction: float | None) -> str:
    """A change as a fraction of what was before: 0.0312 -> `+3 %`, -0.03 -> `−3 %`, 0 -> `0 %`, None -> "–".

    Whole percent: a comparison of two averages does not carry more.
    """
    written = format_value(None if fraction is None else round(fraction, 2), "percentunit")
    signed = fraction is not None and fraction > 0 and not written.startswith("0 ")
    return f"+{written}" if signed else written


def scale_for(unit: str, largest: float) -> Scale:
    """The scale of an axis whose largest value, in the unit's own measure, is `largest`: 5e9 bytes are drawn in GiB.

    Ticks are round numbers, so their format only has to keep them apart. Raises AppError for an unknown unit.
    """
    divisor, symbol = _rung(unit_of(unit), abs(largest))
    tiny = 0 < abs(largest) / divisor < 0.001
    return Scale(divisor, f" {symbol}" if symbol else "", "~g" if tiny else ",~f")


def _rung(unit: Unit, size: float) -> Rung:
    """The largest size that `size` reaches, else the smallest. Zero and what is not finite keep the unit's own."""
    if not 0 < size < inf:
        size = 1.0
    return unit.rungs[max(bisect_right([divisor for divisor, _ in unit.rungs], size) - 1, 0)]


def _digits(number: float, unit: Unit) -> str:
    """At most three significant digits, no trailing zeros; whole digits stay where things are counted."""
    if isinf(number):
        return INFINITY if number > 0 else MINUS + INFINITY
    if number == 0:
        return "0"
    if not 1e-4 <= abs(number) < 1e15 and not (unit.whole and abs(number) < 1):
        return f"{number:.3g}".replace("-", MINUS)
    places = 2 - floor(log10(abs(number)))
    if unit.whole:
        places = 0
    elif not unit.rungs[0][1]:
        places = max(places, 0)
    text = f"{round(number, places):,.{max(places, 0)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text.replace("-", MINUS)
