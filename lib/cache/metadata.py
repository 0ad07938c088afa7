"""What the data sources know of: names of metrics, labels and their values."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

from lib.cache.configured import source_named
from lib.core.errors import SourceError
from lib.core.time_range import DAY
from lib.sources import Source, side_by_side

NAMES_SECONDS = 600  # a metric that is new today can wait for minutes


def label_values(sources: Sequence[Source], name: str, match: str, start: int, end: int) -> dict[str, tuple[str, ...]]:
    """By cluster, the values of label `name` on the series of `match` from `start` to `end` (Unix seconds).

    A cluster that cannot say is left out; it takes only its own values away.
    """
    context = get_script_run_ctx()

    def ask_one(source: Source) -> tuple[str, ...]:
        add_script_run_ctx(ctx=context)
        return _label_values(source.id, source.origin, source.credential_id, name, match, start, end)

    limit = max((source.timeout for source in sources), default=0.0)
    found = side_by_side(sources, ask_one, limit)
    pairs = zip(sources, found, strict=True)
    return {source.name: values for source, values in pairs if not isinstance(values, SourceError)}


def metric_names(sources: Sequence[Source], now: float) -> frozenset[str]:
    """The metrics that at least one of the sources has collected in the last day; none when no source can say."""
    end = int(now // DAY * DAY) + DAY
    return frozenset(
        name for names in label_values(sources, "__name__", "", end - 2 * DAY, end).values() for name in names
    )


@st.cache_data(ttl=NAMES_SECONDS, max_entries=1_000, show_spinner=False)
def _label_values(
    source_id: str, origin: str, credential_id: str, name: str, match: str, start: int, end: int
) -> tuple[str, ...]:
    return source_named(source_id, origin, credential_id).label_values(name, match, start, end)
