"""P13: how time grows with what is asked: ten times the sources, the series, the range. Drawn as an SVG."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.long_ranges import NOW, STEP, year_of_hubs
from bench.registry import Measured, figure, seconds
from lib.core.merging import merge
from lib.core.query import RangeQuery
from lib.core.result import Answer
from lib.core.time_range import DAY, TimeRange
from lib.sources import FanOut, Source

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "growth.svg"
_ROUNDS = 9


@dataclass(frozen=True)
class Point:
    """One size: how much of what, the bytes that came, the seconds of processor until the frame was there."""

    amount: int
    size: int
    spent: float


@figure("P13", "Growth: ten times the sources, series, range", against="growth of the bytes received")
def p13() -> Iterator[Measured]:
    """Ten times as much takes at most as many times longer as there are more bytes. Of our own processor: what a server
    computes, and what else this machine does, is not for us to grow by.
    """
    found: dict[str, list[Point]] = {}
    with year_of_hubs() as source:
        for name, sizes, asked in _questions():
            found[name] = _points(source, {amount: asked(amount) for amount in sizes})
            for few, many in zip(found[name], found[name][1:], strict=False):
                ratio = (many.spent / few.spent) / (many.size / few.size)
                words = f"{seconds(many.spent)}, {many.size / 1e6:.3g} MB"
                case = f"{few.amount:,} to {many.amount:,} {name}"
                yield Measured(case, ratio, 1.0, "less", words, f"{seconds(few.spent)}, {few.size / 1e6:.3g} MB")
    PICTURE.write_text(draw(found), encoding="utf-8")


Asked = Callable[[int], tuple[int, RangeQuery]]


def _questions() -> Iterator[tuple[str, Sequence[int], Asked]]:
    """By name, the amounts, and what to ask for each: of how many sources, which query."""
    yield "sources", (1, 3, 10, 30), lambda amount: (amount, _of(100, 576))
    yield "series", (1, 10, 100), lambda amount: (1, _of(amount, 10_000))
    yield "points", (1_000, 10_000, 100_000), lambda amount: (1, _of(20, amount))


def _of(series: int, points: int) -> RangeQuery:
    chosen = {1: '{hub="000"}', 10: '{ten="0"}', 20: '{ten=~"[01]"}', 100: ""}[series]
    end = NOW - DAY
    grid = TimeRange.aligned(end - (points - 1) * STEP, end, STEP)
    return RangeQuery(f"jupyterhub_running_servers{chosen}", grid)


def _points(source: Source, asked: Mapping[int, tuple[int, RangeQuery]]) -> list[Point]:
    """The best of several rounds of all sizes in turn: nobody is compared with here, and other work only ever adds."""
    rounds = [[_point(source, amount, *each) for amount, each in asked.items()] for _ in range(_ROUNDS)]
    return [min(size, key=lambda point: point.spent) for size in zip(*rounds, strict=True)]


def _point(source: Source, amount: int, sources: int, query: RangeQuery) -> Point:
    several = [replace(source, id=f"{source.id}-{number}") for number in range(sources)]
    gc.collect()
    started = time.process_time()
    work = FanOut(several, [query])
    work.wait()
    outcomes = work.outcomes()[0]
    merge(query, outcomes)
    spent = time.process_time() - started
    answers = [outcome.answer for outcome in outcomes]
    assert all(isinstance(answer, Answer) for answer in answers), answers
    return Point(amount, sum(answer.size for answer in answers if isinstance(answer, Answer)), spent)


_WIDTH, _HEIGHT, _EDGE = 720, 420, 64
_COLOURS = ("#0b6580", "#de7202", "#bb69c0")


def draw(found: dict[str, list[Point]]) -> str:
    """Seconds over bytes, both on logarithmic axes, one line for each kind; grey is growth as fast as the bytes."""
    points = [point for line in found.values() for point in line]
    low, high = (math.log10(pick(point.size for point in points)) for pick in (min, max))
    least, most = (math.log10(pick(point.spent for point in points)) for pick in (min, max))
    low, high, least, most = math.floor(low), math.ceil(high), math.floor(least), math.ceil(most)

    def place(size: float, spent: float) -> str:
        x = _EDGE + (math.log10(size) - low) / (high - low) * (_WIDTH - 2 * _EDGE)
        y = _HEIGHT - _EDGE - (math.log10(spent) - least) / (most - least) * (_HEIGHT - 2 * _EDGE)
        return f"{x:.1f},{y:.1f}"

    parts = [
        _text(f"{_WIDTH / 2}", f"{_HEIGHT - 16}", "bytes received"),
        _text("110", "24", "seconds of processor to the frame"),
    ]
    for power in range(low, high + 1):
        x, y = place(10**power, 10**least).split(",")
        parts.append(_text(x, f"{float(y) + 20}", f"{10 ** (power - 6):g} MB"))
    for power in range(least, most + 1):
        x, y = place(10**low, 10**power).split(",")
        parts.append(_text(f"{float(x) - 30}", y, f"{10**power:g} s"))
    for row, ((name, line), colour) in enumerate(zip(found.items(), _COLOURS, strict=False)):
        parts += _line(line, colour, place)
        parts.append(_text("200", f"{52 + 20 * row}", f"{line[0].amount:,} to {line[-1].amount:,} {name}", colour))
    body = "\n".join(parts)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif"'
    return (
        f'{head} font-size="13" text-anchor="middle">\n<rect width="100%" height="100%" fill="#fff"/>\n{body}\n</svg>\n'
    )


def _line(line: Sequence[Point], colour: str, place: Callable[[float, float], str]) -> list[str]:
    first, last = line[0], line[-1]
    straight = f"{place(first.size, first.spent)} {place(last.size, first.spent * last.size / first.size)}"
    drawn = " ".join(place(point.size, point.spent) for point in line)
    return [
        f'<polyline points="{straight}" fill="none" stroke="#999" stroke-dasharray="3 4"/>',
        f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="2.5"/>',
    ]


def _text(x: str, y: str, text: str, colour: str = "#0f1a22") -> str:
    return f'<text x="{x}" y="{y}" fill="{colour}">{text}</text>'
