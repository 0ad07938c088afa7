"""A token in a file, such as a mounted secret: read again when the file changes, so that it can be rotated."""

from __future__ import annotations

import threading
from pathlib import Path

from lib.core.errors import ConfigError
from lib.core.secret import Secret, check_token

_MOST_BYTES = 4_096

_Stamp = tuple[int, int, int]


class TokenFile:
    """The token in a file. `setting` is what named the file, as errors call it. Any thread may ask.

    Raises ConfigError when there is no token in it to begin with. Later the last good one stays in use while the file
    is missing, empty or half-written, and `problem` says so. A text that did not change keeps its Secret, and with it
    its label.
    """

    def __init__(self, path: str, setting: str) -> None:
        self._path, self._setting = Path(path), setting
        self._lock = threading.Lock()
        self.problem: ConfigError | None = None
        self._stamp = _stamp(self._path)
        self._token = self._read()

    def token(self) -> Secret:
        """The token as it is now. Looks at the file's time of change, its size and its number, and reads if need be."""
        with self._lock:
            stamp = _stamp(self._path)
            if stamp != self._stamp:
                self._stamp = stamp
                self._take_over()
            return self._token

    def _take_over(self) -> None:
        try:
            token = self._read()
        except ConfigError as problem:
            hint = f"The token from before is still in use. {problem.hint}"
            self.problem = ConfigError(problem.message, hint)
            return
        self.problem = None
        if not token.same(self._token):
            self._token = token

    def _read(self) -> Secret:
        try:
            with self._path.open("rb") as file:
                text = file.read(_MOST_BYTES).decode("utf-8", "replace")
        except OSError:
            hint = "Give the path of a file that this program may read, with the token in it."
            raise ConfigError(f"{self._setting} names a file that cannot be read.", hint) from None
        return check_token(text, f"What is in the file of {self._setting}")


def _stamp(path: Path) -> _Stamp | None:
    """What changes when a file is written or replaced, also behind a symbolic link; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
