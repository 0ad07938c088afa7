"""Answers in a folder: Arrow files that outlive the process and may be shared by several, never pickles.

A file is a keyed SHA-256 over what follows it, then an Arrow IPC file. The key is drawn once for the folder, so what is
damaged, cut or not from here is known before anything reads it; it is ignored and written anew. Files are written under
another name and renamed, so that nobody sees half of one.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import tempfile
import threading
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from lib.core.result import Answer, ResultType
from lib.core.time_range import TimeRange

_VERSION = 1  # of what is in a file; another one is not read
_DIGEST = 32
_KEY_FILE = "key"
_SHARE = 20  # the folder is measured again when a twentieth of its limit has been written


class Folder:
    """A shelf for `lib.cache.store.Store` in a folder of at most `limit` bytes. Threads and processes may share it.

    `key` is random and belongs to the folder: names of files and their checksums are made with it. Nothing here raises:
    what cannot be read is not there, and what cannot be written is fetched again another time.
    """

    def __init__(self, path: Path, limit: int) -> None:
        self._path, self._limit = path, limit
        self._lock = threading.Lock()
        self._written = limit  # so that the first write measures
        self.key = _folder_key(path)

    def read(self, key: Hashable) -> Answer | None:
        """The answer that was kept under a key; None when there is none that can be trusted."""
        path = self._file(key)
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, pa.ArrowException):
            content = path.read_bytes()
            if hmac.compare_digest(content[:_DIGEST], self._digest(content[_DIGEST:])):
                found = _from_arrow(content[_DIGEST:], path.stem)
                os.utime(path)  # the oldest go first, and this one is in use
                return found
        return None

    def write(self, key: Hashable, answer: Answer) -> None:
        """Keeps an answer."""
        path = self._file(key)
        content = _to_arrow(answer, path.stem)
        with contextlib.suppress(OSError):
            path.parent.mkdir(mode=0o700, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix="new-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(self._digest(content) + content)
                Path(name).replace(path)
            finally:
                Path(name).unlink(missing_ok=True)
            self._make_room(len(content))

    def _file(self, key: Hashable) -> Path:
        name = hmac.new(self.key, repr(key).encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()
        return self._path / name[:2] / f"{name[2:]}.part"

    def _digest(self, content: bytes) -> bytes:
        return hmac.digest(self.key, content, "sha256")

    def _make_room(self, size: int) -> None:
        """Every now and then, takes away what was not used for longest until a tenth of the limit is free."""
        with self._lock:
            self._written += size
            if self._written < self._limit // _SHARE:
                return
            self._written = 0
        files = sorted(((path.stat(), path) for path in self._path.glob("??/*")), key=lambda found: found[0].st_mtime)
        total = sum(stat.st_size for stat, _ in files)
        for stat, path in files:
            if total <= self._limit * 0.9:
                return
            path.unlink(missing_ok=True)
            total -= stat.st_size


def _folder_key(path: Path) -> bytes:
    """The random key of a folder, drawn by whoever comes first. A folder that cannot be written gets one for now."""
    key = secrets.token_bytes(32)
    with contextlib.suppress(OSError):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path, prefix="new-")
        with os.fdopen(handle, "wb") as file:
            file.write(key)
        with contextlib.suppress(FileExistsError):
            os.link(name, path / _KEY_FILE)  # unlike a rename, it never takes the place of another's
        Path(name).unlink()
        key = (path / _KEY_FILE).read_bytes() or key
    return key


def _to_arrow(answer: Answer, key: str) -> bytes:
    """An Arrow IPC file: a row per series, its labels as JSON, its values as a list, and the rest as metadata."""
    grid, points = answer.grid, answer.values.shape[1]
    labels = pa.array([json.dumps(dict(own)) for own in answer.labels], pa.string())
    columns = {"labels": labels, "values": _listed(pa.array(answer.values.ravel()), points)}
    if answer.nan is not None:
        columns["nan"] = _listed(pa.array(answer.nan.ravel()), points)
    told = {
        "version": _VERSION,
        "key": key,
        "type": answer.type,
        "grid": [grid.start, grid.end, grid.step],
        "infos": answer.infos,
        "histograms": answer.histograms,
        "text": answer.text,
        "seconds": answer.seconds,
        "size": answer.size,
        "fetched_at": answer.fetched_at,
    }
    table = pa.table(columns).replace_schema_metadata({"hubscope": json.dumps(told)})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def _listed(values: Any, points: int) -> Any:
    return pa.FixedSizeListArray.from_arrays(values, points)


def _from_arrow(content: bytes, key: str) -> Answer:
    """The answer in a file. Raises ValueError, KeyError, TypeError or an ArrowException for anything else."""
    table = pa.ipc.open_file(pa.py_buffer(content)).read_all()
    told = json.loads(table.schema.metadata[b"hubscope"])
    if told["version"] != _VERSION or told["key"] != key:
        raise ValueError("another version or another answer")
    grid = TimeRange(*told["grid"])
    shape = (table.num_rows, grid.points)
    return Answer(
        type=ResultType(told["type"]),
        grid=grid,
        labels=tuple(json.loads(text) for text in table["labels"].to_pylist()),
        values=_flat(table["values"], np.float64).reshape(shape),
        nan=_flat(table["nan"], np.bool_).reshape(shape) if "nan" in table.column_names else None,
        infos=tuple(told["infos"]),
        histograms=told["histograms"],
        text=told["text"],
        seconds=told["seconds"],
        size=told["size"],
        fetched_at=told["fetched_at"],
    )


def _flat(column: Any, kind: type[Any]) -> Any:
    flat = column.combine_chunks().flatten() if column.num_chunks else pa.array([], pa.null())
    return np.asarray(flat.to_numpy(zero_copy_only=False), kind)
