"""The one place that reads the wall clock."""

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the instant, in ms since the epoch; tests hand in their own."""

    def now_ms(self) -> int: ...


class SystemClock:
    """The machine's wall clock."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


def now_ms() -> int:
    """The instant by the machine's clock, ms since the epoch."""
    return time.time_ns() // 1_000_000
