"""Fewer points for the eye: of a line that has more points than a screen has pixels, those that shape its outline."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lib.core.result import Floats

MOST_POINTS = 4_000  # of one trace; a wide screen has a third as many columns of pixels
_STRETCHES = 1_000  # up to five points of each are kept


def outline(values: Floats) -> npt.NDArray[np.intp]:
    """The places of the points to draw, rising: the first, last, lowest, highest and a gap of each of 1,000 stretches.

    `values`: shape (points,), NaN for a gap. All places where there are no more than 4,000. These four draw the same
    columns of pixels as all points do (Jugel et al., M4: A Visualization-Oriented Time Series Data Aggregation, 2014);
    a gap stays a gap.
    """
    count = len(values)
    if count <= MOST_POINTS:
        return np.arange(count)
    length = -(-count // _STRETCHES)
    padded = np.full(-(-count // length) * length, np.nan)
    padded[:count] = values
    rows = padded.reshape(-1, length)
    known = ~np.isnan(rows)
    gap = known.copy()
    gap.ravel()[count:] = True  # what only fills the last stretch up is no gap
    found = np.stack(
        [
            known.argmax(axis=1),
            length - 1 - known[:, ::-1].argmax(axis=1),
            np.where(known, rows, np.inf).argmin(axis=1),
            np.where(known, rows, -np.inf).argmax(axis=1),
            (~gap).argmax(axis=1),
        ],
        axis=1,
    )
    places = np.unique(found + np.arange(len(rows))[:, None] * length)
    return places[places < count]


def highest(values: Floats) -> tuple[npt.NDArray[np.intp], Floats]:
    """Rows of cells with at most 1,000 columns: where each column begins, and the highest value of each stretch.

    `values`: shape (rows, points); NaN only where a whole stretch has none.
    """
    count = values.shape[1]
    starts = np.arange(0, count, -(-count // _STRETCHES))
    return starts, np.fmax.reduceat(values, starts, axis=1)
