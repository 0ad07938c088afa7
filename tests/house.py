"""The rules of the house as functions from a tree of source files to complaints, for `tests/test_architecture.py`.

Each complaint is a text that begins with `path:line:`. Every function takes the root of the tree, so that a test can
also hand it a small made-up one and see that it complains.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

# From left to right: each may import what stands right of it. The sample is a world of its own: only sources open it,
# and it may import nothing but the language, which it shares with core and with nobody else.
LAYERS = (
    *("pages", "lib.ui", "lib.cache", "lib.commands", "lib.upstream", "lib.ask", "lib.sources"),
    *("lib.sample", "lib.core", "lib.promql"),
)
STREAMLIT = ("streamlit_app.py", "server.py", "pages/", "lib/ui/", "lib/cache/")
NETWORK = ("lib/sources/", "lib/sample/")
SOCKETS = {"requests", "urllib3", "socket", "http.client", "http.server", "ssl", "aiohttp", "httpx", "urllib.request"}
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc", "base_utils", "stuff"}
LONGEST_MODULE = 250


def sources(root: Path) -> Iterator[tuple[str, ast.Module]]:
    """The source files of the app: path from the root, with slashes, and tree."""
    for path in sorted([*root.glob("*.py"), *root.glob("pages/**/*.py"), *root.glob("lib/**/*.py")]):
        yield path.relative_to(root).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every import, wherever it stands, as line and full name: `from lib import cache` is `lib.cache`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("__import__", "importlib.import_module"):
            yield node.lineno, "an import by " + ast.unparse(node)


def within(name: str, packages: str | set[str]) -> bool:
    """Whether a module is one of the packages or lies inside one."""
    return any(
        f"{name}.".startswith(f"{package}.") for package in ([packages] if isinstance(packages, str) else packages)
    )


def layer_of(name: str) -> str | None:
    """The layer that a dotted name lies in."""
    return next((layer for layer in LAYERS if within(name, layer)), None)


def layer_complaints(root: Path) -> list[str]:
    """Imports against the order of the layers, relative imports, and imports by name."""
    found = []
    for path, tree in sources(root):
        own = layer_of(path.removesuffix(".py").replace("/", "."))
        for line, name in imports(tree):
            if name.startswith((".", "an import by")):
                found.append(f"{path}:{line}: {name}")
            other = layer_of(name)
            if own is None or other is None or own == other:
                continue
            backwards = LAYERS.index(other) < LAYERS.index(own)
            language = other == "lib.promql"
            strangers = own not in ("lib.core", "lib.sample") if language else own == "lib.sample"
            if backwards or strangers or (other == "lib.sample" and own != "lib.sources"):
                found.append(f"{path}:{line}: {own} imports {name}")
    return found


def placement_complaints(root: Path) -> list[str]:
    """Streamlit and the network where they do not belong."""
    rules = ((STREAMLIT, {"streamlit"}), (NETWORK, SOCKETS))
    return [
        f"{path}:{line}: imports {name}"
        for path, tree in sources(root)
        for line, name in imports(tree)
        for places, modules in rules
        if within(name, modules) and not path.startswith(places)
    ]


def name_complaints(root: Path) -> list[str]:
    """Modules and packages whose name says nothing."""
    return [f"{path}:1: says nothing" for path, _ in sources(root) if VAGUE & set(path.removesuffix(".py").split("/"))]


def long_modules(root: Path) -> list[str]:
    """Modules of lib with more than 250 lines."""
    lines = {path: len((root / path).read_text(encoding="utf-8").splitlines()) for path, _ in sources(root)}
    return [f"{path}:{n}: too long" for path, n in lines.items() if n > LONGEST_MODULE and path.startswith("lib/")]


def unsummarised(root: Path) -> list[str]:
    """Modules that hold code and do not open with a docstring."""
    return [f"{path}:1: no docstring" for path, tree in sources(root) if tree.body and not ast.get_docstring(tree)]


def unguarded_pages(root: Path) -> list[str]:
    """Pages whose first statement after docstring and imports does not ask for the scope."""
    found = []
    for path, tree in sources(root):
        if not path.startswith("pages/"):
            continue
        rest = tree.body[1:] if ast.get_docstring(tree) else tree.body
        first = next((node for node in rest if not isinstance(node, (ast.Import, ast.ImportFrom))), None)
        asked = isinstance(first, (ast.Assign, ast.Expr)) and ast.unparse(first.value) == "frame.scope()"
        if not asked:
            found.append(f"{path}:{first.lineno if first else 1}: does not begin with frame.scope()")
    return found


def cache_complaints(root: Path) -> list[str]:
    """Streamlit's caches outside `lib/cache/`, and parameters that such a cache would leave out of its key."""
    found = []
    for path, tree in sources(root):
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in ("cache_data", "cache_resource")
                and not path.startswith("lib/cache/")
            ):
                found.append(f"{path}:{node.lineno}: {ast.unparse(node)}")
            if isinstance(node, ast.FunctionDef) and any("cache_" in ast.unparse(each) for each in node.decorator_list):
                arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                names = [argument.arg for argument in arguments if argument.arg.startswith("_")]
                found += [f"{path}:{node.lineno}: {name} is left out of the key" for name in names]
    return found


def _is_forbidden(node: ast.AST) -> bool:
    if isinstance(node, ast.keyword):
        return node.arg == "unsafe_allow_html" or (node.arg == "verify" and ast.unparse(node.value) == "False")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in ("eval", "exec", "compile")
    if isinstance(node, ast.Attribute):
        return ast.unparse(node) in ("st.html", "st.exception", "st.write", "st.iframe", "components.html")
    return False


def forbidden(root: Path) -> list[str]:
    """Raw HTML, tracebacks on the page, pickles, evaluated text, and TLS without verification."""
    found = []
    for path, tree in sources(root):
        found += [
            f"{path}:{line}: {name}" for line, name in imports(tree) if within(name, {"pickle", "shelve", "marshal"})
        ]
        nodes = [node for node in ast.walk(tree) if _is_forbidden(node)]
        found += [f"{path}:{getattr(node, 'lineno', 0)}: {ast.unparse(node)}" for node in nodes]
    return found


# Calls of Streamlit that read their text as markdown.
MARKDOWN = {
    *("markdown", "error", "warning", "info", "success", "caption", "title", "header", "subheader", "metric", "badge"),
    *("toast", "button", "download_button", "expander", "popover", "page_link", "toggle", "checkbox"),
}
TEXT_ARGUMENTS = {"body", "label", "value", "delta", "help"}
POSITIONS = {"metric": 3, "page_link": 0}  # how many arguments without a name are text; otherwise the first
# Calls whose outcome is ours: escaped text, dates and numbers in our own words. tests/ui/test_wording.py and
# tests/core/test_units.py see to it that they hold nothing that markdown would read.
OURS = {
    *(
        "md",
        "messages.md",
        "messages.link",
        "reason",
        "messages.reason",
        "format_value",
        "format_change",
        "len",
        "round",
    ),
    *("wording.date", "wording.moment", "wording.clock", "wording.span", "wording.step", "wording.spacing"),
}
_STRING_METHODS = {"join", "lower", "strip", "capitalize"}


class _Texts:
    """Tells whether an expression of one module can only hold text of our own. What it cannot prove, it denies."""

    def __init__(self, tree: ast.Module, allowed: Callable[[str], bool]) -> None:
        self.tree = tree
        self.allowed = allowed
        self.functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        self._open: set[str] = set()  # what is being proved just now; a circle proves nothing wrong

    def ours(self, node: ast.expr | None, scope: ast.AST) -> bool:
        """Whether the expression holds only text of our own, or a number, when it stands in this function."""
        if node is None or isinstance(node, (ast.Constant, ast.Compare)) or self.allowed(ast.unparse(node)):
            return True
        match node:
            case ast.FormattedValue(format_spec=ast.JoinedStr(values=[ast.Constant(value=form)])) if "," in form:
                return True  # only numbers can be written so
            case ast.Subscript(value=ast.Name(id=name)):
                return self._constant_table(name)
            case ast.Call():
                return self._call(node, scope)
            case ast.Name(id=name):
                return self._name(name, scope)
        parts = _parts(node)
        return bool(parts) and self._all(parts, scope)

    def _all(self, nodes: list[ast.expr], scope: ast.AST) -> bool:
        return all(self.ours(node, scope) for node in nodes)

    def _call(self, node: ast.Call, scope: ast.AST) -> bool:
        if ast.unparse(node.func) in OURS:
            return True
        if isinstance(node.func, ast.Attribute) and node.func.attr in _STRING_METHODS:
            return self._all([node.func.value, *node.args], scope)
        function = self.functions.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if function is None:
            return False
        returned = [each.value for each in ast.walk(function) if isinstance(each, ast.Return)]
        return self._once(function.name, lambda: all(self.ours(each, function) for each in returned))

    def _constant_table(self, name: str) -> bool:
        values = [value.values for value in self._given(name, self.tree) if isinstance(value, ast.Dict)]
        return bool(values) and all(isinstance(each, ast.Constant) for table in values for each in table)

    def _name(self, name: str, scope: ast.AST) -> bool:
        given = self._given(name, scope) or self._given(name, self.tree)
        return bool(given) and self._once(f"{name} in {id(scope)}", lambda: self._all(given, scope))

    def _given(self, name: str, scope: ast.AST, seen: tuple[str, ...] = ()) -> list[ast.expr]:
        """Everything a name is ever set to in a scope. An element of a loop is as good as the whole."""
        found = []
        for node in ast.walk(scope) if scope is not self.tree else self.tree.body:
            if isinstance(node, ast.Assign):
                found += [value for target in node.targets for value in _matching(target, node.value, name)]
            elif isinstance(node, (ast.AugAssign, ast.AnnAssign)) and node.value:
                found += _matching(node.target, node.value, name)
            elif isinstance(node, (ast.For, ast.comprehension)) and _matching(node.target, node.iter, name):
                rows = [node.iter]
                if isinstance(node.iter, ast.Name) and node.iter.id not in seen:
                    rows = self._given(node.iter.id, scope, (*seen, node.iter.id)) or rows
                literal = [item for row in rows if isinstance(row, (ast.List, ast.Tuple)) for item in row.elts]
                found += [value for item in literal or rows for value in _matching(node.target, item, name)]
        return found

    def _once(self, what: str, prove: Callable[[], bool]) -> bool:
        if what in self._open:
            return True
        self._open.add(what)
        try:
            return prove()
        finally:
            self._open.remove(what)


def _parts(node: ast.expr) -> list[ast.expr]:
    """What an expression is made of, where it is as good as its parts; nothing where that cannot be said."""
    match node:
        case ast.JoinedStr(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.BoolOp(values=parts):
            return parts
        case ast.FormattedValue(value=inner) | ast.Starred(value=inner) | ast.UnaryOp(operand=inner):
            return [inner]
        case ast.ListComp(elt=inner) | ast.GeneratorExp(elt=inner):
            return [inner]
        case ast.BinOp(left=first, right=second) | ast.IfExp(body=first, orelse=second):
            return [first, second]
    return []


def _matching(target: ast.expr, value: ast.expr, name: str) -> list[ast.expr]:
    """What `name` gets when `target` is set to `value`; the whole value where its parts cannot be told apart."""
    if isinstance(target, ast.Name):
        return [value] if target.id == name else []
    if not isinstance(target, ast.Tuple):
        return []
    if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts):
        pairs = zip(target.elts, value.elts, strict=True)
        return [found for part, inner in pairs for found in _matching(part, inner, name)]
    return [value] if name in [ast.unparse(part) for part in target.elts] else []


# What asks data sources something; `lib.ui.permitted` asks for everybody else.
ASKING = {"start", "ask", "reasons", "label_names", "label_values", "metric_names", "metric_catalogue"}


def unpermitted(root: Path) -> list[str]:
    """Pages that ask data sources past `lib.ui.permitted`."""
    found = []
    for path, tree in sources(root):
        if not path.startswith(("lib/ui/", "pages/")) or path == "lib/ui/permitted.py":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "cache" and node.attr in ASKING:
                found.append(f"{path}:{node.lineno}: cache.{node.attr} is asked past lib.ui.permitted")
            elif isinstance(node, ast.ImportFrom) and within(node.module or "", "lib.cache"):
                found.append(f"{path}:{node.lineno}: {node.module} is imported past lib.ui.permitted")
    return found


def ungated(root: Path) -> list[str]:
    """Fragments and dialogs, which run without the page around them, that do not look who is there."""
    found = []
    for path, tree in sources(root):
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef):
                continue
            names = [ast.unparse(each.func if isinstance(each, ast.Call) else each) for each in node.decorator_list]
            for name, below in zip(names, [*names, ""][1:], strict=True):
                if name in ("st.fragment", "st.dialog") and below != "visitor.gated":
                    found.append(f"{path}:{node.lineno}: {node.name} is a {name[3:]} without @visitor.gated under it")
    return found


def foreign_markdown(root: Path, allowed: dict[tuple[str, str], str]) -> list[str]:
    """Text that is not provably ours on its way to markdown. `allowed` has (path, expression) and the reason."""
    found = []
    for path, tree in sources(root):
        if not path.startswith(("lib/ui/", "pages/")):
            continue
        texts = _Texts(tree, lambda text, path=path: (path, text) in allowed)
        for scope, call in _calls(tree):
            if not isinstance(call.func, ast.Attribute) or call.func.attr not in MARKDOWN:
                continue
            given = [
                *call.args[: POSITIONS.get(call.func.attr, 1)],
                *(each.value for each in call.keywords if each.arg in TEXT_ARGUMENTS),
            ]
            wrong = [ast.unparse(each) for each in given if not texts.ours(each, scope)]
            found += [f"{path}:{call.lineno}: {call.func.attr}({text})" for text in wrong]
    return found


def _calls(tree: ast.Module) -> Iterator[tuple[ast.AST, ast.Call]]:
    """Every call with the function it stands in, or the module."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    inside = {id(node): function for function in functions for node in ast.walk(function)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield inside.get(id(node), tree), node
