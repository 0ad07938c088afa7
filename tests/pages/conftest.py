"""Pages run without a browser, which would ask for more as answers come: so here a page waits for all of them."""

from __future__ import annotations

import pytest

from lib.ui import asking


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer is there before a page is drawn."""
    monkeypatch.setattr(asking, "PATIENCE", 60.0)
