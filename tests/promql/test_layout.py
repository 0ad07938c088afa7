"""Our layout of a query and the one of a real Prometheus: the same question, and the same lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests

from lib.core.diagnosis import diagnose
from lib.core.promql_format import prettify
from tests.prometheus_server import running_prometheus
from tests.promql.corpus import CORPUS

pytestmark = pytest.mark.prometheus

QUERIES = sorted(
    {query for queries in CORPUS.values() for query in queries.values() if not diagnose(query) and query != "$up"}
)
_MATCHER = re.compile(r'\w+(?:=~|!~|!=|=)"(?:[^"\\]|\\.)*"')
_KEPT = re.compile(r"\b(?:0x[0-9a-f]+|\d*\.?\d+(?:e[-+]?\d+)?(?:[smhdwy]|ms)?|inf)\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def theirs() -> Iterator[dict[str, tuple[str, str]]]:
    """By query, what Prometheus makes of it, and what it makes of our layout of it."""
    with running_prometheus("# EOF\n") as url:
        session = requests.Session()

        def layout(query: str) -> str:
            reply = session.post(f"{url}/api/v1/format_query", data={"query": query}).json()
            assert reply["status"] == "success", reply
            return str(reply["data"])

        yield {query: (layout(query), layout(prettify(query))) for query in QUERIES}


def test_prometheus_reads_our_layout_as_the_same_query(theirs: dict[str, tuple[str, str]]) -> None:
    assert [query for query, (before, after) in theirs.items() if before != after] == []


def test_the_lines_are_those_of_prometheus(theirs: dict[str, tuple[str, str]]) -> None:
    """But for what we leave as it was typed: the order of matchers, texts, numbers, durations."""
    plain = {query: layout for query, (layout, _) in theirs.items() if "#" not in query}
    same = [query for query, layout in plain.items() if _without_details(layout) == _without_details(prettify(query))]
    assert len(same) >= 0.95 * len(plain)


def _without_details(text: str) -> str:
    in_order = re.sub(r"\{([^{}]*)\}", lambda found: str(sorted(_MATCHER.findall(found[1]))), text.strip())
    return _KEPT.sub("0", in_order)
