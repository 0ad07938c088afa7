"""Files: made when somebody clicks, from the look that the page shows, and never those of another answer."""

import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.runtime.media_file_storage import MediaFileKind
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from lib.core.export import EXPORTS
from lib.core.preset_files import read_catalogue
from lib.core.query import RangeQuery
from lib.core.question import Moments, Question
from lib.core.result import Answer, Outcome, ResultType
from lib.core.time_range import DAY
from lib.core.view import Choices, view
from lib.sources import Discovery
from lib.ui import downloads
from lib.ui.asking import Asked
from lib.ui.frame import Scope

NOW = 1_790_000_000
QUESTION = Question.of_preset(read_catalogue()["daily-users"])


def asked_of(*values: float) -> Asked:
    """The same question, put at the same moment; one cluster for each value."""
    puts = Moments(NOW - 3 * DAY, NOW, NOW).put(QUESTION)
    query = puts[0].query
    assert isinstance(query, RangeQuery)
    labels = ({"namespace": "prod"},)
    outcomes = tuple(
        Outcome(name, name, Answer(ResultType.MATRIX, query.grid, labels, as_row(value, query.grid.points)))
        for name, value in zip("abc", values, strict=False)
    )
    return Asked.of(QUESTION, puts, (outcomes,), NOW)


def as_row(value: float, points: int):
    return np.full((1, points), value)


def offered(asked: Asked, by: str = "hub"):
    scope = Scope((), Discovery(), Moments(NOW - 3 * DAY, NOW, NOW), ("now-3d", "now", "0", "UTC"), True, True, None)  # type: ignore[arg-type]
    return downloads.takeaway(asked, view(asked.result, QUESTION, Choices(by=by)), scope)


def content(asked: Asked, by: str = "hub", kind: str = "csv_long") -> bytes:
    return offered(asked, by).maker(EXPORTS[kind])()


def test_the_file_of_a_look_has_what_the_look_has():
    asked = asked_of(1.0, 2.0)
    assert content(asked) == content(asked) and b",a,1\r\n" in content(asked) and b",3\r\n" in content(asked, "total")
    assert content(asked, "total") != content(asked, "cluster")


def test_an_answer_completed_by_asking_again_gets_a_file_and_a_name_of_its_own():
    names = {offered(asked_of(1.0)).name(EXPORTS["csv_long"])}
    for value in range(2, 30):  # enough that one answer may lie where another lay
        asked = asked_of(1.0, float(value))
        assert f",{value}\r\n".encode() in content(asked)
        names.add(offered(asked).name(EXPORTS["csv_long"]))
    assert len(names) == 29


def test_files_of_one_answer_have_different_names_and_the_same_answer_the_same():
    names = [offered(asked_of(1.0)).name(kind) for kind in EXPORTS.values()]
    assert len(set(names)) == len(EXPORTS) and names == [offered(asked_of(1.0)).name(kind) for kind in EXPORTS.values()]


def test_every_format_is_written_away_from_the_page_and_tells_what_was_chosen():
    asked = asked_of(1.0, 2.0)
    about = json.loads(content(asked, "cluster", "json"))["provenance"]
    assert (about["preset"], about["split"]) == ("daily-users", "cluster")
    assert about["range"]["from_as_typed"] == "now-3d" and about["series"] == 2


SERIES, POINTS = 600, 100


def long_answer(place: int) -> Asked:
    """60,000 values of four digits; the one at `place` is another."""
    puts = Moments(NOW - 100 * DAY, NOW, NOW).put(QUESTION)
    query = puts[0].query
    assert isinstance(query, RangeQuery)
    values = np.full(SERIES * query.grid.points, 1234.0)
    values[place] = 4321.0
    labels = tuple({"namespace": f"hub-{number:03}"} for number in range(SERIES))
    answer = Answer(ResultType.MATRIX, query.grid, labels, values.reshape(SERIES, -1))
    return Asked.of(QUESTION, puts, ((Outcome("a", "a", answer),),), NOW)


@settings(max_examples=5)
@given(st.lists(st.integers(0, SERIES * POINTS - 1), min_size=2, max_size=2, unique=True))
def test_two_large_files_of_equal_length_have_two_addresses(places: list[int]):
    """Streamlit tells files over 1 MiB apart by length, name and samples of their content only."""
    storage, kind = MemoryMediaFileStorage("/media"), EXPORTS["csv_long"]
    files = [(offered(asked, "series"), content(asked, "series")) for asked in map(long_answer, places)]
    (first, one), (second, other) = files
    assert len(one) == len(other) > 2**20 and one != other
    ids = [
        storage.load_and_get_id(data, kind.mime, MediaFileKind.DOWNLOADABLE, made.name(kind)) for made, data in files
    ]
    assert [storage.get_file(each).content for each in ids] == [one, other]
