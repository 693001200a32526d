"""The numbers of a dashboard, from counters, ticks and workers' own words; nothing is counted over tasks."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from rota.domain.histogram import percentile_ms
from rota.domain.rank import PRIORITIES
from rota.domain.states import TaskStatus
from rota.operations.platform import Platform
from rota.store import counters, queues, record, ticks, workers
from rota.store.ticks import Tally

MINUTE_S = 60
MOST_POINTS = 300
MOST_OF_SECONDS = 4  # seconds in a point that are added up at the question
READY = frozenset({TaskStatus.QUEUED.value, TaskStatus.ASSIGNED.value})


class Counts:
    """Tasks by queue, status and priority, as the counters have them."""

    def __init__(self, totals: Mapping[tuple[str, str, int], int]) -> None:
        self._totals = totals

    def by_status(self, queue: str | None = None) -> dict[TaskStatus, int]:
        """All statuses, those without tasks too, of one queue or of all."""
        found = dict.fromkeys(TaskStatus, 0)
        for (name, status, _), amount in self._totals.items():
            if queue in (None, name):
                found[TaskStatus(status)] += amount
        return found

    def depth_by_priority(self, queue: str | None = None) -> list[int]:
        """Ready tasks of the priorities 1 to 10, of one queue or of all."""
        found = [0] * len(PRIORITIES)
        for (name, status, priority), amount in self._totals.items():
            if status in READY and queue in (None, name):
                found[priority - PRIORITIES[0]] += amount
        return found

    def depth(self, queue: str) -> int:
        """Ready tasks of a queue."""
        return sum(self.depth_by_priority(queue))

    def running(self, queue: str) -> int:
        """Tasks of a queue that run."""
        return self.by_status(queue)[TaskStatus.RUNNING]


class Percentiles(NamedTuple):
    """Seconds below which half, 95 and 99 of 100 lie; None where there were none."""

    p50: float | None
    p95: float | None
    p99: float | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The numbers of one instant; rates and percentiles over the last minute. `depths` are of the priorities 1 to 10."""

    at: int
    counts: dict[TaskStatus, int]
    active_workers: int
    total_slots: int
    busy_slots: int
    submitted_per_second: float
    finished_per_second: float
    failed_per_second: float
    wait_seconds: Percentiles
    run_seconds: Percentiles
    depths: list[int]


@dataclass(frozen=True, slots=True)
class Point:
    """What happened in the `seconds` from `at` on."""

    at: int
    seconds: int
    submitted: int
    finished: int
    failed: int
    wait_seconds: Percentiles
    run_seconds: Percentiles


async def recorder_lag_ms(platform: Platform) -> int:
    """How old the oldest event is that SQL does not have yet; 0 where it has all. Raises what redis-py raises."""
    async with platform.database.read() as db:
        recorded = await record.positions(db)
        names = [queue.name for queue in await queues.all_queues(db)]
    return await platform.journal.lag_ms({name: recorded.get(name, "") for name in names})


async def snapshot(platform: Platform) -> Snapshot:
    """The numbers as they are now."""
    at = platform.clock.now_ms()
    this_second = at // 1000
    async with platform.database.read() as db:
        counts = Counts(await counters.totals(db))
        here = await workers.here(db)
        # The second that has not ended would make every rate too small.
        last = [tally for tally in await ticks.since(db, this_second - MINUTE_S) if tally.second < this_second]
    return Snapshot(
        at=at,
        counts=counts.by_status(),
        active_workers=len(here),
        total_slots=sum(worker.slots for worker in here),
        busy_slots=sum(worker.running_count for worker in here),
        submitted_per_second=sum(tally.submitted for tally in last) / MINUTE_S,
        finished_per_second=sum(tally.finished for tally in last) / MINUTE_S,
        failed_per_second=sum(tally.failed for tally in last) / MINUTE_S,
        wait_seconds=_percentiles(tally.waits for tally in last),
        run_seconds=_percentiles(tally.runs for tally in last),
        depths=counts.depth_by_priority(),
    )


async def history(platform: Platform, seconds: int) -> list[Point]:
    """The last seconds in at most 300 points of equal length, the oldest first; points without events are zero."""
    width = _width(seconds)
    end = platform.clock.now_ms() // 1000
    # Points begin at whole multiples of their length, so that they stay the same from one question to the next.
    first = math.ceil((end - seconds) / width)
    async with platform.database.read() as db:
        found = await ticks.points(db, first * width, end, width)
    beginnings = (number * width for number in range(first, (end - 1) // width + 1))
    return [_point(found.get(second) or Tally(second), width) for second in beginnings]


def _width(seconds: int) -> int:
    """A point's length: whole spans of those that are added up already, but for the shortest charts."""
    width = math.ceil(seconds / MOST_POINTS)
    if width <= MOST_OF_SECONDS:
        return width
    span = ticks.SHORT_S if width <= 4 * ticks.SHORT_S else ticks.LONG_S
    return math.ceil(width / span) * span


def _point(tally: Tally, width: int) -> Point:
    return Point(
        at=tally.second * 1000,
        seconds=width,
        submitted=tally.submitted,
        finished=tally.finished,
        failed=tally.failed,
        wait_seconds=_percentiles([tally.waits]),
        run_seconds=_percentiles([tally.runs]),
    )


def _percentiles(histograms: Iterable[Mapping[int, int]]) -> Percentiles:
    total: Counter[int] = Counter()
    for histogram in histograms:
        total.update(histogram)
    return Percentiles(*(_seconds(percentile_ms(total, share)) for share in (0.5, 0.95, 0.99)))


def _seconds(ms: float | None) -> float | None:
    return None if ms is None else round(ms / 1000, 4)
