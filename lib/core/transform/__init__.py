"""Transforms: pure functions from a result to a result, by name in `TRANSFORMS`.

To add one, write a function `(result, ...) -> Result` under `@transform("name", label="...", ...)` in a module of this
folder and import the module below. Its docstring is the help that people read. The chart page, links and files follow.
Reports are kept, inputs are never changed, gaps stay gaps.
"""

from lib.core.transform import series, through_time, calendar, earlier  # noqa: F401, I001 - registers them, in the list's order
from lib.core.transform.calendar import STATISTICS, Edges, edges, told, usual_statistic
from lib.core.transform.earlier import COMPARE, EARLIER, wanted
from lib.core.transform.meaning import Meaning
from lib.core.transform.registry import (
    TRANSFORMS,
    Chosen,
    Done,
    Transform,
    apply,
    attempt,
    spell,
    transform,
    understand,
    words,
)
from lib.core.transform.series import GROUPS, group, hide_staging, largest, read_count, read_labels, sort_by_total, top
from lib.core.transform.series import without_staging

__all__ = [
    "COMPARE",
    "EARLIER",
    "GROUPS",
    "STATISTICS",
    "TRANSFORMS",
    "Chosen",
    "Done",
    "Edges",
    "Meaning",
    "Transform",
    "apply",
    "attempt",
    "edges",
    "group",
    "hide_staging",
    "largest",
    "read_count",
    "read_labels",
    "sort_by_total",
    "spell",
    "told",
    "top",
    "transform",
    "understand",
    "wanted",
    "usual_statistic",
    "without_staging",
    "words",
]
