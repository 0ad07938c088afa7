"""Presets: ready-made questions as data. How the TOML files that hold them are read is in `lib.core.preset_files`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lib.core.variables import NumberVariable, Variable, used

SUBJECTS = ("People", "Servers", "Storage", "Reliability", "Cost of resources", "Operations")


class Covers(StrEnum):
    """What a value at one instant speaks of.

    - INSTANT: that instant;
    - WINDOW: a fixed time before it (24 h, 7 days), the same whatever the step;
    - STEP: the time since the instant before.

    With a step of a day or more, WINDOW and STEP values are shown on the day they cover, not on the midnight after it.
    """

    INSTANT = "instant"
    WINDOW = "window"
    STEP = "step"


class Audience(StrEnum):
    """Whom a preset is for. Those for operators wait behind a switch."""

    EVERYONE = "everyone"
    OPERATORS = "operators"


class Difference(StrEnum):
    """In what a preset differs from the panel it was borrowed from.

    Each has a test that counts by hand, on a real Prometheus, why the preset is right; add one with each new kind.
    """

    SHORT_WINDOW = "short window"  # two minutes, or two samples, stand for a whole step
    ONE_MOMENT = "one moment"  # a sampled gauge: what came and went within a step is not seen
    SILENT_MOMENT = "silent moment"  # whatever restarts at the wrong moment leaves a gap
    RAW_DIFFERENCE = "raw difference"  # one counter less its past self turns negative when it begins anew
    MIXED_HUBS = "mixed hubs"  # what has one name on several hubs is added up or merged
    OTHER_NAMESPACES = "other namespaces"  # everything in the cluster counts as a hub
    REPORTED_TWICE = "reported twice"  # two copies of an exporter overlap, and a sum doubles
    FAILING_JOIN = "failing join"  # they overlap, and the whole query is refused
    ONCE_A_MACHINE = "once a machine"  # every machine reports the same volume
    MATCHED_BY_NAME = "matched by name"  # pods of one name are taken for each other
    ENDED_PODS = "ended pods"  # pods that are over still count
    ONE_CONTAINER = "one container"  # one container stands for its pod
    NEEDLESS_JOIN = "needless join"  # a label that is not needed, and nothing is left where it is missing
    DEAD_METRIC = "dead metric"  # the exporter has dropped what is asked for
    RAW_HEATMAP = "raw heatmap"  # a series a pod or a bucket, for Grafana to draw a heatmap of
    ANOTHER_NUMBER = "another number"  # a date instead of an age


@dataclass(frozen=True)
class Upstream:
    """The Grafana panel a query was borrowed from: dashboard, panel title, and a link to it."""

    dashboard: str
    panel: str
    url: str


@dataclass(frozen=True)
class NamedQuery:
    """One query of a preset. `name` tells it from the others; "" where it is the only one.

    `as_is` says that it is to be sent though our own reading refuses it.
    """

    name: str
    expr: str
    as_is: bool = False


@dataclass(frozen=True)
class Preset:
    """A ready-made question.

    `question` is the page's title and `title` its short name; `means` defines the number and `care` says how it
    misleads (together at most 60 words). In `queries`, `$__interval` stands for the step, and variables such as `$hub`
    for what the visitor chooses. `range` is how far back it looks unless told otherwise (`now-30d`), `step` in seconds,
    0 to let the range decide; `instant` presets ask about one moment. `adds` says whether values of different hubs may
    be added up; where they may not, there is no total. `by` is the split it opens with: total, cluster, hub, series
    or a label; "" for hub. `told` is how a sentence goes on after the number: 214 people `a day used the hubs`.
    `first` presets stand on the page itself. `differs` says in one sentence how the answer differs from the panel
    in `upstream`, and `differs_in` names the kinds of it; both empty where it does not.
    """

    id: str
    question: str
    title: str
    subject: str
    means: str
    care: str
    unit: str
    chart: str
    queries: tuple[NamedQuery, ...]
    range: str
    step: int
    covers: Covers
    adds: bool
    instant: bool = False
    legend: str = ""
    by: str = ""
    told: str = ""
    synonyms: tuple[str, ...] = ()
    audience: Audience = Audience.EVERYONE
    upstream: Upstream | None = None
    differs: str = ""
    differs_in: tuple[Difference, ...] = ()
    numbers: tuple[NumberVariable, ...] = ()
    first: bool = False

    @property
    def expr(self) -> str:
        """The first query, or the only one."""
        return self.queries[0].expr

    @property
    def variables(self) -> tuple[Variable, ...]:
        """What the queries leave open, each once."""
        numbers = {number.name: number for number in self.numbers}
        text = "\n".join(query.expr for query in self.queries)
        return used(text, numbers)
