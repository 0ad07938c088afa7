"""Everything in one: each file of a result, where its numbers come from, and what is what, as a ZIP."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from datetime import date

from lib.core.errors import AppError
from lib.core.export.registry import EXPORTS, check_size, entry, export, size_in_words
from lib.core.provenance import Provenance
from lib.core.result import Result

_STORED = ("xlsx", "parquet")  # packed already


@export("zip", label="Everything, as one ZIP", suffix="zip", mime="application/zip")
def bundle(result: Result, *, unit: str = "", days: Sequence[date] = (), about: Provenance | None = None) -> bytes:
    """Every other format, `provenance.json` and `README.txt`; made and packed one after the other.

    A format that cannot hold the result is left out, and the README says why.
    """
    file, told = io.BytesIO(), []
    with zipfile.ZipFile(file, "w") as archive:
        for kind in [kind for kind in EXPORTS.values() if kind.suffix != "zip"]:
            name = (
                f"{kind.name.replace('csv_', 'values-')}.{kind.suffix}"
                if kind.suffix == "csv"
                else f"values.{kind.suffix}"
            )
            try:
                check_size(kind, result, most=max(1, result.rows))
                content = kind.write(result, unit=unit, days=days, about=about)
            except AppError as error:
                told.append(f"{name}: left out. {error.message}")
                continue
            told.append(f"{name}: {kind.label}; {size_in_words(kind, result)}")
            _add(archive, name, content)
        told.append("provenance.json: where the numbers come from")
        _add(archive, "provenance.json", (about.as_json() if about else json.dumps(None)).encode("utf-8", "replace"))
        _add(archive, "README.txt", _readme(told, about).encode("utf-8", "replace"))
    return file.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(entry(name, packed=not name.endswith(_STORED)), content)


def _readme(told: Sequence[str], about: Provenance | None) -> str:
    lines = [f"{what}: {which}" for what, which in about.as_lines()] if about else []
    advice = [
        "Each row of values-long.csv is one value; a gap has no row. Times carry their offset from UTC.",
        "A text that a spreadsheet would take for a formula begins with an apostrophe in the CSV files.",
    ]
    return (
        "\n".join(["Files", *told, "", *advice, "", *(["Where the numbers come from", *lines] if lines else [])]) + "\n"
    )
