"""P8: a result drawn and written as JSON, as the browser gets it."""

from __future__ import annotations

from collections.abc import Iterator

import plotly.express as px
from plotly.io import to_json
from plotly.tools import return_figure_from_figure_or_data

from bench.data import Size, result
from bench.registry import Measured, faster, figure
from bench.timing import alternating
from lib.core.charts import CHART_TYPES, Look
from lib.core.naming import names
from lib.core.result import Result

USERS = (Size(100, 1_000, most=128), Size(500, 1_000, most=128))
DIGITS = (Size(100, 1_000, whole=False), Size(500, 1_000, whole=False))
_PEERS = {"lines": px.line, "bars": px.bar, "area": px.area}


def drawn(of: Result, look: Look, kind: str) -> str:
    """A figure of ours as JSON, from the result on, in the way of `st.plotly_chart`."""
    figure = return_figure_from_figure_or_data(CHART_TYPES[kind].draw(of, look), validate_figure=True)
    return str(to_json(figure, validate=False))


@figure("P8", "A figure built and written as JSON", against="plotly.express on the same frame")
def p8() -> Iterator[Measured]:
    """Time and bytes. The peer gets the wide frame with its columns named, which is its fastest way."""
    for kind, peer in _PEERS.items():
        for size in (*USERS, *DIGITS) if kind == "lines" else USERS[:1]:
            of = result(size)
            look = Look(names=tuple(names(of)))
            frame = of.values.set_axis(look.names, axis=1)
            sides = {
                "ours": lambda of=of, look=look, kind=kind: drawn(of, look, kind),
                "peer": lambda frame=frame, peer=peer: peer(frame).to_json(),
            }
            case = f"{kind} {size.name}{'' if size.whole else ' of 17 digits'}"
            spent = alternating(sides)
            yield faster(case, spent["ours"].cpu, spent["peer"].cpu, 50)
            ours, theirs = (len(sides[name]()) / 1e6 for name in ("ours", "peer"))
            yield Measured(f"{case}, bytes", theirs / ours, 15, "more", f"{ours:.2f} MB", f"{theirs:.2f} MB")
