"""When a task in line should start, and how to say so."""

from collections.abc import Sequence
from functools import lru_cache
from heapq import heapify, heapreplace

NEAR = 200  # places in line that are looked at one by one; further back each slot's mean says as much
SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000  # ms
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def left_ms(ran_ms: float, expected_ms: float) -> float:
    """How much longer a task should run. One that has outrun what was expected should take as long as it is over once more."""
    return abs(expected_ms - ran_ms)


def wait_ms(*, position: int, slots: int, running: int, mean_ms: float, left: tuple[float, ...] = ()) -> int:
    """How long the task at this place in line (1 = next) should wait, in ms.

    Slots that are free take the head of the line at once. Behind them the slots work off one task in `mean_ms` each, as
    soon as what runs in them has ended. `left` is how much longer some of those that run should take; all others are
    on average half done when somebody looks.
    """
    behind = position - max(slots - running, 0)
    if behind <= 0:
        return 0
    near = _begins(slots, min(running, slots), mean_ms, left)
    return int(near[min(behind, NEAR) - 1] + max(behind - NEAR, 0) * mean_ms / slots)


@lru_cache(maxsize=64)  # for all of a list that stand in the same line
def _begins(slots: int, running: int, mean_ms: float, left: tuple[float, ...]) -> list[float]:
    """When the next tasks begin that find no free slot, from now, in ms."""
    known = sorted(left)[:running]
    spread = [(index + 0.5) * mean_ms / slots for index in range(running - len(known))]
    frees = [*known, *spread, *[mean_ms] * (slots - running)]
    heapify(frees)
    return [heapreplace(frees, frees[0] + mean_ms) for _ in range(NEAR)]


def window_ms(*, position: int, starts: Sequence[int], max_starts: int, period_ms: int, now: int) -> int:
    """How long the task at this place (1 = next) waits where at most `max_starts` start in each `period_ms`.

    `starts` are the instants of the last starts, the newest first.
    """
    last = [at for at in starts[:max_starts] if now - period_ms < at <= now]
    behind = position - (max_starts - len(last))
    if behind <= 0:
        return 0
    rounds, index = divmod(behind - 1, max_starts)
    # Those that are allowed at once start now, and count in their turn.
    oldest_first = [*reversed(last), *[now] * (max_starts - len(last))]
    return oldest_first[index] + (rounds + 1) * period_ms - now


def place(position: int) -> str:
    """A place in line in words, as far as words are shorter: `third in line`, `number 1,204 in line`."""
    return f"{ordinal(position)} in line"


def ordinal(position: int) -> str:
    """A place in words: `third`, `number 1,204`."""
    return _ORDINALS[position - 1] if position <= len(_ORDINALS) else f"number {position:,}"


def about(ms: int) -> str:
    """A duration as people say it: `a moment`, `about 4 s`, `about 3 min`, `about 5 h`, `about 2 days`."""
    if ms < SECOND:
        return "a moment"
    for unit, words in ((MINUTE, "s"), (HOUR, "min"), (DAY, "h")):
        if ms < unit:
            size = {"s": SECOND, "min": MINUTE, "h": HOUR}[words]
            return f"about {round(ms / size):,} {words}"
    days = round(ms / DAY)
    return f"about {days:,} day{'' if days == 1 else 's'}"
