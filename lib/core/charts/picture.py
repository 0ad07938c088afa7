"""A figure that stays the description it was made from until somebody asks more of it than its JSON.

`go.Figure` makes objects of 500 traces, checks every property of each and copies all of it again on the way to JSON:
ten times what reading the values costs. What our chart types describe is checked by tests instead. Streamlit takes a
description as it is only from a figure; a plain `dict` it turns into a `go.Figure` first.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import numpy as np
import plotly.graph_objects as go


class Picture(go.Figure):  # type: ignore[misc]  # Plotly ships no types
    """A `go.Figure` of a description `{"data": [...], "layout": {...}}`, whose arrays are numpy's.

    The JSON of the description is made at once; anything else builds the figure, with Plotly's own checks.
    """

    def __init__(self, described: dict[str, Any]) -> None:
        self._described = described
        self._built = False

    def __getattr__(self, name: str) -> Any:
        """Called for what is not there: before the figure is built, that is all that Plotly keeps in one."""
        if self.__dict__.get("_built", True):
            raise AttributeError(name)
        self._built = True
        super().__init__(self._described)
        return getattr(self, name)

    def to_dict(self) -> dict[str, Any]:
        """The description with its arrays in Plotly's typed form; of the figure once that is built."""
        if self._built:
            return dict(super().to_dict())
        traces = [{key: _typed(value) for key, value in trace.items()} for trace in self._described["data"]]
        return {"data": traces, "layout": dict(self._described["layout"])}


def _typed(value: object) -> object:
    """An array as Plotly.js reads it fastest: the name of its type and its bytes as base64."""
    if not isinstance(value, np.ndarray):
        return value
    typed = {"dtype": f"{value.dtype.kind}{value.dtype.itemsize}", "bdata": b64encode(value.tobytes()).decode("ascii")}
    return typed if value.ndim == 1 else typed | {"shape": ", ".join(map(str, value.shape))}
