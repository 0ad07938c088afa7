"""Several hundred queries, by where they come from; and as many spoilt at random.

The spoilt ones show that the reading was not written to fit the queries. They are not made of presets, of which there
will be more.
"""

from __future__ import annotations

from lib.core.preset_files import read_catalogue
from lib.core.promql import fill
from lib.core.time_range import DAY, HOUR, TimeRange
from lib.core.variables import put_in
from lib.upstream.verdicts import upstream_text
from tests.promql.odd_queries import ODD
from tests.promql.spoilt import spoilt
from tests.sample.promql_queries import ANSWERED, INSTANT_ONLY, UNANSWERABLE, UNREADABLE
from tests.upstream.queries import UPSTREAM

_GRID = TimeRange(0, DAY, HOUR)


def presets() -> dict[str, str]:
    """Every query of the catalogue, filled."""
    return {
        f"{preset.id} {query.name}".strip(): fill(put_in(query.expr, preset.variables, {}), _GRID).text
        for preset in read_catalogue().values()
        for query in preset.queries
    }


UPSTREAM_FILLED = {name: upstream_text(query, _GRID) for name, query in UPSTREAM.items()}
SAMPLE = {**ANSWERED, **INSTANT_ONLY, **UNANSWERABLE, **UNREADABLE}
_WRITTEN: dict[str, dict[str, str]] = {
    "upstream's panels": UPSTREAM_FILLED,
    "presets": presets(),
    "the sample's tests": SAMPLE,
    **ODD,
}
_TEXTS = [query for group, queries in _WRITTEN.items() if group != "presets" for query in queries.values()]
CORPUS = {**_WRITTEN, "the others, spoilt at random": spoilt(_TEXTS, 500, seed=42)}
