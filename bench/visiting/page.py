"""What a browser would show: the elements of a page, kept up to date from what Streamlit sends."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from bench.visiting.truth import Drawn

_BODY = 0  # the first number of a path: 0 the page, 1 the sidebar
_TEXTS = ("markdown", "alert", "heading", "text")


@dataclass(frozen=True)
class Element:
    """One element: its kind, as `Element` in Streamlit's protobuf names it, its content, and the fragment it is in."""

    kind: str
    content: Any
    fragment: str
    run: str


@dataclass
class Page:
    """The elements by their path, in order; `pages` are the hashes of the app's pages by their address."""

    elements: dict[tuple[int, ...], Element] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    query: str = ""
    hash: str = ""
    session: str = ""
    repeats: dict[str, float] = field(default_factory=dict)
    _run: str = ""
    _fragments: tuple[str, ...] = ()

    def take(self, message: ForwardMsg) -> None:
        """Takes one message over."""
        kind = message.WhichOneof("type")
        if kind == "delta":
            self._draw(tuple(message.metadata.delta_path), message.delta)
        elif kind == "new_session":
            self._begin(message)
        elif kind == "navigation":
            self.pages = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
            self.hash = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            self.repeats[message.auto_rerun.fragment_id] = message.auto_rerun.interval
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self.repeats.pop(fragment, None)
        elif kind == "script_finished":
            self._finish(message.script_finished)

    def _begin(self, message: ForwardMsg) -> None:
        run = message.metadata.run
        self._run, self._fragments = run.script_run_id, tuple(run.fragment_ids)
        self.session = message.new_session.initialize.session_id or self.session
        if not self._fragments:
            self.repeats.clear()

    def _draw(self, path: tuple[int, ...], delta: Delta) -> None:
        if delta.WhichOneof("type") != "new_element":
            self.elements[path] = Element("block", None, delta.fragment_id, self._run)
            return
        kind = delta.new_element.WhichOneof("type") or ""
        for below in [place for place in self.elements if place[: len(path)] == path and place != path]:
            del self.elements[below]
        self.elements[path] = Element(kind, getattr(delta.new_element, kind, None), delta.fragment_id, self._run)

    def _finish(self, status: int) -> None:
        """What a whole run has not drawn again is gone."""
        if status not in (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY):
            return
        for path, element in list(self.elements.items()):
            mine = element.fragment in self._fragments if self._fragments else True
            if mine and element.run != self._run:
                del self.elements[path]

    def all(self, kind: str) -> Iterator[Element]:
        """The elements of a kind, from top to bottom."""
        return (element for _, element in sorted(self.elements.items()) if element.kind == kind)

    def find(self, kind: str, label: str) -> Element:
        """The widget of a kind whose label begins so. Raises LookupError."""
        for element in self.all(kind):
            if element.content.label.startswith(label):
                return element
        raise LookupError(f"There is no {kind} {label!r} on the page: {self.text()[:300]}")

    def has(self, kind: str, label: str = "") -> bool:
        """Whether there is such a widget."""
        return any(element.content.label.startswith(label) for element in self.all(kind))

    def text(self) -> str:
        """All text of the page itself, sidebar left out; without the backslashes that keep markdown from acting."""
        found = [
            element.content.body
            for path, element in sorted(self.elements.items())
            if path[0] == _BODY and element.kind in _TEXTS
        ]
        return "\n".join(found).replace("\\", "")

    def complaints(self) -> list[str]:
        """What the page says in red, and exceptions, which nobody should see."""
        alerts = [each.content.body for each in self.all("alert") if each.content.format == each.content.ERROR]
        return alerts + [f"exception: {each.content.type}" for each in self.all("exception")]

    def charts(self) -> list[Mapping[str, Any]]:
        """The figures on the page, as Plotly gets them."""
        return [json.loads(each.content.spec) for each in self.all("plotly_chart")]


def drawn(figure: Mapping[str, Any]) -> list[Drawn]:
    """Every value of every trace of a figure: its series, Unix seconds, the number; gaps left out."""
    found = []
    for trace in figure["data"]:
        if trace.get("y") is None:
            raise ValueError(f"a trace of type {trace.get('type')} has no values")
        values = numbers(trace["y"])
        times = numbers(trace["x"]) if "x" in trace else trace["x0"] + trace["dx"] * np.arange(len(values))
        if len(times) != len(values):
            raise ValueError("a trace has not as many times as values")
        name, places = trace["meta"][0], np.flatnonzero(~np.isnan(values))
        found += [(name, round(float(times[place]) / 1000), float(values[place])) for place in places]
    return found


def numbers(given: Any) -> Any:
    """A list of numbers as Plotly writes it: typed bytes in base64, or JSON with null for a gap. A float64 array."""
    if isinstance(given, dict):
        return np.frombuffer(base64.b64decode(given["bdata"]), np.dtype(given["dtype"])).astype(np.float64)
    return np.array([np.nan if number is None else number for number in given], np.float64)
