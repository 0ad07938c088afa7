"""A checkout of jupyterhub/grafana-dashboards: its Jsonnet sources, rendered to what asks something.

Rendering takes the package gojsonnet, which nothing else needs. The library that upstream builds its panels with,
grafonnet, is not in a checkout; a stand-in that is made from the names the sources use takes its place. It keeps
titles, queries and panels, and forgets how they look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from lib.core.dashboard_json import load
from lib.core.errors import PresetError

NEEDED = "gojsonnet"
_LIBRARY = re.compile(r"\bgrafonnet\b")
_COMMENT = re.compile(r"^\s*(?://|#|\*|/\*).*$", re.MULTILINE)
_MEMBER = re.compile(r"\.([A-Za-z_]\w*)\b(\s*\()?")
_ARGUMENT = re.compile(r"[(,]\s*([A-Za-z_]\w*)\s*=(?!=)")
_POSITIONS = ("_1", "_2", "_3", "_4")


def sources(path: Path) -> list[Path]:
    """The dashboards' sources in a checkout, or the one that `path` is; none where there is no Jsonnet."""
    if path.suffix == ".jsonnet":
        return [path]
    return [file for file in sorted(path.rglob("*.jsonnet")) if _own(file, path)]


def render(file: Path, root: Path) -> object:
    """The JSON of one dashboard, from sources under `root` only. Raises PresetError."""
    try:
        import _gojsonnet  # noqa: PLC0415 - only who gives a checkout needs it
    except ImportError:
        hint = f"Install it beside the app, pip install {NEEDED}, or give rendered dashboards."
        raise PresetError(f"Jsonnet sources need the package {NEEDED}.", hint) from None
    library = stand_in(_text(each) for pattern in ("*.jsonnet", "*.libsonnet") for each in sorted(root.rglob(pattern)))

    def find(folder: str, name: str) -> tuple[str, bytes]:
        found = Path(folder, name)
        if found.resolve().is_relative_to(root.resolve()) and found.is_file():
            return str(found), found.read_bytes()
        if _LIBRARY.search(name):
            return f"stand-in/{name}", library.encode()
        raise RuntimeError(f"{name} is not in {root}")

    try:
        return load(_gojsonnet.evaluate_file(str(file), import_callback=find).encode())
    except RuntimeError as error:
        reason = str(error).strip().partition("\n")[0]
        raise PresetError(f"It cannot be rendered: {reason}.", "Check it with upstream's own tools.") from None


def stand_in(texts: Iterable[str]) -> str:
    """Jsonnet that takes the place of grafonnet for these sources.

    Every name that they use is there at every depth: `new(title, expr)` keeps what it is given, `withX(value)` becomes
    the field x, true where it is given nothing; another function gives back its first argument; whatever is not called
    is the same once more.
    """
    called, plain, arguments = {"new"}, {"row"}, {"value"}
    for text in texts:
        code = _COMMENT.sub("", text)
        arguments |= set(_ARGUMENT.findall(code))
        for name, call in _MEMBER.findall(code):
            (called if call else plain).add(name)
    takes = ", ".join(f"{name}=null" for name in (*_POSITIONS, *sorted(arguments)))
    functions = [f"  {name}:: function({takes}) {_result(name)}," for name in sorted(called - _objects(called, plain))]
    objects = [f"  {name}:: any," for name in sorted(_objects(called, plain) - {"row"})]
    row = f"  row:: any + {{ new:: function({takes}) {{ title: _1, type: 'row' }} }},"
    return "\n".join(["local any = {", *functions, *objects, row, "};", "any", ""])


def _objects(called: set[str], plain: set[str]) -> set[str]:
    """The names that are used without a call somewhere; a setter is a function in any case."""
    return {name for name in plain if name != "new" and not (name in called and name.startswith("with"))}


def _result(name: str) -> str:
    if name == "new":
        return "{ title: _1, expr: _2 }"
    field = re.fullmatch(r"with([A-Z])(\w*?)(Mixin)?", name)
    if not field:
        return "_1"
    given = "if _1 != null then _1 else if value != null then value else true"
    return f"{{ {field[1].lower()}{field[2]}{'+' if field[3] else ''}: {given} }}"


def _own(file: Path, root: Path) -> bool:
    """False for what a package manager has put there, and for hidden folders."""
    return not any(part == "vendor" or part.startswith(".") for part in file.relative_to(root).parts[:-1])


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
