"""When a task in line should start, and how it is said."""

import pytest

from rota.domain.forecast import DAY, HOUR, MINUTE, about, left_ms, place, wait_ms


@pytest.mark.parametrize(
    ("position", "slots", "running", "expected"),
    [
        (1, 4, 0, 0),  # a free slot takes it at once
        (4, 4, 0, 0),
        (3, 4, 2, 125),  # two are free, it is the first behind them
        (1, 4, 4, 125),  # all run: half a task's time, shared by four
        (1, 1, 1, 500),
        (3, 1, 1, 2500),
        (1, 2, 5, 250),  # more running than slots: a worker that shrank
    ],
)
def test_the_wait_is_what_the_slots_need_for_what_is_ahead(
    position: int, slots: int, running: int, expected: int
) -> None:
    assert wait_ms(position=position, slots=slots, running=running, mean_ms=1000) == expected


@pytest.mark.parametrize(
    ("position", "slots", "running", "left", "expected"),
    [
        (1, 1, 1, (9_000.0,), 9_000),  # it waits for what runs, however short those in line are
        (3, 1, 1, (9_000.0,), 11_000),
        (1, 2, 2, (9_000.0, 200.0), 200),  # the first that ends
        (5, 2, 2, (9_000.0, 200.0), 4_200),  # and again and again there, while the other runs on
        (10, 2, 2, (9_000.0, 200.0), 9_000),
        (1, 2, 2, (300.0,), 250),  # of the other nothing is known: it is half done
        (1, 2, 1, (9_000.0,), 0),  # one is free
        (2, 2, 1, (9_000.0,), 1_000),  # whoever took the free one has ended
        (1, 1, 1, (9_000.0, 5_000.0), 5_000),  # more running than slots
        (1_200, 2, 2, (0.0, 0.0), 599_000),  # far back
    ],
)
def test_it_waits_for_what_runs_as_long_as_that_should_run(
    position: int, slots: int, running: int, left: tuple[float, ...], expected: int
) -> None:
    assert wait_ms(position=position, slots=slots, running=running, mean_ms=1000, left=left) == expected


def test_what_has_outrun_its_time_is_given_as_much_again() -> None:
    assert [left_ms(ran, 1_000) for ran in (0, 400, 1_000, 1_700)] == [1_000, 600, 0, 700]
    assert left_ms(3_000, 0) == 3_000


def test_who_is_behind_never_starts_before_who_is_ahead() -> None:
    waits = [wait_ms(position=position, slots=3, running=1, mean_ms=700) for position in range(1, 50)]
    assert waits == sorted(waits)


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0, "a moment"),
        (999, "a moment"),
        (4_200, "about 4 s"),
        (MINUTE, "about 1 min"),
        (90 * MINUTE, "about 2 h"),
        (5 * HOUR, "about 5 h"),
        (DAY, "about 1 day"),
        (1234 * DAY, "about 1,234 days"),
    ],
)
def test_durations_are_said_as_people_do(ms: int, words: str) -> None:
    assert about(ms) == words


def test_places_are_words_as_far_as_words_are_short() -> None:
    assert place(1) == "first in line"
    assert place(10) == "tenth in line"
    assert place(11) == "number 11 in line"
    assert place(1204) == "number 1,204 in line"
