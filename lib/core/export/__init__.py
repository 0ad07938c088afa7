"""Exports: a result becomes a file, by name in `EXPORTS`.

To add one, write a module here with a function `(result, *, unit, days, about) -> bytes` under `@export("name",
label="...", suffix="...", mime="...")` and import it below; the download menu then offers it. The same result gives the
same bytes.
"""

from lib.core.export.cells import escape, unescape
from lib.core.export.csv_files import csv_long, csv_wide
from lib.core.export.excel import excel
from lib.core.export.json_file import json_file
from lib.core.export.naming import file_name, fingerprint
from lib.core.export.parquet import frame, parquet
from lib.core.export.registry import EXPORTS, MOST_ROWS, Export, check_size, export, size_in_words

from lib.core.export.bundle import bundle  # isort: skip  it takes what is registered before it

__all__ = [
    "EXPORTS",
    "MOST_ROWS",
    "Export",
    "bundle",
    "check_size",
    "csv_long",
    "csv_wide",
    "escape",
    "excel",
    "export",
    "file_name",
    "fingerprint",
    "frame",
    "json_file",
    "parquet",
    "size_in_words",
    "unescape",
]
