"""Replays one synthetic trace of tasks under several orders of work, on a virtual clock."""

import heapq
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rota.domain.rank import DEFAULT_LEVEL_MS, PRIORITIES, rank

SLOTS = 8
TASKS = 10_000
# Name, mean run time in s, share of the tasks. Run times vary around the mean; an order knows only the mean.
FUNCTIONS = (("thumbnail", 5, 0.45), ("report", 30, 0.30), ("import", 90, 0.18), ("training", 300, 0.07))
SPREAD = 0.5  # sigma of the lognormal run time
SHARE_WITH_DEADLINE = 0.6
# How common each priority is, 1 to 10: most people leave 5.
PRIORITY_WEIGHTS = (4, 4, 6, 8, 40, 12, 10, 8, 5, 3)


@dataclass(frozen=True, slots=True)
class Wish:
    """A task of the trace; instants and durations in ms."""

    id: int
    at: int
    run_ms: int
    expected_ms: int
    priority: int
    deadline_at: int | None


@dataclass(slots=True)
class Outcome:
    """What one order made of a trace. Waits in ms, by priority, of the tasks that were started."""

    with_deadline: int = 0
    missed: int = 0
    missed_by_priority: dict[int, int] = field(default_factory=lambda: dict.fromkeys(PRIORITIES, 0))
    deadlines_by_priority: dict[int, int] = field(default_factory=lambda: dict.fromkeys(PRIORITIES, 0))
    waits: dict[int, list[int]] = field(default_factory=lambda: {priority: [] for priority in PRIORITIES})

    @property
    def longest_wait_ms(self) -> int:
        return max((max(waits, default=0) for waits in self.waits.values()), default=0)


Order = Callable[[Wish], tuple[float, ...]]

ORDERS: dict[str, Order] = {
    "Rota's rank": lambda wish: (
        rank(
            priority=wish.priority,
            queued_at=wish.at,
            deadline_at=wish.deadline_at,
            expected_ms=wish.expected_ms,
            level_ms=DEFAULT_LEVEL_MS,
        ),
    ),
    "first in, first out": lambda wish: (wish.at,),
    "strict priority": lambda wish: (-wish.priority, wish.at),
    "earliest deadline": lambda wish: (float("inf") if wish.deadline_at is None else wish.deadline_at, wish.at),
}


def trace(load: float, *, tasks: int = TASKS, slots: int = SLOTS, seed: int = 2026) -> list[Wish]:
    """Poisson arrivals that keep `slots` busy for a share `load` of the time (1.0 = exactly all of it)."""
    chance = random.Random(seed)
    mean_ms = sum(mean * share for _, mean, share in FUNCTIONS) * 1000
    gap_ms = mean_ms / slots / load
    wishes, at = [], 0.0
    for number in range(tasks):
        at += chance.expovariate(1 / gap_ms)
        _, mean_s, _ = chance.choices(FUNCTIONS, [share for _, _, share in FUNCTIONS])[0]
        expected = mean_s * 1000
        # The mean of a lognormal is exp(mu + sigma²/2): divided out, so that it is the function's mean.
        run_ms = int(expected * chance.lognormvariate(-(SPREAD**2) / 2, SPREAD))
        priority = chance.choices(PRIORITIES, PRIORITY_WEIGHTS)[0]
        deadline = None
        if chance.random() < SHARE_WITH_DEADLINE:
            # From tight (a few times its run time) to half a day.
            deadline = int(at + 3 * expected + chance.lognormvariate(8.0, 1.2) * 1000)
        wishes.append(Wish(number, int(at), run_ms, expected, priority, deadline))
    return wishes


def replay(wishes: Sequence[Wish], order: Order, *, slots: int = SLOTS) -> Outcome:
    """Runs the trace: a free slot takes the first in order; what is past its deadline is not started.

    A task that runs past its deadline is cut off there and counts as missed, as with `onDeadline: CANCEL`.
    """
    outcome = Outcome()
    free = [0] * slots  # when each slot is free
    heapq.heapify(free)
    line: list[tuple[tuple[float, ...], int, Wish]] = []
    upcoming = 0
    while upcoming < len(wishes) or line:
        now = free[0]
        if not line and wishes[upcoming].at > now:
            now = wishes[upcoming].at
        while upcoming < len(wishes) and wishes[upcoming].at <= now:
            wish = wishes[upcoming]
            heapq.heappush(line, (order(wish), wish.id, wish))
            upcoming += 1
        _, _, wish = heapq.heappop(line)
        heapq.heapreplace(free, max(now, _run(wish, now, outcome)))
    return outcome


def _run(wish: Wish, now: int, outcome: Outcome) -> int:
    """Runs one task from `now`, or expires it. Returns when its slot is free again."""
    end = now + wish.run_ms
    if wish.deadline_at is None:
        outcome.waits[wish.priority].append(now - wish.at)
        return end
    outcome.with_deadline += 1
    outcome.deadlines_by_priority[wish.priority] += 1
    if end > wish.deadline_at:
        outcome.missed += 1
        outcome.missed_by_priority[wish.priority] += 1
    if now >= wish.deadline_at:
        return now
    outcome.waits[wish.priority].append(now - wish.at)
    return min(end, wish.deadline_at)
