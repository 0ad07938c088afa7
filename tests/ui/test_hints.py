"""Under the editor: hints that mend the draft with one click, warnings, and the button that lays it out."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from streamlit.testing.v1 import AppTest

from lib.ui import draft


def page(types=None) -> None:
    """An editor with its hints."""
    import streamlit as st  # noqa: PLC0415  (Streamlit runs this function as a script of its own)

    from lib.ui import draft, hints  # noqa: PLC0415

    st.text_area("PromQL", key=draft.key())
    hints.show(types=types)


def opened(typed: str, types: Mapping[str, str] | None = None) -> AppTest:
    """The page with a draft."""
    app = AppTest.from_function(page, kwargs={"types": types})
    app.session_state[draft.key()] = typed
    return app.run()


def said(app: AppTest) -> str:
    """What stands there quietly, without the escapes of markdown."""
    return "\n".join(caption.value for caption in app.caption).replace("\\", "")


def buttons(app: AppTest) -> list[str]:
    """The labels of the buttons."""
    return [button.label for button in app.button]


def test_a_hint_mends_the_draft_with_one_click():
    app = opened('histogram_quantile(0.9, sum(rate(x_bucket{a="$hub"}[5m])))')
    assert "has lost le" in said(app)
    app.button[0].click().run()
    assert app.text_area[0].value == 'histogram_quantile(0.9, sum by (le) (rate(x_bucket{a="$hub"}[5m])))'
    assert buttons(app) == []
    assert said(app) == ""


def test_the_types_of_metrics_are_made_use_of():
    assert buttons(opened("rate(load[5m])")) == []
    app = opened("rate(load[5m])", {"load": "gauge"})
    assert "load is a gauge" in said(app)
    assert buttons(app) == ["Fix"]


def test_format_lays_the_draft_out_and_then_is_gone():
    app = opened("sum( up )by(job) # all")
    assert buttons(app) == ["Format"]
    app.button[0].click().run()
    assert app.text_area[0].value == "sum by (job) (up)  # all"
    assert buttons(app) == []


@pytest.mark.parametrize("typed", ["", "  ", "up", "sum(", "# nothing"])
def test_nothing_stands_under_what_is_right_or_cannot_be_read(typed):
    app = opened(typed)
    assert (said(app), buttons(app)) == ("", [])
    assert not app.exception


def test_foreign_text_in_a_hint_is_text():
    app = opened("up{c=~'<b> & _x_'}")
    (caption,) = app.caption
    assert r"\<b\> \& \_x\_" in caption.value
