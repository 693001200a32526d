"""Backoff and the decision to try again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.domain.retry import Backoff, backoff_ms, may_retry


@pytest.mark.parametrize(
    ("used", "ceiling_ms"),
    [
        (1, 1_000),  # after the first failure
        (2, 2_000),
        (5, 16_000),
        (11, 600_000),  # the cap
        (10_000, 600_000),  # no overflow, no long power
        (0, 1_000),  # a release before any attempt was used up
    ],
)
def test_the_ceiling_doubles_up_to_the_cap(used: int, ceiling_ms: int) -> None:
    assert Backoff().ceiling_ms(used) == ceiling_ms
    assert backoff_ms(used, 1.0) == ceiling_ms
    assert backoff_ms(used, 0.0) == 0


@pytest.mark.parametrize("factor", [1e300, float("inf"), 10**300])
def test_a_factor_beyond_all_bounds_ends_at_the_cap(factor: float) -> None:
    assert Backoff(factor=factor).ceiling_ms(1) == 1_000
    assert Backoff(factor=factor).ceiling_ms(100) == 600_000


@given(st.integers(0, 10**6), st.floats(0, 1))
def test_jitter_stays_under_the_ceiling(used: int, chance: float) -> None:
    assert 0 <= backoff_ms(used, chance) <= Backoff().ceiling_ms(used)


@pytest.mark.parametrize(
    ("used", "most", "is_fatal", "expected"),
    [
        (1, 3, False, True),
        (2, 3, False, True),
        (3, 3, False, False),  # all used up
        (1, 1, False, False),  # one attempt is no retry
        (1, 3, True, False),  # rota.Fatal is never tried again
    ],
)
def test_an_attempt_is_left_or_not(used: int, most: int, is_fatal: bool, expected: bool) -> None:
    assert may_retry(used, most, is_fatal=is_fatal) is expected
