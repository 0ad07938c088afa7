"""The house as it is meant to be: who imports whom, what stands where, and that importing does nothing else.

The rules themselves are in `tests/house.py`. Each is also run on a small made-up tree that breaks it, so that none of
them can pass by never complaining.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests import house

ROOT = Path(__file__).parents[1]

# Expressions that reach markdown and are ours although their form does not show it, each with the reason.
ALLOWED = {
    ("lib/ui/downloads.py", "label"): "the same label, and a number of rows",
    ("lib/ui/downloads.py", "kind.label"): "the label under which a function of lib.core.export is registered",
}

RULES: dict[str, Callable[[Path], list[str]]] = {
    "imports follow the layers": house.layer_complaints,
    "Streamlit and sockets stay in their places": house.placement_complaints,
    "no module has a name that says nothing": house.name_complaints,
    "no module of lib is over 250 lines": house.long_modules,
    "every module opens by saying what it holds": house.unsummarised,
    "every page begins by asking for the scope": house.unguarded_pages,
    "caches live in one package and their keys leave nothing out": house.cache_complaints,
    "pages ask through lib.ui.permitted only": house.unpermitted,
    "fragments and dialogs look who is there": house.ungated,
    "no raw HTML, pickle, evaluated text or unverified TLS": house.forbidden,
    "foreign text reaches markdown only through md()": partial(house.foreign_markdown, allowed=ALLOWED),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_house_keeps_its_rules(rule):
    assert rule(ROOT) == []


def test_the_checks_see_the_whole_app():
    paths = {path for path, _ in house.sources(ROOT)}
    assert {"streamlit_app.py", "server.py", "pages/chart.py", "lib/cache/answers.py", "lib/core/result.py"} <= paths


def test_every_exception_to_the_rule_of_markdown_is_still_needed():
    for place in ALLOWED:
        others = {each: reason for each, reason in ALLOWED.items() if each != place}
        assert house.foreign_markdown(ROOT, others) != [], place


DOC = '"""What it holds."""\n'
# A rule, a file of a made-up tree that breaks it, and what the complaint says.
BROKEN = {
    "core imports ui": (house.layer_complaints, "lib/core/x.py", "import lib.ui.frame", "lib.core imports lib.ui"),
    "core imports cache": (house.layer_complaints, "lib/core/x.py", "from lib import cache", "imports lib.cache"),
    "sources import ui": (house.layer_complaints, "lib/sources/x.py", "from lib.ui import frame", "lib.ui.frame"),
    "sources import pages": (house.layer_complaints, "lib/sources/x.py", "import pages.chart", "pages.chart"),
    "ui imports the sample": (house.layer_complaints, "lib/ui/x.py", "from lib.sample import world", "lib.sample"),
    "the sample imports core": (house.layer_complaints, "lib/sample/x.py", "import lib.core.query", "lib.core.query"),
    "ui imports the language": (house.layer_complaints, "lib/ui/x.py", "import lib.promql.parse", "lib.promql.parse"),
    "the language imports core": (house.layer_complaints, "lib/promql/x.py", "import lib.core.query", "lib.core.query"),
    "inside a function": (house.layer_complaints, "lib/core/x.py", "def f():\n    import lib.cache", ":3: lib.core"),
    "for types only": (house.layer_complaints, "lib/core/x.py", "if TYPE_CHECKING:\n    import lib.cache", "lib.cache"),
    "relative": (house.layer_complaints, "lib/core/x.py", "from .. import cache", "..cache"),
    "by name": (house.layer_complaints, "lib/core/x.py", "importlib.import_module('lib.ui')", "an import by"),
    "Streamlit in core": (house.placement_complaints, "lib/core/x.py", "import streamlit as st", "streamlit"),
    "Streamlit in sources": (
        house.placement_complaints,
        "lib/sources/x.py",
        "from streamlit import cache_data",
        "cache",
    ),
    "requests in ui": (house.placement_complaints, "lib/ui/x.py", "import requests", "requests"),
    "sockets in core": (house.placement_complaints, "lib/core/x.py", "from http import client", "http.client"),
    "urllib.request": (house.placement_complaints, "lib/cache/answers.py", "import urllib.request", "urllib.request"),
    "helpers": (house.name_complaints, "lib/core/helpers.py", "", "says nothing"),
    "a package of helpers": (house.name_complaints, "lib/ui/utils/text.py", "", "says nothing"),
    "251 lines": (house.long_modules, "lib/core/x.py", "\n" * 249, "251"),
    "no docstring": (house.unsummarised, "lib/core/x.py", None, "no docstring"),
    "a page without a guard": (house.unguarded_pages, "pages/x.py", "st.title('x')\nframe.scope()", ":2:"),
    "a page of imports only": (house.unguarded_pages, "pages/x.py", "import streamlit", "does not begin"),
    "a cache elsewhere": (house.cache_complaints, "lib/ui/x.py", "@st.cache_data\ndef f(): ...", "st.cache_data"),
    "a hidden parameter": (
        house.cache_complaints,
        "lib/cache/answers.py",
        "@st.cache_data(ttl=1)\ndef f(a, _b): ...",
        "_b is left",
    ),
    "a hidden keyword": (
        house.cache_complaints,
        "lib/cache/answers.py",
        "@st.cache_resource\ndef f(*, _b): ...",
        "_b is left",
    ),
    "a page that asks by itself": (house.unpermitted, "pages/x.py", "cache.ask(a, b)", "cache.ask"),
    "a widget that lists by itself": (house.unpermitted, "lib/ui/x.py", "found = cache.label_values", "label_values"),
    "a cache by its own name": (house.unpermitted, "lib/ui/x.py", "from lib.cache.answers import ask", "lib.cache"),
    "an open fragment": (house.ungated, "lib/ui/x.py", "@st.fragment\ndef f(): ...", "fragment"),
    "an open fragment that runs by itself": (
        house.ungated,
        "lib/ui/x.py",
        "@st.fragment(run_every=1)\n@other\ndef f(): ...",
        "fragment",
    ),
    "a dialog gated on the wrong side": (
        house.ungated,
        "lib/ui/x.py",
        "@visitor.gated\n@st.dialog('x')\ndef f(): ...",
        "dialog",
    ),
    "raw HTML": (house.forbidden, "lib/ui/x.py", "st.markdown('x', unsafe_allow_html=True)", "unsafe_allow_html"),
    "more raw HTML": (house.forbidden, "pages/x.py", "st.html('x')", "st.html"),
    "a traceback on the page": (house.forbidden, "lib/ui/x.py", "st.exception(error)", "st.exception"),
    "a pickle": (house.forbidden, "lib/cache/answers.py", "from pickle import loads", "pickle.loads"),
    "evaluated text": (house.forbidden, "lib/core/x.py", "eval('1')", "eval"),
    "TLS without verification": (house.forbidden, "lib/sources/x.py", "get(url, verify=False)", "verify=False"),
}


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("rule", "path", "code", "words"), BROKEN.values(), ids=BROKEN)
def test_a_rule_that_is_broken_is_seen(tmp_path, rule, path, code, words):
    write(tmp_path, path, "x = 1\n" if code is None else f"{DOC}{code}\n")
    complaints = rule(tmp_path)
    assert len(complaints) == 1
    assert complaints[0].startswith(f"{path}:") and words in complaints[0]


KEPT = {
    "pages/x.py": "import streamlit as st\nfrom lib import cache\nfrom lib.ui import frame\nscope = frame.scope()",
    "lib/ui/x.py": "import streamlit as st\nfrom lib import cache\nimport lib.core.units\nimport lib.sources",
    "lib/cache/answers.py": "import streamlit as st\nimport lib.sources\n@st.cache_data\ndef f(a): ...",
    "lib/ui/permitted.py": "from lib import cache\ncache.ask(1, 2)",
    "lib/ui/y.py": "import streamlit as st\n@st.dialog('x')\n@visitor.gated\ndef f(): ...",
    "lib/sources/x.py": "import requests\nfrom lib.sample import api\nfrom lib.core import query",
    "lib/sample/x.py": "import socket\nfrom lib.sample import names",
    "lib/core/x.py": "import pandas\nfrom lib.core import errors",
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_tree_that_keeps_the_rules_gives_no_complaint(tmp_path, rule):
    for path, code in KEPT.items():
        write(tmp_path, path, f"{DOC}{code}\n")
    assert rule(tmp_path) == []


FOREIGN = {
    "a name": "def f(x):\n    st.markdown(x)",
    "an attribute": "def f(report):\n    st.caption(report.cluster)",
    "an f-string": "def f(x):\n    st.error(f'no answer of {x}')",
    "a sum of texts": "def f(x):\n    st.warning('no answer of ' + x)",
    "format": "def f(x):\n    st.info('no answer of {}'.format(x))",
    "percent": "def f(x):\n    st.success('no answer of %s' % x)",
    "joined": "def f(x):\n    st.title(', '.join(x))",
    "joined after a list": "def f(x):\n    a = [name for name in x]\n    st.title(', '.join(a))",
    "one branch": "def f(x):\n    st.markdown('a' if x else x)",
    "set twice": "def f(x):\n    a = 'ours'\n    a = x\n    st.markdown(a)",
    "added to": "def f(x):\n    a = 'ours'\n    a += x\n    st.markdown(a)",
    "an element of a loop": "def f(rows):\n    for row in rows:\n        st.markdown(row)",
    "the second of a pair": "def f(x):\n    for a, b in [('a', x)]:\n        st.metric('a', b)",
    "a call of something": "def f(x):\n    st.badge(g(x))",
    "a function that gives foreign text": "def g(x):\n    return x.name\ndef f(x):\n    st.badge(g(x))",
    "names of clusters": "def f(x):\n    st.caption(wording.names(x))",
    "the value of a metric": "def f(x):\n    st.metric('a', x)",
    "the change of a metric": "def f(x):\n    st.metric('a', 'b', x)",
    "a label by name": "def f(x):\n    st.button(label=x)",
    "a help text": "def f(x):\n    st.button('a', help=x)",
    "in a column": "def f(column, x):\n    column.markdown(x)",
    "escaped and then not": "def f(x):\n    st.markdown(f'{messages.md(x)} {x}')",
}


@pytest.mark.parametrize("code", FOREIGN.values(), ids=FOREIGN)
def test_foreign_text_on_its_way_to_markdown_is_seen(tmp_path, code):
    write(tmp_path, "lib/ui/x.py", f"{DOC}{code}\n")
    assert len(house.foreign_markdown(tmp_path, {})) == 1


OURS = {
    "a constant": "def f():\n    st.markdown('**ours**')",
    "escaped": "def f(x):\n    st.error(f'**{messages.md(x)}**')",
    "joined after escaping": "def f(x):\n    a = [md(n) for n in x]\n    a += ['more'] * 2\n    st.title(', '.join(a))",
    "a number": "def f(x):\n    st.caption(f'{len(x)} of {x.total:,}')",
    "dates": "def f(x):\n    st.caption(f'{wording.span(x, x, x)} {wording.clock(x, x)}')",
    "a table of constants": "T = {'a': 'b'}\ndef f(x):\n    st.caption(T[x].lower())",
    "a function of ours": "def g(x):\n    return md(x) if x else ''\ndef f(x):\n    st.badge(g(x))",
    "code, which is no markdown": "def f(x):\n    st.code(x)",
}


@pytest.mark.parametrize("code", OURS.values(), ids=OURS)
def test_text_of_our_own_may_reach_markdown(tmp_path, code):
    write(tmp_path, "lib/ui/x.py", f"{DOC}{code}\n")
    assert house.foreign_markdown(tmp_path, {}) == []


def modules(folder: str) -> list[str]:
    """The modules below a folder by dotted name, without programs."""
    paths = [path.relative_to(ROOT).with_suffix("") for path in sorted((ROOT / folder).rglob("*.py"))]
    names = [".".join(path.parts).removesuffix(".__init__") for path in paths]
    return [name for name in names if not name.endswith("__main__")]


def run(program: str, *arguments: str) -> None:
    """Runs a program in a fresh interpreter at the root of the app; its complaints fail the test."""
    command = [sys.executable, "-W", "error", "-c", program, *arguments]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]


WITHOUT_STREAMLIT = """
import importlib, sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "streamlit":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def test_core_works_where_streamlit_is_not_installed():
    run(WITHOUT_STREAMLIT, *modules("lib/core"))


def test_the_app_can_be_asked_as_a_library_where_streamlit_is_not_installed():
    run(WITHOUT_STREAMLIT, "lib.ask", "lib.__main__", *modules("lib/commands"))


def test_the_absence_of_streamlit_would_be_noticed():
    with pytest.raises(AssertionError, match="ModuleNotFoundError: streamlit"):
        run(WITHOUT_STREAMLIT, "lib.cache")


# Libraries come first: what they open is theirs. Then every module of ours, under watch.
WATCHED = """
import importlib, sys
sys.dont_write_bytecode = True  # on a fresh checkout Python would write down what it compiles
libraries, ours = (text.split() for text in sys.argv[1:])
for name in libraries:
    importlib.import_module(name)
seen = []
def watch(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.system", "http.")):
        seen.append((event, arguments))
    elif event == "open" and "__pycache__" not in str(arguments[0]) and not str(arguments[0]).endswith((".py", ".so")):
        seen.append((event, arguments))
sys.addaudithook(watch)
for name in ours:
    importlib.import_module(name)
assert not seen, seen
"""


def libraries() -> list[str]:
    """Every module of others that the app imports."""
    found = set()
    for _, tree in house.sources(ROOT):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module)
    return sorted(name for name in found if not house.within(name, {"lib", "__future__"}))


def test_importing_opens_no_socket_and_no_file_but_source():
    run(WATCHED, " ".join(libraries()), " ".join(modules("lib")))


IMPATIENT = {
    "a file": "open('pyproject.toml')",
    "a socket": "import socket; socket.socket().close()",
    "a program": "import subprocess; subprocess.run(['true'])",
}


@pytest.mark.parametrize("code", IMPATIENT.values(), ids=IMPATIENT)
def test_a_module_that_does_something_when_imported_would_be_noticed(tmp_path, code):
    write(tmp_path, "impatient.py", code)
    with pytest.raises(AssertionError, match="AssertionError"):
        run(f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{WATCHED}", "socket subprocess", "impatient")
