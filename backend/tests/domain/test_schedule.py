"""Which ticks of a schedule are due, and what may be in one."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.domain.errors import Invalid
from rota.domain.schedule import MINUTE_MS, MOST_MISSED, NewSchedule, Ticks, check, due, key_of

HOUR_MS = 60 * MINUTE_MS


def every(step_ms: int) -> Ticks:
    """A line that ticks at each multiple of a step."""

    def ticks(after: int) -> Iterator[int]:
        instant = (after // step_ms + 1) * step_ms
        while True:
            yield instant
            instant += step_ms

    return ticks


def once(instant: int) -> Ticks:
    return lambda after: iter([instant] if after < instant else [])


@pytest.mark.parametrize(
    ("next_at", "now", "catch_up", "expected"),
    [
        (HOUR_MS, HOUR_MS - 1, True, ((), HOUR_MS)),  # not yet
        (HOUR_MS, HOUR_MS, False, ((HOUR_MS,), 2 * HOUR_MS)),  # to the millisecond
        (HOUR_MS, HOUR_MS + MINUTE_MS, False, ((HOUR_MS,), 2 * HOUR_MS)),  # a minute late is not missed
        (HOUR_MS, HOUR_MS + MINUTE_MS + 1, False, ((), 2 * HOUR_MS)),  # more is: skipped to the next
        (HOUR_MS, HOUR_MS + MINUTE_MS + 1, True, ((HOUR_MS,), 2 * HOUR_MS)),  # caught up with
        (HOUR_MS, 3 * HOUR_MS, True, ((HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS), 4 * HOUR_MS)),
        (HOUR_MS, 3 * HOUR_MS, False, ((3 * HOUR_MS,), 4 * HOUR_MS)),  # two missed, the third on time
        (HOUR_MS + 7, 2 * HOUR_MS, True, ((HOUR_MS + 7, 2 * HOUR_MS), 3 * HOUR_MS)),  # what was promised stays a tick
    ],
)
def test_what_is_due(next_at: int, now: int, catch_up: bool, expected: tuple[tuple[int, ...], int]) -> None:
    assert due(next_at, now, every(HOUR_MS), catch_up=catch_up) == expected


def test_of_many_missed_ticks_the_newest_hundred_run() -> None:
    found = due(MINUTE_MS, 1_000 * MINUTE_MS, every(MINUTE_MS), catch_up=True)
    assert found.ticks == tuple(minute * MINUTE_MS for minute in range(901, 1_001))
    assert len(found.ticks) == MOST_MISSED


def test_of_many_missed_days_the_newest_hundred_run() -> None:
    day = 24 * HOUR_MS
    found = due(day, 1_000 * day + 5, every(day), catch_up=True)
    assert found.ticks == tuple(number * day for number in range(901, 1_001))


def test_a_year_of_missed_minutes_is_not_walked_through() -> None:
    seen = 0

    def counted(after: int) -> Iterator[int]:
        nonlocal seen
        for tick in every(MINUTE_MS)(after):
            seen += 1
            yield tick

    due(MINUTE_MS, 366 * 24 * HOUR_MS, counted, catch_up=True)
    assert seen < 3 * MOST_MISSED


def test_after_the_last_tick_there_is_none() -> None:
    assert due(HOUR_MS, HOUR_MS, once(HOUR_MS), catch_up=True) == ((HOUR_MS,), None)


@given(
    step=st.integers(1, 500).map(lambda minutes: minutes * MINUTE_MS),
    moves=st.lists(st.integers(-90, 90).map(lambda minutes: minutes * MINUTE_MS + 1_234), min_size=1, max_size=40),
)
def test_no_tick_repeats_and_with_catching_up_none_is_lost(step: int, moves: list[int]) -> None:
    """Whatever the clock does between two looks, forwards and backwards."""
    ticks = every(step)
    now = start = 10_000 * MINUTE_MS
    next_at: int | None = next(ticks(now))
    ran: list[int] = []
    for move in moves:
        now += move
        assert next_at is not None
        found = due(next_at, now, ticks, catch_up=True)
        ran += found.ticks
        next_at = found.next_at
    furthest = max(start, *(start + sum(moves[: index + 1]) for index in range(len(moves))))
    expected = list(range((start // step + 1) * step, furthest + 1, step))
    assert ran == expected


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"name": "  "}, ("name",)),
        ({"name": "n" * 101}, ("name",)),
        ({"name": "line\nbreak"}, ("name",)),
        ({"deadline_ms": 999}, ("deadlineSeconds",)),
        ({"deadline_ms": 11 * 366 * 24 * HOUR_MS}, ("deadlineSeconds",)),
    ],
)
def test_what_breaks_a_rule_is_named(changes: dict[str, object], path: tuple[str, ...]) -> None:
    values: dict[str, object] = {"name": "nightly", "cron": "0 2 * * *", "function": "report"}
    with pytest.raises(Invalid) as refused:
        check(NewSchedule(**{**values, **changes}))  # type: ignore[arg-type]
    assert refused.value.path == path


def test_a_task_of_a_tick() -> None:
    wish = NewSchedule(name="nightly", cron="0 2 * * *", function="report", deadline_ms=60_000, tags=("night",))
    check(wish)
    task = wish.task(1_000, key_of("schedule_x", 500))
    assert (task.title, task.deadline_at, task.tags) == ("nightly", 61_000, ("night",))
    assert task.idempotency_key == "schedule:schedule_x:500"
