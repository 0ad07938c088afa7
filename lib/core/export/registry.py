"""What the files of a result are: their registry, and how large one may become."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipInfo

from lib.core.errors import AppError
from lib.core.provenance import Provenance
from lib.core.result import NAME, Result

MOST_ROWS = 5_000_000  # values in one file, unless settings say otherwise
_MOST_MEGABYTES = 1_000  # of text; a file is in memory once before it is sent
_TIME_AND_VALUE = 40  # characters of a line besides its labels, about


class Writer(Protocol):
    """Writes a file. `unit` asks for it in the header; `days` labels each point by the day that it covers.

    `about` goes into the file where its format has a place for it beside the numbers.
    """

    def __call__(
        self, result: Result, *, unit: str = "", days: Sequence[date] = (), about: Provenance | None = None
    ) -> bytes: ...


@dataclass(frozen=True)
class Export:
    """One entry of the download menu: its name in links, its words, what makes the file, and what it cannot hold.

    `wide` is True where a row has one column per series. `most_rows`, `most_columns` are the format's own limits.
    """

    name: str
    label: str
    suffix: str
    mime: str
    write: Writer
    wide: bool = False
    most_rows: int | None = None
    most_columns: int | None = None


EXPORTS: dict[str, Export] = {}


def export(
    name: str,
    *,
    label: str,
    suffix: str,
    mime: str,
    wide: bool = False,
    most_rows: int | None = None,
    most_columns: int | None = None,
) -> Callable[[Writer], Writer]:
    """Registers a function that writes a file. The first one registered is the one that people get by default."""

    def register(write: Writer) -> Writer:
        if name in EXPORTS:
            raise ValueError(f"Two exports are called {name}.")
        EXPORTS[name] = Export(name, label, suffix, mime, write, wide, most_rows, most_columns)
        return write

    return register


def entry(name: str, *, packed: bool = True) -> ZipInfo:
    """An entry of an archive. Its age is always the same, so that equal results give equal bytes."""
    info = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.external_attr = 0o644 << 16
    info.compress_type = ZIP_DEFLATED if packed else ZIP_STORED
    return info


def size_in_words(kind: Export, result: Result) -> str:
    """How large the file is, in what people count: `2,604 rows` or `31 rows, 84 columns`."""
    rows = len(result.values) if kind.wide else result.rows
    told = f"{rows:,} row{'s' * (rows != 1)}"
    columns = len(result.series)
    return f"{told}, {columns:,} column{'s' * (columns != 1)}" if kind.wide else told


def check_size(kind: Export, result: Result, most: int = MOST_ROWS) -> None:
    """Raises AppError, with an estimate, for a file of more than `most` values, or of more than its format can hold."""
    rows, labels = result.rows, len(result.series.columns)
    megabytes = rows * _line(result) / 1e6
    if rows > most or megabytes > _MOST_MEGABYTES:
        limit = f"{most:,} rows" if rows > most else f"{_MOST_MEGABYTES:,} MB"
        hint = "Take a longer step or a shorter range, or add series up."
        raise AppError(f"{rows:,} rows, about {megabytes:,.0f} MB of text; the most is {limit}.", hint)
    if kind.most_rows and rows > kind.most_rows:
        raise AppError(f"{rows:,} rows; {kind.label} holds {kind.most_rows:,}.", "Take Parquet or CSV.")
    if kind.most_columns and labels > kind.most_columns:
        raise AppError(f"{labels:,} labels; {kind.label} holds {kind.most_columns:,}.", "Take Parquet or CSV.")


def _line(result: Result) -> float:
    """About how many characters one row has."""
    if result.empty:
        return _TIME_AND_VALUE
    labels = result.series.drop(columns=[NAME], errors="ignore")
    return _TIME_AND_VALUE + float(sum(labels[name].str.len().mean() + 1 for name in labels))
