"""The one order of work."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.domain.rank import DEFAULT_LEVEL_MS, rank

HOUR = 3_600_000


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        # Priority 10 should start the moment it was queued.
        ({"priority": 10, "queued_at": 1_000}, 1_000),
        # Each level below costs one hour of waiting.
        ({"priority": 9, "queued_at": 1_000}, 1_000 + HOUR),
        ({"priority": 1, "queued_at": 1_000}, 1_000 + 9 * HOUR),
        # A queue may value a level differently.
        ({"priority": 9, "queued_at": 1_000, "level_ms": 60_000}, 61_000),
        # A near deadline overtakes, by what the function is expected to take.
        ({"priority": 1, "queued_at": 0, "deadline_at": 60_000, "expected_ms": 10_000}, 50_000),
        # A far deadline changes nothing.
        ({"priority": 5, "queued_at": 0, "deadline_at": 100 * HOUR}, 5 * HOUR),
        # A deadline that cannot be met any more gives a rank in the past: first of all.
        ({"priority": 1, "queued_at": 1_000, "deadline_at": 2_000, "expected_ms": 5_000}, -3_000),
    ],
)
def test_the_rank_is_the_instant_to_start_by(given_: dict[str, int], expected: int) -> None:
    assert rank(**given_) == expected


@given(st.integers(1, 10), st.integers(1, 10), st.integers(0, 10**13))
def test_nothing_starves(low: int, high: int, at: int) -> None:
    """Whatever its priority, a task is ahead of every task that arrives ten levels of waiting later."""
    assert rank(priority=low, queued_at=at) < rank(priority=high, queued_at=at + 10 * DEFAULT_LEVEL_MS)


@given(st.integers(1, 9), st.integers(0, 10**13), st.integers(0, 10**9), st.integers(0, 10**6))
def test_more_priority_never_goes_later(priority: int, at: int, ahead: int, expected: int) -> None:
    lower = rank(priority=priority, queued_at=at, deadline_at=at + ahead, expected_ms=expected)
    higher = rank(priority=priority + 1, queued_at=at, deadline_at=at + ahead, expected_ms=expected)
    assert higher <= lower
