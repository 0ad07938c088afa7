"""Nobody gets what another asked for, however their requests take turns, and nothing half-arrived is kept."""

from __future__ import annotations

from tests.crossing import Visits, over_the_network, stopped_after_every


def test_many_threads_with_two_credentials_and_one_cache_get_their_own_rows() -> None:
    counted = over_the_network(threads=20, requests=50)
    assert counted.asked == 1_000
    assert (counted.crossed, counted.failed) == (0, 0)
    assert 0 < counted.sent <= counted.asked


def test_two_visits_at_one_moment_share_equal_questions_and_nothing_else() -> None:
    visits = Visits(rounds=1_000)
    counted = visits.run()
    assert (counted.asked, counted.crossed) == (2_000, 0)
    assert counted.sent == visits.different


def test_an_answer_that_is_stopped_after_any_byte_is_neither_kept_nor_its_connection_used_again() -> None:
    stopped = stopped_after_every(11)
    assert stopped.asked > 30
    assert (stopped.kept, stopped.used_again, stopped.wrong) == (0, 0, 0)
