"""What the tests of pages share: nothing configured, nothing remembered, and every query that was put is counted.

Pages run without a browser, which would ask for more as answers come: so here a page waits for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from lib import cache
from lib.core.setting_names import SETTINGS
from lib.ui import asking

ROOT = Path(__file__).parents[2]


def forget() -> None:
    """Caches outlive a run of the app."""
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture(autouse=True, scope="module")
def empty() -> Iterator[None]:
    """Answers of the sample are shared by the tests of one module and nobody else."""
    forget()
    yield
    forget()


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing configured."""
    monkeypatch.chdir(ROOT)
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
    assert not (ROOT / ".env").exists() and not (ROOT / ".streamlit" / "secrets.toml").exists()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer is there before a page is drawn."""
    monkeypatch.setattr(asking, "PATIENCE", 60.0)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every query that a page puts to the data sources, in order."""
    queries: list[str] = []
    start, ask = cache.start, cache.ask

    def remember(sources, several, **more):
        queries.extend(query.expr for query in several)
        return start(sources, several, **more)

    monkeypatch.setattr(cache, "start", remember)
    monkeypatch.setattr(cache, "ask", lambda sources, query: queries.append(query.expr) or ask(sources, query))
    return queries
