"""What must become of every behaviour of the double: data, to the last value, or an error with its two sentences.

To add a case, give the double a behaviour (`tests.double.behaviours`) and put its name here, under the kind of error
that it must end in or under `ANSWERED`, with the rows of the list of faults that it stands for (`tests.faults.rows`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from lib.core.errors import Kind
from lib.core.query import InstantQuery, Query, RangeQuery
from lib.core.time_range import TimeRange
from tests.double import HUBS, good_value
from tests.double.odd_answers import HOSTILE

NOW = 1_770_000_000
GRID = range(NOW - 600, NOW + 1, 60)
RANGE = RangeQuery("up", TimeRange(NOW - 600, NOW, 60))
INSTANT = InstantQuery("up", NOW)

Labels = Sequence[Mapping[str, str]]
Shown = tuple[Labels, Sequence[Sequence[float]]]


@dataclass(frozen=True)
class Case:
    """One fault, by the name of the double's behaviour or of a situation, and what must become of it.

    `kind` is None where it must be answered, with the labels and values that `shown` gives for a uid and with as many
    `warnings`. `says` stands in the sentence of the error and `do` in its next step. `waits`: it takes the whole
    deadline.
    """

    name: str
    kind: Kind | None = None
    rows: tuple[str, ...] = ()
    says: str = ""
    do: str = ""
    query: Query = RANGE
    shown: Callable[[str], Shown] | None = None
    warnings: int = 0
    waits: bool = False


def closed_form(uid: str, times: Sequence[int] = GRID) -> Shown:
    """What a good data source says of both hubs."""
    return [{"namespace": hub} for hub in HUBS], [[good_value(uid, hub, time) for time in times] for hub in HUBS]


# What is said and what is to be done, by kind; a case may say more (`_WORDS`).
SENTENCES: dict[Kind, tuple[str, str]] = {
    Kind.TIMEOUT: ("No answer in", "shorter range"),
    Kind.TOO_LARGE: ("The answer is larger than", "Add up series"),
    Kind.NETWORK: ("broke off", "Try again"),
    Kind.REDIRECT: ("", "Check that the address ends where Grafana begins"),
    Kind.LOGIN_PAGE: ("a web page, perhaps a login", "Check that the address ends where Grafana begins"),
    Kind.AUTH: ("refused the token", "make a new one"),
    Kind.FORBIDDEN: ("does not allow this with that token (403)", "Tell whoever runs that Grafana"),
    Kind.NOT_FOUND: ("knows no such data source", "Load the list of data sources again"),
    Kind.CONFIG: ("", "address"),
    Kind.RATE_LIMITED: ("too many questions (429)", ""),
    Kind.UPSTREAM: ("", "Try again in a minute"),
    Kind.UPSTREAM_AUTH: ("own password for this data source is wrong", "Tell whoever runs that Grafana"),
    Kind.UPSTREAM_TIMEOUT: ("gave up", "shorter range or a longer step"),
    Kind.QUERY: ("", ""),
    Kind.QUERY_COST: ("too large for Prometheus", "shorter range or a longer step"),
    Kind.BAD_REQUEST: ("", ""),
    Kind.NOT_JSON: ("", ""),
    Kind.NOT_PROMETHEUS: ("not one that Prometheus gives", "Check that the address"),
    Kind.BUSY: ("no room", "Try again"),
    Kind.TLS: ("", ""),
    Kind.DNS: ("", ""),
}

# A name, and the rows that it stands for; a dash stands for none: it is a kind of fault that the list does not have.
FAILED: dict[Kind, str] = {
    Kind.TIMEOUT: """
        hang A8 | drip-headers A9 | drip-body A10 | drip-body-without-length A10 | drip-chunks A10 | endless-headers -
    """,
    Kind.TOO_LARGE: """
        gzip-bomb A15 | gzip-bomb-of-one-piece A15 | gzip-bomb-within-a-bomb - | big-body A16 | honest-giant A16
        | endless A17 | endless-chunks A17 | endless-page -
        | filled-with-lists - | filled-with-numbers - | filled-with-objects - | filled-with-texts -
        | filled-with-depths - | filled-with-blanks - | labels-ten-thousand -
    """,
    Kind.NETWORK: """
        rst A6 | rst-mid-body A6 | close A7 | cut-body A11 | cut-chunk A12 | no-last-chunk A12 | bad-chunk A12
        | chunk-negative A12 | chunk-beyond-all A12 | chunk-line-without-end A12 | chunk-too-long A12
        | chunked-and-is-not A12 | not-http A13 | long-header - | many-headers - | early-hints -
        | switching-protocols - | http-2-line - | icy - | status-of-two-digits - | status-of-words -
        | status-without-end - | http-0-9 A13 | http-2-preface A13 | half-a-status-line - | length-twice-differing -
        | length-differing-first-short - | length-beyond-all -
    """,
    Kind.REDIRECT: """
        redirect B3 | redirect-host B3 | redirect-loop B3 | redirect-endless B3 | choices-300 - | not-modified-304 -
    """,
    Kind.LOGIN_PAGE: "login-html B1 B2 | login-html-as-json B1 | login-text B1 | xml - | captive-511 -",
    Kind.AUTH: "http-401 B9 | http-401-expired B9 | http-401-revoked B9",
    Kind.FORBIDDEN: "http-403 B10 | http-403-page B10",
    Kind.NOT_FOUND: "grafana-404 B11 F8",
    Kind.CONFIG: """
        html-404 B12 | text-404 B12 | http-on-https A5
        | http-on-https-nginx A5 | http-on-https-apache A5 | tls-alert A5 | proxy-auth-407 -
    """,
    Kind.RATE_LIMITED: """
        rate-429 B14 | rate-429-long B14 | rate-429-date B14 | rate-429-junk B14 | rate-429-bare B14
        | rate-429-below-zero - | rate-429-past -
    """,
    Kind.UPSTREAM: """
        refused B16 | empty-502 B16 | html-502 B16 | html-503 B16 | html-500 - | grafana-500 B15
        | internal-error -
        | error-of-30-mebibytes - | endless-error - | busy-503 - | not-implemented-501 - | version-505 - | storage-507 -
        | cloud-520 - | cloud-530 - | status-999 -
    """,
    Kind.UPSTREAM_AUTH: "upstream-401 B8",
    Kind.UPSTREAM_TIMEOUT: "empty-499 B16 | empty-504 B16 | http-408 - | query-timeout C14 | query-cancelled -",
    Kind.QUERY: """
        parse-error C2 | parse-error-line-2 C3 | unknown-function C4 | range-vector C6 | many-to-many C11
        | hostile-error C34 | status-error C31 | error-and-data - | error-with-bom -
    """,
    Kind.QUERY_COST: "too-many-samples C13 | too-many-points C15",
    Kind.BAD_REQUEST: """
        grafana-400 B7 | http-405 - | http-413 B13 | http-414 B13 | headers-too-large-431 - | http-418 -
        | status-error-bare C33 | status-error-bare-400 C33 | error-list - | reflect -
        | refusal-of-30-mebibytes - | gone-410 - | misdirected-421 - | upgrade-426 - | censored-451 -
    """,
    Kind.NOT_JSON: """
        empty-200 B4 | no-content B4 | body-of-204 - | not-json - | cut-json - | nan-literal D27 | infinity-literal D27
        | deep-json D27 | huge-integer D27 | not-utf8 - | bad-gzip - | gzip-cut - | gzip-many-times -
        | encoding-unknown - | encoding-br - | encoding-zstd - | length-too-short - | half-the-headers -
        | documents-two - | documents-in-lines - | garbage-behind - | nul-behind - | script-guard - | callback -
        | utf-16 - | utf-32 - | surrogate - | single-quotes - | comment - | comma-at-the-end - | messagepack -
        | key-twice-status D27 | key-twice-label D27 | key-twice-values D27 | key-twice-spelled-otherwise D27
    """,
    Kind.NOT_PROMETHEUS: """
        json-null D24 | json-list D24 | json-string D24 | no-data D24 | null-data D24 | null-result D24 | streams D16
        | result-an-object D24 | data-a-list D24 | accepted-202 - | part-206 - | status-unknown - | status-null -
        | type-vector - | type-scalar - | type-unknown - | type-null -
        | time-negative - | time-off-grid - | time-before-range - | time-after-range - | time-of-text - | time-true -
        | time-null - | time-in-milliseconds - | time-beyond-all - | times-unsorted - | time-twice - | of-another-day -
        | of-a-finer-step -
        | value-null D25 | value-true D25 | value-number D25 | value-word D25 | value-underscore D25 | value-list -
        | value-empty - | value-blank - | value-space - | value-comma - | value-hex - | value-infinity - | value-inf -
        | value-nan - | value-overflow - | value-arabic - | value-two - | value-dots -
        | sample-of-three D25 | sample-an-object D25 | values-an-object D24 | values-missing D24 | value-for-values -
        | series-twice D5 | series-twice-but-for-an-empty-label D5 | series-a-list D24 | labels-missing D24
        | labels-a-list D24 | label-null - | label-of-lists - | label-without-name -
        | warnings-a-text - | warnings-of-numbers - | infos-a-text -
    """,
}
FAILED_INSTANTS: dict[Kind, str] = {
    Kind.NOT_PROMETHEUS: """
        pair-of-one D25 | null-value D25 | true-value D25 | word-value D25 | label-number - | row-is-text D24
        | string-a-number - | scalar-a-series - | vector-of-yesterday - | vector-of-an-array -
    """,
    Kind.QUERY: "range-vector-for-an-instant C6",
    Kind.TOO_LARGE: "series-too-many D22",
}
# Answered in the closed form, whatever they look like on the way.
ANSWERED = """
    good - | slow F11 | html-type B5 | bom B5 | extra-keys B5 | gzip B5 | chunked B5 | close-delimited B5 | cookie B18
    | get-only - | get-only-405 - | stale A19 | bad-length - | http-1-0 - | http-1-0-keep-alive - | http-1-9 -
    | no-reason - | bare-newlines - | continue-first - | garbage-after - | answer-after - | rst-after - | pause-within -
    | byte-by-byte - | length-twice - | length-in-a-list - | length-of-words - | length-and-chunks -
    | chunked-in-capitals - | transfer-encoding-unknown - | chunk-extensions - | chunk-trailers - | chunk-zeros -
    | header-folded - | header-nul - | header-latin - | header-without-colon - | header-without-name -
    | keep-alive-zero A19 | says-close-and-stays A19 | stale-by-its-age - | deflate - | deflate-raw - | gzip-twice -
    | gzip-with-garbage - | times-with-fractions D7 | times-as-floats D7 | spaces - | compact - | escaped - | infos C36
    | warnings-null - | fast-clock E20 | slow-clock E20 | filled-with-one-text -
"""
# The same, with so many warnings, all of which must be kept. Of very many the first hundred are, and one counts them.
WARNED: dict[str, int] = {
    "warnings C35": 1,
    "partial-flag C35": 1,
    "partial-flag-of-text -": 1,
    "success-and-an-error -": 1,
    "warnings-hostile C34": 1,
    "warnings-many -": 101,
    "warning-of-a-megabyte -": 1,
    "reflect-in-warning -": 1,
    "reflect-in-escapes -": 1,
    "reflect-half-in-escapes -": 1,
    "reflect-in-percents -": 1,
}


def _with_labels(*first: Mapping[str, str]) -> Callable[[str], Shown]:
    """The closed form, where the first series have other labels."""

    def shown(uid: str) -> Shown:
        labels, values = closed_form(uid)
        return [*first, *labels[len(first) :]], values

    return shown


def _with_first(*values: float) -> Callable[[str], Shown]:
    """The closed form, where the first series begins with other values."""

    def shown(uid: str) -> Shown:
        labels, (first, *others) = closed_form(uid)
        return labels, [[*values, *first[len(values) :]], *others]

    return shown


def _without(first: Sequence[int], second: Sequence[int]) -> Callable[[str], Shown]:
    """The closed form with gaps at these points of its two series."""

    def shown(uid: str) -> Shown:
        labels, values = closed_form(uid)
        gone = [set(first), set(second)]
        return labels, [
            [math.nan if at in gaps else value for at, value in enumerate(one)]
            for one, gaps in zip(values, gone, strict=True)
        ]

    return shown


def _only_second(uid: str) -> Shown:
    labels, values = closed_form(uid)
    return labels[1:], values[1:]


_OURS = {"cluster": "theirs", "exported_cluster": "too", "time": "1", "value": "2", "index": "3", "query": "4"}
_LONG = "x" * 4_083 + "…" + sha256(b"x" * 1_000_000).hexdigest()[:12]  # 4,096 characters
SHOWN: dict[str, Callable[[str], Shown]] = {
    "gaps D4": _without([1, 2, 3], [0]),
    "one-point D1 C20": _without(range(1, 11), range(1, 11)),
    "values-special D2": _with_first(math.nan, math.inf, -math.inf, -0.0, 1e308, 5e-324, 1.7976931348623157e308),
    "values-large D3": _with_first(2.0**53, 2.0**64, 0.1, 1e-7),
    "histograms-only D17": _only_second,
    "histograms-beside D18": _without([10], []),
    "labels-hostile D20": _with_labels({"namespace": "prod", "pod": HOSTILE}),
    "label-of-a-megabyte D19": _with_labels({"namespace": "prod", "pod": _LONG}),
    "labels-nine-hundred -": _with_labels({"namespace": "prod", **{f"label_{n}": "x" for n in range(900)}}),
    "labels-of-ours D12": _with_labels({"namespace": "prod", **_OURS, "__name__": "up"}),
    "labels-other-sets D10 D11": _with_labels({"pod": "only"}),
    "empty-result C24 D1": lambda uid: ([], []),
}
SHOWN_INSTANTS: dict[str, Callable[[str], Shown]] = {
    "scalar D13 C8": lambda uid: ([{}], [[12.5]]),
    "string D14 C7": lambda uid: ([{}], [[math.nan]]),
    "series-of-twenty-thousand D22": lambda uid: (
        [{"pod": f"p{number}"} for number in range(20_000)],
        [[float(number)] for number in range(20_000)],
    ),
}
# Asked by tests of their own, since no closed form fits.
ELSEWHERE = {"echo", "reflect-in-data"}

_WORDS: dict[str, tuple[str, str]] = {
    "redirect": ("asks for a login instead of answering (302)", ""),
    "redirect-host": ("sends us to another address (307), and we do not follow", ""),
    "choices-300": ("instead of giving one (300)", ""),
    "captive-511": ("network wants a login", "Log in to the network"),
    "http-401-expired": ("says that the token is expired", "Make a new one"),
    "http-401-revoked": ("says that the token is revoked", "Make a new one"),
    "http-403": ("", "lacks the permission datasources:query"),
    "html-404": ("not Grafana's API (404)", "https://example.org/grafana"),
    "http-on-https": ("wants https", "https://"),
    "http-on-https-nginx": ("wants https", "https://"),
    "http-on-https-apache": ("wants https", "https://"),
    "tls-alert": ("wants https", "https://"),
    "proxy-auth-407": ("proxy on the way wants a password", "whoever runs the network"),
    "rate-429": ("", "asks to wait 1 s"),
    "rate-429-long": ("", "more than a day"),
    "rate-429-date": ("", "more than a day"),
    "rate-429-past": ("", "Try again in a minute"),
    "refused": ("could not get an answer from this data source (502)", ""),
    "parse-error": ("Line 1, column 3", "braces"),
    "unknown-function": ("Line 1, column 1", "Check the spelling"),
    "range-vector": ("refused this query", "rate()"),
    "range-vector-for-an-instant": ("range vector", "last_over_time"),
    "many-to-many": ("", "group_left"),
    "http-413": ("too long", "Shorten the query"),
    "http-414": ("too long", "Shorten the query"),
    "headers-too-large-431": ("too long", "Shorten the query"),
    "streams": ("a log source", "data source of type Prometheus"),
    "part-206": ("Only a part of an answer came (206)", "cuts answers"),
    "filled-with-blanks": ("28.6 MiB that are not plain numbers", "Add series up"),
    "filled-with-lists": ("so many labels or odd values", "Add series up"),
    "filled-with-numbers": ("so many labels or odd values", "Add series up"),
    "filled-with-objects": ("so many labels or odd values", "Add series up"),
    "filled-with-texts": ("so many labels or odd values", "Add series up"),
    "filled-with-depths": ("so many labels or odd values", "Add series up"),
    "labels-ten-thousand": ("10,001 different labels; the most is 1,000", "Add series up"),
    "series-too-many": ("20,001 series; the most is 20,000", "Add series up"),
    "series-twice": ("two series have the same labels", ""),
    "time-twice": ("not in the order of time", ""),
    "of-another-day": ("a time that was not asked for", ""),
}


def named(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """`name ROW ROW | name -` as names and rows."""
    words = [entry.split() for entry in text.split("|")]
    return [(name, tuple(row for row in rows if row != "-")) for name, *rows in words]


def _failed(table: Mapping[Kind, str], query: Query) -> list[Case]:
    cases = []
    for kind, text in table.items():
        for name, rows in named(text):
            usual, own = SENTENCES[kind], _WORDS.get(name)
            says, do = own or usual
            cases.append(Case(name, kind, rows, says, do, query, waits=kind is Kind.TIMEOUT))
    return cases


def _answered(names: Mapping[str, Callable[[str], Shown]], query: Query) -> list[Case]:
    return [
        Case(name, rows=rows, query=query, shown=shown)
        for text, shown in names.items()
        for name, rows in named(text)
    ]  # fmt: skip


CASES: dict[str, Case] = {
    case.name: case
    for case in [
        *(Case(name, rows=rows, shown=closed_form) for name, rows in named(ANSWERED)),
        *(
            Case(name, rows=rows, shown=closed_form, warnings=count)
            for text, count in WARNED.items()
            for name, rows in named(text)
        ),
        *_answered(SHOWN, RANGE),
        *_answered(SHOWN_INSTANTS, INSTANT),
        *_failed(FAILED, RANGE),
        *_failed(FAILED_INSTANTS, INSTANT),
    ]
}
