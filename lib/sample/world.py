"""The samples of one cluster as its Prometheus would hold them at a given moment."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lib.sample import (
    container_metrics,
    group_metrics,
    jupyterhub_metrics,
    machine_metrics,
    node_metrics,
    pod_metrics,
    request_metrics,
    storage_metrics,
    termination_metrics,
)
from lib.sample.history import KEPT, PODS_KEPT, ClusterHistory, history_of
from lib.sample.noise import Ints
from lib.sample.people import DAY
from lib.sample.promql.storage import Matcher, SeriesSamples, Windows, matches
from lib.sample.series import Metric, Span, Stretch

METRICS: tuple[Metric, ...] = (
    *jupyterhub_metrics.METRICS,
    *request_metrics.METRICS,
    *storage_metrics.METRICS,
    *group_metrics.METRICS,
    *pod_metrics.METRICS,
    *termination_metrics.METRICS,
    *container_metrics.METRICS,
    *node_metrics.METRICS,
    *machine_metrics.METRICS,
)


@dataclass(frozen=True)
class SampleStorage:
    """A storage for the evaluator. `now` is in whole seconds; nothing later, or 400 days earlier, is known."""

    history: ClusterHistory
    now: int

    def select(self, matchers: Sequence[Matcher], windows: Windows) -> list[SeriesSamples]:
        """Return the series that match and have samples in the windows [t - width, t]; of these only the samples
        inside. Raises `RegexError` for a pattern RE2 refuses."""
        span = self._span(windows.start - windows.width, windows.end)
        grids = {every: self._grid(windows, every) for every in (60, 300)}
        found = []
        for name, stretch in self._matching(matchers, span):
            grid = grids[stretch.every]
            low, high = np.searchsorted(grid, (max(stretch.start, span.first), stretch.end)).tolist()
            if low < high:
                times = grid[low:high]
                labels = {"__name__": name, **stretch.labels}
                found.append(SeriesSamples(labels, times * 1000, stretch.values(times)))
        return found

    def living(self, matchers: Sequence[Matcher], start: int, end: int) -> Iterator[tuple[str, Mapping[str, str]]]:
        """Yield the name and the other labels of the series that match and live between two times in milliseconds,
        once for each life of theirs."""
        span = self._span(start, end)
        for name, stretch in self._matching(matchers, span):
            if stretch.start <= span.last and stretch.end > span.first and span.first <= span.last:
                yield name, stretch.labels

    def _matching(self, matchers: Sequence[Matcher], span: Span) -> Iterator[tuple[str, Stretch]]:
        for_name = [matcher for matcher in matchers if matcher.name == "__name__"]
        others = [matcher for matcher in matchers if matcher.name != "__name__"]
        for metric in METRICS:
            if matches({"__name__": metric.name}, for_name):
                for stretch in _those(metric.stretches(self.history, span), others):
                    yield metric.name, stretch

    def _span(self, start: int, end: int) -> Span:
        """Milliseconds become the whole seconds within, cut to what is kept."""
        first = max(-(-start // 1000), self.now - KEPT)
        return Span(first, min(end // 1000, self.now), self.now - PODS_KEPT)

    def _grid(self, windows: Windows, every: int) -> Ints:
        """Return the scrape times, in seconds and in order, that lie in a window, in history and in no outage."""
        moments = np.arange(windows.start, windows.end + 1, windows.step) if windows.step > 0 else [windows.start]
        last = np.asarray(moments, dtype=np.int64) // (every * 1000)
        first = -(-(np.asarray(moments, dtype=np.int64) - windows.width) // (every * 1000))
        if windows.step <= windows.width + every * 1000:
            times = np.arange(first[0], last[-1] + 1) * every
        else:
            steps = first[:, None] + np.arange(windows.width // (every * 1000) + 1)
            times = steps[steps <= last[:, None]] * every
        kept = (times >= self.now - KEPT) & (times <= self.now)
        for start, end in self.history.outages:
            kept &= (times < start) | (times >= end)
        return np.asarray(times[kept], dtype=np.int64)


def storage_of(cluster: str, now: float) -> SampleStorage:
    """Return what the Prometheus of this cluster holds at `now`, in seconds since 1970-01-01."""
    return SampleStorage(history_of(cluster, int(now) // DAY), int(now))


def _those(stretches: Iterable[Stretch], matchers: Sequence[Matcher]) -> Iterator[Stretch]:
    for stretch in stretches:
        if matches(stretch.labels, matchers):
            yield stretch
