"""Numbers as files hold them: in full precision, and many of them at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lib.core.result import Floats

TEXT = pa.large_string()  # its offsets hold more than 2 GiB
_LEAST, _MOST = 1e-4, 1e10  # between them Arrow writes a number as Python does
_WHOLE = 1e15  # below it Python writes a whole number without an exponent, as Arrow does an integer


def number_texts(values: Floats, present: npt.NDArray[np.bool_] | None = None) -> pa.LargeStringArray:
    """The texts of many numbers, as `number_text` has them; empty where no value is `present`."""
    sizes = np.abs(values)
    texts = pa.array(values).cast(TEXT)
    whole = (sizes >= _MOST) & (sizes < _WHOLE) & (values == np.floor(values))
    if whole.any():
        texts = pc.replace_with_mask(texts, pa.array(whole), pa.array(values[whole].astype(np.int64)).cast(TEXT))
    odd = ~((sizes >= _LEAST) & (sizes < _MOST) | (values == 0) | whole)  # NaN is odd too
    if odd.any():
        there = np.ones(len(values), np.bool_) if present is None else present
        pairs = zip(values[odd].tolist(), there[odd].tolist(), strict=True)
        others = [number_text(value) if known else "" for value, known in pairs]
        texts = pc.replace_with_mask(texts, pa.array(odd), pa.array(others, TEXT))
    return texts


def number_text(value: float) -> str:
    """Full precision: the shortest text that reads back as the same float64; whole numbers without `.0`."""
    if value != value:
        return "NaN"
    if value in (np.inf, -np.inf):
        return "+Inf" if value > 0 else "-Inf"
    return repr(value).removesuffix(".0")
