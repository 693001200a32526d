"""What the priority chart shows: how long ready tasks have waited, and which may miss their deadlines; bounded and kept for a moment."""

import asyncio
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from rota.domain.backlog import FRESH_MS, Split, fresh_of, is_at_risk
from rota.domain.scaling import UNKNOWN_MS
from rota.domain.states import TaskStatus
from rota.operations.glance import glance
from rota.operations.platform import Platform
from rota.operations.waiting import Line, lines_of
from rota.store import backlog as store
from rota.store import counters
from rota.store.backlog import Ages, Waiter

KEPT_S = 1.0
# It rests this many times as long as it took to read, so that it never costs more than a twentieth of the time.
REST = 20
MOST_COUNTED = 2_000  # fresh ones and older ones, of each queue and priority
MOST_DEADLINES = 500  # the soonest of each queue
MOST_LANED = 5_000

Splits = Mapping[tuple[str, int], Split]  # by queue and priority


class Backlog:
    """How what waits is split, by queue and priority."""

    def __init__(self, splits: Splits) -> None:
        self._splits = splits

    def of(self, queue: str | None, priority: int) -> Split:
        """The split of one priority, in one queue or (None) in all."""
        if queue is not None:
            return self._splits.get((queue, priority), Split())
        total = Split()
        for (_, found), split in self._splits.items():
            if found == priority:
                total = total.beside(split)
        return total


class Backlogs:
    """Reads the backlog when somebody asks; whoever asks within the second gets the same."""

    def __init__(self) -> None:
        self._found: Backlog | None = None
        self._until = 0.0
        self._reading = asyncio.Lock()

    async def now(self, platform: Platform) -> Backlog:
        """The backlog as it was at most a second ago; longer ago where reading it takes more than 50 ms."""
        clock = asyncio.get_running_loop().time
        async with self._reading:
            if self._found is None or clock() >= self._until:
                began = clock()
                self._found = await read(platform)
                self._until = clock() + max(KEPT_S, REST * (clock() - began))
            return self._found


async def read(platform: Platform) -> Backlog:
    """The backlog as it is now."""
    now = platform.clock.now_ms()
    async with platform.database.read() as db:
        totals = await counters.totals(db)
        depths = _depths(totals, TaskStatus.QUEUED)
        if not depths and not _depths(totals, TaskStatus.ASSIGNED):
            return Backlog({})
        ages = await store.ages(db, list(depths), now - FRESH_MS, MOST_COUNTED)
        laned = await store.in_lanes(db, MOST_LANED) if _depths(totals, TaskStatus.ASSIGNED) else []
        names = {queue for queue, _ in depths} | {one.queue for one in laned}
        lines = await lines_of(db, names, now)
        ready = Counter[str]()
        for (queue, _), depth in depths.items():
            ready[queue] += depth
        soon = {
            queue: await store.with_deadlines(db, queue, _horizon(lines[queue], ready[queue], now), MOST_DEADLINES)
            for queue in ready
            if queue in lines
        }
    risky: list[Waiter] = [one for one in laned if _misses(one, lines.get(one.queue), 0, now)]
    for queue, found in soon.items():
        risky += await _at_risk(platform, lines[queue], found, now)
    too_many = {queue for queue, found in soon.items() if len(found) == MOST_DEADLINES}
    return Backlog(_splits(depths, ages, laned, risky, too_many, now))


def _depths(totals: Mapping[tuple[str, str, int], int], wanted: TaskStatus) -> dict[tuple[str, int], int]:
    return {(queue, priority): n for (queue, status, priority), n in totals.items() if status == wanted and n > 0}


def _splits(
    depths: Mapping[tuple[str, int], int],
    ages: Mapping[tuple[str, int], Ages],
    laned: Sequence[Waiter],
    risky: Sequence[Waiter],
    too_many: set[str],
    now: int,
) -> Splits:
    found: defaultdict[tuple[str, int], Split] = defaultdict(Split)
    for key, depth in depths.items():
        age = ages[key]
        fresh, is_exact = fresh_of(depth, age.fresh, age.waiting, MOST_COUNTED, _fresh_share(age, now))
        found[key] = Split(fresh, depth - fresh, 0, age.oldest, is_exact and key[0] not in too_many)
    for one in laned:
        is_fresh = one.queued_at > now - FRESH_MS
        found[one.queue, one.priority] = found[one.queue, one.priority].beside(
            Split(int(is_fresh), int(not is_fresh), 0, one.queued_at)
        )
    for one in risky:
        split, is_fresh = found[one.queue, one.priority], one.queued_at > now - FRESH_MS
        found[one.queue, one.priority] = split._replace(
            fresh=max(split.fresh - is_fresh, 0),
            waiting=max(split.waiting - (not is_fresh), 0),
            at_risk=split.at_risk + 1,
        )
    return found


def _fresh_share(age: Ages, now: int) -> float:
    """The share of fresh ones in a line whose tasks came evenly between its oldest and its newest."""
    if age.oldest is None or age.newest is None or age.newest <= age.oldest:
        return 1.0
    return min(max((age.newest - (now - FRESH_MS)) / (age.newest - age.oldest), 0.0), 1.0)


def _horizon(line: Line, ready: int, now: int) -> int:
    """A deadline after this instant is met by whatever stands last in line."""
    longest = max(line.expected.values(), default=0) or UNKNOWN_MS
    wait = _wait_ms(line, ready)
    return 2**62 if math.isinf(wait) else now + math.ceil(wait) + longest


def _wait_ms(line: Line, position: int) -> float:
    """How long the task at this place (1 = next) should wait; for ever where nobody takes from the queue."""
    if line.is_paused or not line.slots:
        return math.inf
    return line.wait_ms(position, line.mean_ms or UNKNOWN_MS)


def _misses(one: Waiter, line: Line | None, position: int, now: int) -> bool:
    if one.deadline_at is None or line is None:
        return False
    expected = line.expected.get(one.function, 0)
    return is_at_risk(deadline_at=one.deadline_at, now=now, wait_ms=_wait_ms(line, position), expected_ms=expected)


async def _at_risk(platform: Platform, line: Line, found: Sequence[Waiter], now: int) -> list[Waiter]:
    """Of these ready tasks of one queue those that should end after their deadline."""
    # Those that miss it even if they are next need no place.
    lost = [one for one in found if _misses(one, line, 1, now)]
    if len(lost) == len(found):
        return lost
    known = {one.id for one in lost}
    open_ones = [one for one in found if one.id not in known]
    places: list[int | None] = [None] * len(open_ones)
    async with glance("places in line are unknown while Redis is away", queue=open_ones[0].queue):
        places = await platform.broker.places(open_ones[0].queue, [one.id for one in open_ones])
    # One without a place is parked at a limit: when that lets it go is not asked for each second.
    late = [
        one
        for one, place in zip(open_ones, places, strict=True)
        if place is not None and _misses(one, line, place + 1, now)
    ]
    return lost + late
