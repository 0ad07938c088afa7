"""What each function, aggregation and operator of PromQL does, in a sentence or two of our own.

The source of the facts is Prometheus' documentation: querying/functions.md and querying/operators.md. A function that
is new there gets a line here; a test holds the list against what `promql_parser` knows.
"""

from __future__ import annotations

from collections.abc import Mapping

FUNCTIONS: Mapping[str, str] = {
    "abs": "The value without its sign.",
    "absent": "Gives 1 where nothing was found, and nothing where something was: for noticing that data is missing.",
    "absent_over_time": "Gives 1 where the window holds no sample at all, and nothing where it holds one.",
    "acos": "The arc cosine, in radians.",
    "acosh": "The inverse hyperbolic cosine.",
    "asin": "The arc sine, in radians.",
    "asinh": "The inverse hyperbolic sine.",
    "atan": "The arc tangent, in radians.",
    "atanh": "The inverse hyperbolic tangent.",
    "avg_over_time": "The average of the samples in the window, each series for itself. Samples count equally.",
    "ceil": "Rounds up to the next whole number.",
    "changes": "How often the value changed from one sample to the next within the window.",
    "clamp": "Holds values between a lower and an upper limit; those outside become the limit.",
    "clamp_max": "Values above the limit become the limit.",
    "clamp_min": "Values below the limit become the limit.",
    "cos": "The cosine of an angle in radians.",
    "cosh": "The hyperbolic cosine.",
    "count_over_time": "How many samples the window holds. Shows how often something is measured.",
    "day_of_month": "The day of the month, 1 to 31, in UTC, of a time in Unix seconds; of now without an argument.",
    "day_of_week": "The day of the week, 0 for Sunday to 6, in UTC.",
    "day_of_year": "The day of the year, 1 to 366, in UTC.",
    "days_in_month": "How many days the month has, 28 to 31, in UTC.",
    "deg": "Turns radians into degrees.",
    "delta": "The difference between the ends of the window, stretched to its full length. For gauges, not counters.",
    "deriv": "The slope per second of a straight line through the samples of the window. For gauges.",
    "double_exponential_smoothing": (
        "A smoothed value that follows the level and the trend of the window; the two factors say how fast. For gauges."
    ),
    "end": "The end of the time that is asked about.",
    "exp": "e to the power of the value.",
    "first_over_time": "The oldest sample in the window.",
    "floor": "Rounds down to the next whole number.",
    "histogram_avg": "The average of the observations in a native histogram.",
    "histogram_count": "How many observations a native histogram holds.",
    "histogram_fraction": "The share of observations between two limits, from 0 to 1.",
    "histogram_quantile": (
        "Estimates the value below which a share of the observations lies, from the buckets of a histogram. Needs the "
        "label le; the estimate is as fine as the buckets."
    ),
    "histogram_quantiles": "Several quantiles of a histogram at once, told apart by a label.",
    "histogram_stddev": "The estimated standard deviation of the observations in a native histogram.",
    "histogram_stdvar": "The estimated variance of the observations in a native histogram.",
    "histogram_sum": "The sum of the observations in a native histogram.",
    "holt_winters": "The old name of double_exponential_smoothing.",
    "hour": "The hour of the day, 0 to 23, in UTC.",
    "idelta": "The difference between the last two samples of the window. For gauges.",
    "increase": (
        "By how much a counter grew in the window. Restarts of the counter are made good, and the result is stretched "
        "to the whole window, so it need not be a whole number."
    ),
    "info": "Adds the labels of matching info metrics, such as target_info.",
    "irate": "The growth per second of a counter between the last two samples of the window: quick, but jumpy.",
    "label_join": "Joins the values of several labels into one label.",
    "label_replace": "Fills a label from another one, where a regular expression matches all of that one.",
    "last_over_time": "The newest sample in the window; bridges gaps that are shorter than it.",
    "ln": "The natural logarithm.",
    "log10": "The decimal logarithm.",
    "log2": "The binary logarithm.",
    "mad_over_time": "The median distance from the median within the window.",
    "max_of": "The larger of two numbers.",
    "max_over_time": "The largest sample in the window, each series for itself.",
    "min_of": "The smaller of two numbers.",
    "min_over_time": "The smallest sample in the window, each series for itself.",
    "minute": "The minute of the hour, 0 to 59, in UTC.",
    "month": "The month, 1 to 12, in UTC.",
    "pi": "The number pi.",
    "predict_linear": "Where a straight line through the window will be in so many seconds. For gauges.",
    "present_over_time": "Gives 1 for every series that has a sample in the window.",
    "quantile_over_time": "The value below which a share of the samples in the window lies; 0.5 is the median.",
    "rad": "Turns degrees into radians.",
    "range": "The length of the time that is asked about, in seconds.",
    "rate": (
        "How fast a counter grows, per second, on average over the window. Restarts of the counter are made good. The "
        "window should hold at least four scrapes."
    ),
    "resets": "How often a counter fell within the window, which means that it started again.",
    "round": "Rounds to the nearest whole number, or to the nearest multiple of the second argument.",
    "scalar": "The value of the only series, as a plain number; not a number when there are none or several.",
    "sgn": "1 for a positive value, -1 for a negative one, 0 for zero.",
    "sin": "The sine of an angle in radians.",
    "sinh": "The hyperbolic sine.",
    "sort": "Sorts by value, smallest first. Shows only where one moment is asked about.",
    "sort_by_label": "Sorts by labels. Shows only where one moment is asked about.",
    "sort_by_label_desc": "Sorts by labels, backwards. Shows only where one moment is asked about.",
    "sort_desc": "Sorts by value, largest first. Shows only where one moment is asked about.",
    "sqrt": "The square root.",
    "start": "The start of the time that is asked about.",
    "start_timestamp": "When a counter began to count, in Unix seconds.",
    "stddev_over_time": "The standard deviation of the samples in the window.",
    "stdvar_over_time": "The variance of the samples in the window.",
    "step": "The spacing between the points that are asked for, in seconds.",
    "sum_over_time": "Adds up all samples in the window. It grows with how often something is measured.",
    "tan": "The tangent of an angle in radians.",
    "tanh": "The hyperbolic tangent.",
    "time": "The moment that is asked about, in Unix seconds.",
    "timestamp": "When each sample was taken, in Unix seconds, instead of its value.",
    "ts_of_first_over_time": "When the oldest sample in the window was taken, in Unix seconds.",
    "ts_of_last_over_time": "When the newest sample in the window was taken, in Unix seconds.",
    "ts_of_max_over_time": "When the largest sample in the window was taken, in Unix seconds.",
    "ts_of_min_over_time": "When the smallest sample in the window was taken, in Unix seconds.",
    "vector": "Makes a series without labels out of a plain number.",
    "year": "The year, in UTC.",
}

AGGREGATIONS: Mapping[str, str] = {
    "avg": "The average over the series of each group. A group has one value for each of the labels after by.",
    "bottomk": "Keeps the series with the smallest values, with all their labels; at every moment anew.",
    "count": "How many series each group has, whatever their values.",
    "count_values": "How many series have each value; the value becomes a label.",
    "group": "Gives 1 for each group that has a series. For joining by labels.",
    "limit_ratio": "Keeps a share of the series, picked by their labels, not by their values.",
    "limitk": "Keeps so many series of each group, whichever they are.",
    "max": "The largest value in each group. Copies of one series from two scrapes count once.",
    "min": "The smallest value in each group. Copies of one series from two scrapes count once.",
    "quantile": "The value below which a share of the series of each group lies; 0.5 is the median.",
    "stddev": "The standard deviation over the series of each group.",
    "stdvar": "The variance over the series of each group.",
    "sum": "Adds up the series of each group. Copies of one series from two scrapes count twice.",
    "topk": "Keeps the series with the largest values, with all their labels; at every moment anew.",
}

_PAIRS = "Series of both sides are paired by equal labels; one without a partner falls out."
_KEEPS = "Keeps the series for which it holds, and leaves out the others; after bool, gives 1 and 0 instead."

OPERATORS: Mapping[str, str] = {
    "+": f"Adds. {_PAIRS}",
    "-": f"Subtracts. {_PAIRS}",
    "*": f"Multiplies. {_PAIRS}",
    "/": f"Divides. {_PAIRS} By zero it gives an infinite value or none.",
    "%": f"The remainder of a division. {_PAIRS}",
    "^": f"The power. {_PAIRS}",
    "atan2": f"The angle of two lengths, in radians. {_PAIRS}",
    "==": f"Equal. {_KEEPS}",
    "!=": f"Not equal. {_KEEPS}",
    ">": f"Above. {_KEEPS}",
    "<": f"Below. {_KEEPS}",
    ">=": f"Equal or above. {_KEEPS}",
    "<=": f"Equal or below. {_KEEPS}",
    "and": "Keeps the series of the left side that have a partner on the right; the values stay those of the left.",
    "or": "All series of the left side, and those of the right that have no partner there.",
    "unless": "Keeps the series of the left side that have no partner on the right.",
}
