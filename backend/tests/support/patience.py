"""Waits for something to be so, in plain code; never longer than is bearable."""

import time
from collections.abc import Callable

LOOK_EVERY_S = 0.05
WAIT_S = 120.0


def until(condition: Callable[[], object], within_s: float = WAIT_S) -> None:
    """Returns when the condition holds; fails when it does not in time."""
    end = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end, f"it was still not so after {within_s:.0f} s"
        time.sleep(LOOK_EVERY_S)
