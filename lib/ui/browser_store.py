"""One text that the visitor's own browser keeps for this site, across visits. Nothing of it is kept here.

Browsers may refuse to keep anything; then `works` is False and nothing else changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

_KEY = "_browser_store"
# Reads once when it appears; writes whenever the number of the order is new. Python never waits for it.
_SCRIPT = """
const NAME = "hubscope.history"
const done = new WeakMap()

export default function ({ data, parentElement, setStateValue }) {
  const order = data?.order ?? 0
  if (done.get(parentElement) === order) return
  done.set(parentElement, order)
  try {
    if (order === 0) {
      const kept = window.localStorage.getItem(NAME)
      if (kept !== null) setStateValue("told", { text: kept, works: true })
    } else if (data.text === null) {
      window.localStorage.removeItem(NAME)
    } else {
      window.localStorage.setItem(NAME, data.text)
    }
  } catch {
    setStateValue("told", { text: null, works: false })
  }
}
"""


@dataclass(frozen=True)
class Told:
    """What the browser said: the text it had kept, None for none, and whether it keeps any. Foreign text."""

    text: object = None
    works: bool = True


def mount(place: str, order: int, text: str | None) -> Told:
    """Draws the part that talks to the browser; it shows nothing. `place` tells those of one page apart.

    With `order` 0 the browser is only read. Each new order is carried out once: to keep `text`, or with None to forget.
    """
    draw = st.components.v2.component("hubscope_browser_store", js=_SCRIPT)
    found = draw(key=f"{_KEY}_{place}", data={"order": order, "text": text}, on_told_change=lambda: None)
    told = getattr(found, "told", None)
    if not isinstance(told, Mapping):
        return Told()
    return Told(told.get("text"), told.get("works") is not False)
