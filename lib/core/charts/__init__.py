"""Result -> Plotly figure, one function per chart type.

To add a chart type, write `def name(result: Result, look: Look) -> go.Figure` under `@chart_type(...)` in a module of
this folder and import the module below. Its docstring is its help. Selector, presets and permalinks follow.
A table is no figure: pages draw it themselves, beside the types in `CHART_TYPES`.
"""

from lib.core.charts import (  # noqa: F401, I001 - registers them, in the selector's order
    bars,
    lines,
    area,
    points,
    heatmap,
    calendar,
    spread,
    number,
)
from lib.core.charts.advice import Undrawn, suits, undrawn
from lib.core.charts.frame import CONFIG
from lib.core.charts.registry import CHART_TYPES, Beside, ChartType, Look, chart_type
from lib.core.charts.text import plain

__all__ = ["CHART_TYPES", "Beside", "CONFIG", "ChartType", "Look", "Undrawn", "chart_type", "plain", "suits", "undrawn"]
