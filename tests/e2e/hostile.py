"""Names that somebody who may name a hub could choose, and a data source that has them as its hubs."""

from __future__ import annotations

import re

from tests.double import good
from tests.double.behaviours import behaviour
from tests.double.wire import Exchange

LONG = "x" * 300  # the one that a chart cuts, with an ellipsis in its middle
LABELS = (
    "![x](http://tracker.example/pixel.png)",
    "[click me](http://phishing.example)",
    "http://phishing.example/login?a=1",
    "www.phishing.example",
    "admin@phishing.example",
    "<script>alert(1)</script>",
    '<img src="http://tracker.example/x.png" onerror=alert(1)>',
    "a<b>c & d",
    "ac & d",
    '<a href="http://phishing.example">hub</a>',
    "<span style='font-size:60px'>hub",
    "%{y} and %{meta[0]}<extra></extra>",
    "$5 and $6 $$x^2$$",
    ":red[not red] :blue-background[x]",
    ":rocket: :material/delete: a -- b --> c",
    "**stars** __init__ _x_ ~~x~~",
    "`code` ``",
    "# x",
    "- x",
    "1. x",
    "&lt;b&gt; &amp; &#x41;",
    "\\*x\\* \\n c:\\temp\\",
    "=HYPERLINK(1)",
    "＝1+1",
    "-1+1",
    "@SUM(A1)",
    "two\nlines",
    "\ttab",
    "nul\0",
    "user\u202egnp.exe",
    "a\u200bb\ufeff",
    " blanks  around ",
    "e\u0301\u0301\u0301 Z͑ͫ̓ͪ̂ͫ",
    "٣ 東京 🗝 👩\u200d💻",
    "nan",
    "None",
    "0012",
    "2026-01-02",
    "__name__",
    '{namespace="x"} or up',
    "$__interval [[a]] ${b} {{c}}",
    "quote\"s ' and `",
    "#000001",
    "⟨U+0041⟩",
    "\ufffd\u00a0\u3164|",
    LONG,
    "",
)
# What cannot be shown letter for letter, and the mark that says what is there. All others are shown as they are.
MARKED = {
    "two\nlines": "two⟨U+000A⟩lines",
    "\ttab": "⟨U+0009⟩tab",
    "nul\0": "nul⟨U+0000⟩",
    "user\u202egnp.exe": "user⟨U+202E⟩gnp.exe",
    "a\u200bb\ufeff": "a⟨U+200B⟩b⟨U+FEFF⟩",
    " blanks  around ": "⟨U+0020⟩blanks⟨U+0020⟩⟨U+0020⟩around⟨U+0020⟩",
    "\ufffd\u00a0\u3164|": "\ufffd⟨U+00A0⟩⟨U+3164⟩|",
}
PART = 6  # names in one chart: so many entries a legend shows in full


def shown(label: str) -> str:
    """What a reader sees of a label."""
    return MARKED.get(label, label)


def part(number: int) -> tuple[str, ...]:
    """The names of the metric `part_<number>`."""
    return LABELS[number * PART : (number + 1) * PART]


PARTS = -(-len(LABELS) // PART)


@behaviour("hostile")
async def hostile(exchange: Exchange) -> None:
    """One series per name of the part that the query names; the first has the largest value."""
    form, rest = exchange.asked.form, exchange.rest
    asked = re.search(r"part_(\d+)", form.get("query", "") + form.get("match[]", ""))
    names = part(int(asked[1])) if asked else ()
    if rest.endswith("/values"):
        await exchange.answer_json(200, good.success([name for name in LABELS if name]))
    elif rest == "api/v1/query_range":
        start, end, step = (int(float(form[name])) for name in ("start", "end", "step"))
        grid = range(start, end + 1, step)
        series = [
            {"metric": {"namespace": name}, "values": [[time, str(100 - at + time // step % 2)] for time in grid]}
            for at, name in enumerate(names)
        ]
        await exchange.answer_json(200, good.success({"resultType": "matrix", "result": series}))
    elif rest == "api/v1/query":
        time = float(form["time"])
        vector = [{"metric": {"namespace": name}, "value": [time, str(100 - at)]} for at, name in enumerate(names)]
        await exchange.answer_json(200, good.success({"resultType": "vector", "result": vector}))
    else:
        await good.good(exchange)
