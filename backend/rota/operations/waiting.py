"""Why tasks wait, their place in line, and when they should start."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from rota import jsontext
from rota.domain.forecast import SECOND, about, left_ms, ordinal, place, wait_ms, window_ms
from rota.domain.limits import QUEUE_LIMIT, rule_name
from rota.domain.states import WAITING, TaskStatus
from rota.domain.strategies import has_lanes
from rota.operations.glance import glance
from rota.operations.platform import Platform
from rota.store import counters, functions, limits, queues, workers
from rota.store import tasks as store
from rota.store.database import Connection
from rota.store.models import Limit, Task, Worker

RUNNING = 1_000  # tasks that run, of which it is looked how far they are
MOST_LISTENED_TO = 50  # workers of one queue: of many not all are gone at once
# Of its lease: a worker that has been silent for so long has missed some signs of life, and may be gone.
SILENT_FROM = 0.4
HEAD = 200  # tasks at the head of a line whose functions stand for all that is ahead


class Waiting(NamedTuple):
    """Why a task waits. `position` counts from 1 among the ready tasks of its queue; `start_at` is an estimate in ms."""

    reason: str
    message: str
    position: int | None = None
    start_at: int | None = None


@dataclass
class Line:
    """What is known of a queue's line. `mean_ms` is None where no function at its head has run yet; `laned` start before it."""

    is_paused: bool
    slots: int = 0
    running: int = 0
    laned: int = 0
    mean_ms: float | None = None
    places: dict[str, int] = field(default_factory=dict)
    # What holds tasks back: the queue's own limit, where it is full, and of tasks the one at which each was refused.
    full: "_Held | None" = None
    held: "dict[str, _Held]" = field(default_factory=dict)
    lanes: "dict[str, _Lane]" = field(default_factory=dict)
    expected: dict[str, int] = field(default_factory=dict)  # function -> ms
    left: "list[_Runs]" = field(default_factory=list)
    # Who takes from it, and what each of them has told that it has, where not all have the same.
    takers: "dict[str, Worker]" = field(default_factory=dict)
    offers: dict[str, set[str]] | None = None
    silent_ms: dict[str, int] = field(default_factory=dict)  # of takers that are late with their sign of life

    @property
    def busy(self) -> int:
        """How many of its slots are taken: as their workers told last, or SQL knows by now."""
        return max(self.running, min(len(self.left), self.slots))

    @cached_property
    def _left(self) -> tuple[float, ...]:
        # Kept: asked for with each of thousands that wait, of a line whose `left` is whole by then.
        return tuple(one.left_ms for one in self.left)

    def able(self, function: str | None) -> "list[Worker]":
        """Who takes from it and has a function, or may: of a worker that has not told it is not known what it lacks."""
        offers = self.offers
        if offers is None:
            return list(self.takers.values())
        return [one for one in self.takers.values() if one.id not in offers or function in offers[one.id]]

    def wait_ms(self, position: int, mean_ms: float) -> int:
        """How long what stands at this place (1 = next) should wait for one of its slots."""
        at = self.laned + position
        return wait_ms(position=at, slots=self.slots, running=self.busy, mean_ms=mean_ms, left=self._left)


class _Runs(NamedTuple):
    """What has one of the slots, perhaps in another queue of the same worker, and how much longer it should."""

    queue: str
    function: str
    left_ms: float


@dataclass(frozen=True, slots=True)
class _Lane:
    """Where a task waits in a lane: its place from 1, 0 where Redis does not have it there (any more)."""

    place: int
    owner: Worker | None


@dataclass(frozen=True, slots=True)
class _Held:
    """A limit at which a task waits. `place` counts from 1 among those that it holds back; `starts`: the newest first.

    `left` is how much longer those should run that it counts, as far as that is known.
    """

    limit: Limit
    place: int
    running: int
    starts: list[int]
    # None where the function has not run yet.
    mean_ms: float | None
    left: tuple[float, ...] = ()


async def waiting_of(platform: Platform, tasks: Sequence[Task]) -> list[Waiting | None]:
    """For each task why it waits, or None where it does not; a fixed number of questions however many tasks."""
    now = platform.clock.now_ms()
    by_status: defaultdict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        by_status[task.status].append(task)
    queued = by_status[TaskStatus.QUEUED]
    lines: dict[str, Line] = {}
    needs: dict[str, list[tuple[str, str]]] = {}
    laned = by_status[TaskStatus.ASSIGNED]
    async with platform.database.read() as db:
        if queued or laned:
            lines = await lines_of(db, {task.queue for task in [*queued, *laned]}, now)
        owners = {worker.id: worker for worker in await workers.get_many(db, [one.worker_id or "" for one in laned])}
        if by_status[TaskStatus.BLOCKED]:
            needs = await store.statuses_of_needs(db, [task.id for task in by_status[TaskStatus.BLOCKED]])
    for name, line in lines.items():
        await _look(platform, name, line, [task for task in queued if task.queue == name])
        line.lanes = await _lanes(platform, name, [task for task in laned if task.queue == name], owners)
    return [_why(task, lines.get(task.queue), needs.get(task.id, []), now) for task in tasks]


def _why(task: Task, line: Line | None, needs: list[tuple[str, str]], now: int) -> Waiting | None:
    status = TaskStatus(task.status)
    if status not in WAITING:
        return None
    if status is TaskStatus.BLOCKED:
        return _blocked(sum(1 for _, needed in needs if needed != TaskStatus.SUCCEEDED))
    if status is TaskStatus.SCHEDULED:
        return _scheduled(task, now)
    if status is TaskStatus.ASSIGNED:
        return _in_lane(task, line or Line(is_paused=False), now)
    return _in_line(task, line or Line(is_paused=False), now)


def _in_lane(task: Task, line: Line, now: int) -> Waiting:
    lane = line.lanes.get(task.id)
    where = f", {place(lane.place)} there" if lane and lane.place else ""
    whose = f"In the lane of {lane.owner.name}" if lane and lane.owner else "In a worker's lane"
    if line.is_paused:
        return Waiting("QUEUE_PAUSED", f"The queue {task.queue} is paused. {whose}{where}.")
    if lane is None or not lane.place or lane.owner is None:
        return Waiting("IN_LANE", f"{whose}, not started yet.")
    slots, running = max(lane.owner.slots, 1), min(lane.owner.running_count, lane.owner.slots)
    mean_ms = line.mean_ms or line.expected.get(task.function or "")
    if lane.place > slots - running and not mean_ms:
        return Waiting("IN_LANE", f"{whose}{where}.", lane.place)
    wait = wait_ms(position=lane.place, slots=slots, running=running, mean_ms=mean_ms or 0.0)
    return Waiting("IN_LANE", f"{whose}{where}, should start in {about(wait)}.", lane.place, now + wait)


def _blocked(open_needs: int) -> Waiting:
    what = "another task" if open_needs == 1 else f"{open_needs} other tasks"
    return Waiting("DEPENDENCY", f"Waiting for {what} to succeed.")


def _scheduled(task: Task, now: int) -> Waiting:
    due_at = task.due_at or now
    in_time = about(max(due_at - now, 0))
    if task.used and due_at != task.run_at:
        message = f"Attempt {task.used} of {task.max_attempts} failed, the next should start in {in_time}."
        return Waiting("BACKING_OFF", message, start_at=due_at)
    return Waiting("NOT_BEFORE", f"Not before its time, which comes in {in_time}.", start_at=due_at)


def _in_line(task: Task, line: Line, now: int) -> Waiting:
    position = line.places.get(task.id)
    where = f", {place(position)}" if position else ""
    if line.is_paused:
        return Waiting("QUEUE_PAUSED", f"The queue {task.queue} is paused{where}.", position)
    if not line.slots:
        return Waiting("NO_WORKER", f"No worker takes from the queue {task.queue}{where}.", position)
    able = line.able(task.function)
    if line.offers is not None and not able:
        return Waiting("NO_WORKER", f"No worker of the queue {task.queue} has the function {task.function}.", position)
    held = line.held.get(task.id) or line.full
    if held is not None:
        return _limited(task, held, position, now)
    if able and all(one.id in line.silent_ms for one in able):
        silent = about(min(line.silent_ms[one.id] for one in able))
        whose = "its worker has" if len(able) == 1 else "its workers have"
        return Waiting(
            "ALL_BUSY", f"Waiting for a free slot{where}; {whose} given no sign of life for {silent}.", position
        )
    if position is None:
        return Waiting("ALL_BUSY", "Waiting for a free slot.")
    if len(able) < len(line.takers):
        # Others' slots are of no use to it, nor do they say how long it waits.
        free = sum(one.slots - min(one.running_count, one.slots) for one in able if one.id not in line.silent_ms)
        if not free:
            return Waiting(
                "ALL_BUSY", f"Waiting for a free slot of a worker that has {task.function}{where}.", position
            )
    start_at, when = _estimate(line, position, now)
    return Waiting("ALL_BUSY", f"Waiting for a free slot{where}{when}.", position, start_at)


def _limited(task: Task, held: _Held, position: int | None, now: int) -> Waiting:
    ahead = position or held.place
    wait = _limit_wait(held, ahead, now)
    where = f", {place(ahead)}" if position else f", {ordinal(ahead)} of those that it holds back"
    when = "" if wait is None else f", should start in {about(wait)}"
    return Waiting("LIMIT", f"{_rule(task, held)}{where}{when}.", position, None if wait is None else now + wait)


def _rule(task: Task, held: _Held) -> str:
    limit = held.limit
    whose = f"of the queue {task.queue}" if limit.function is None else f"of {limit.function}"
    if limit.per_key:
        whose += f" with the limit key {task.limit_key}"
    if limit.max_running is not None and held.running >= limit.max_running:
        return f"At most {limit.max_running:,} {whose} may run at once"
    return f"At most {limit.max_starts or 0:,} {whose} may start in {(limit.period_ms or 0) / SECOND:,g} s"


def _limit_wait(held: _Held, position: int, now: int) -> int | None:
    """How long what stands at this place of a limit should wait, in ms; None where no run time is known."""
    limit, wait = held.limit, 0
    if limit.max_running is not None and held.running >= limit.max_running:
        if held.mean_ms is None:
            return None
        wait = wait_ms(
            position=position,
            slots=limit.max_running,
            running=held.running,
            mean_ms=held.mean_ms,
            left=held.left,
        )
    if limit.max_starts is not None and limit.period_ms is not None:
        opens = window_ms(
            position=position, starts=held.starts, max_starts=limit.max_starts, period_ms=limit.period_ms, now=now
        )
        wait = max(wait, opens)
    return wait


def _estimate(line: Line, position: int, now: int) -> tuple[int | None, str]:
    is_free = line.laned + position <= line.slots - line.busy
    if line.mean_ms is None and not is_free:
        return None, ""
    wait = line.wait_ms(position, line.mean_ms or 0.0)
    return now + wait, f", should start in {about(wait)}"


async def lines_of(db: Connection, names: set[str], now: int) -> dict[str, Line]:
    """What is known of the lines of these queues, from SQL alone."""
    found = [queue for queue in await queues.all_queues(db) if queue.name in names]
    lines = {queue.name: Line(queue.is_paused) for queue in found}
    if any(has_lanes(queue.strategy) for queue in found):
        for (name, status, _), amount in (await counters.totals(db)).items():
            if name in lines and status == TaskStatus.ASSIGNED:
                lines[name].laned += amount
    taking: dict[str, set[str]] = {}
    for worker in await workers.here(db):
        if worker.status == "ONLINE":
            taking[worker.id] = set(jsontext.loads(worker.queues))
            for name in names & taking[worker.id]:
                lines[name].takers[worker.id] = worker
                lines[name].slots += worker.slots
                lines[name].running += min(worker.running_count, worker.slots)
    expected = {function.name: function.expected_ms for function in await functions.all_functions(db)}
    for queue, worker_id, function, since in await store.running_now(db, RUNNING):
        # A worker's slots are those of all its queues.
        for name in names & taking.get(worker_id, set()):
            lines[name].left.append(_Runs(queue, function, left_ms(now - since, expected.get(function, 0))))
    for name, line in lines.items():
        line.expected = expected
        heads = await store.functions_at_head(db, name, HEAD)
        known = [(expected.get(function, 0), count) for function, count in heads.items()]
        total = sum(count for ms, count in known if ms)
        line.mean_ms = sum(ms * count for ms, count in known if ms) / total if total else None
    return lines


async def _look(platform: Platform, queue: str, line: Line, tasks: Sequence[Task]) -> None:
    """Asks Redis where these tasks of a queue stand."""
    async with platform.database.read() as db:
        found = await limits.of_queue(db, queue)
    if not found:
        async with glance("places in line are unknown while Redis is away", queue=queue):
            line.places = await _places(platform, queue, [task.id for task in tasks])
            await _look_at_workers(platform, queue, line)
        return
    by_name = {rule_name(one.function, per_key=one.per_key): one for one in found}
    async with glance("what limits hold back is unknown while Redis is away", queue=queue):
        await _look_at_limits(platform, queue, line, tasks, by_name)


async def _look_at_workers(platform: Platform, queue: str, line: Line) -> None:
    """Asks which functions they have, and of a few whether they are late with their sign of life."""
    line.offers = await platform.broker.offers(queue)
    if len(line.takers) <= MOST_LISTENED_TO:
        found = await platform.workers.silences(list(line.takers))
        beats_ms = 2 * platform.settings.heartbeat_ms
        line.silent_ms = {
            one: silent for one, (silent, lease_ms) in found.items() if silent > max(lease_ms * SILENT_FROM, beats_ms)
        }


async def _look_at_limits(
    platform: Platform, queue: str, line: Line, tasks: Sequence[Task], by_name: Mapping[str, Limit]
) -> None:
    counts = await platform.broker.counts(queue)
    await _look_at_workers(platform, queue, line)
    standing = await platform.broker.standing(queue, [(task.id, task.function or "", task.limit_key) for task in tasks])
    for task, where in zip(tasks, standing, strict=True):
        limit = where and by_name.get(where.limit.partition('"')[0])
        if where and not where.limit:
            line.places[task.id] = where.place + 1
        elif where and limit:
            starts = await platform.broker.last_starts(queue, where.limit) if limit.max_starts else []
            mean_ms = line.expected.get(task.function or "") or None
            running = counts.get(where.limit, 0)
            # Of one key it is not known which of them it counts.
            left = () if limit.per_key else _left(line, queue, limit.function)
            line.held[task.id] = _Held(limit, where.place + 1, running, starts, mean_ms, left)
    whole = by_name.get(QUEUE_LIMIT)
    if whole is not None:
        starts = await platform.broker.last_starts(queue, QUEUE_LIMIT) if whole.max_starts else []
        held = _Held(whole, 0, counts.get(QUEUE_LIMIT, 0), starts, line.mean_ms, _left(line, queue, None))
        line.full = _full(held, platform.clock.now_ms())


def _left(line: Line, queue: str, function: str | None) -> tuple[float, ...]:
    """How much longer those should run that a limit of this queue, or of a function there, counts."""
    return tuple(one.left_ms for one in line.left if one.queue == queue and function in (None, one.function))


def _full(held: _Held, now: int) -> _Held | None:
    """The queue's own limit, where it keeps everything back just now."""
    limit = held.limit
    if limit.max_running is not None and held.running >= limit.max_running:
        return held
    if limit.max_starts is None or limit.period_ms is None:
        return None
    wait = window_ms(position=1, starts=held.starts, max_starts=limit.max_starts, period_ms=limit.period_ms, now=now)
    return held if wait else None


async def _lanes(
    platform: Platform, queue: str, tasks: Sequence[Task], owners: Mapping[str, Worker]
) -> dict[str, _Lane]:
    found: list[int | None] = [None] * len(tasks)
    async with glance("places in lanes are unknown while Redis is away", queue=queue):
        found = await platform.broker.lane_places(queue, [(task.id, task.worker_id or "") for task in tasks])
    return {
        task.id: _Lane(0 if index is None else index + 1, owners.get(task.worker_id or ""))
        for task, index in zip(tasks, found, strict=True)
    }


async def _places(platform: Platform, queue: str, ids: Sequence[str]) -> dict[str, int]:
    """Places from 1 on; a task that Redis does not hold as ready has none."""
    found = await platform.broker.places(queue, ids)
    return {task_id: index + 1 for task_id, index in zip(ids, found, strict=True) if index is not None}
