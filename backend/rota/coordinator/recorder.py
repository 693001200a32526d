"""Writes the journal into SQL: a batch and its position in one transaction, then announces and trims.

There are two positions for each queue. `_stored` is the one in SQL: it is compared and moved in each transaction that
writes, so that of two recorders one records. `_positions` is how far this process has read. It runs ahead only over
entries that change nothing in SQL (what was merely pushed): they are announced without a transaction, and their position
is stored with the next batch that writes, or a second later. Hence

- everything up to `_positions` is in SQL, which is what `passed` promises and the reconciler relies on;
- who follows after a crash or a handover reads from `_stored` and announces some pushes twice, which harms nobody; only
  what is stored is trimmed, so it finds each of them;
- a recorder that does not lead any more may announce, and fails at its next write, as `_stored` has moved under it;
- a journal that began anew is always written: if SQL kept the old position, an older copy of Redis could grow past it
  unread, and nobody would see that it is another journal.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from rota import jsontext
from rota.broker.client import REDIS_GONE
from rota.broker.journal import START, Batch, Entry
from rota.domain import record as fold
from rota.domain import totals
from rota.domain.errors import IllegalMove
from rota.domain.events import Change, Kind
from rota.domain.record import TaskFacts
from rota.domain.states import TaskStatus
from rota.logs import get_logger
from rota.operations import dependencies
from rota.operations.platform import Platform
from rota.operations.tasks import push
from rota.store import lines, queues, record, tasks, ticks
from rota.store.database import Connection, again_on_deadlock
from rota.store.models import Task

log = get_logger(__name__)

BLOCK_MS = 1_000
ENTRIES_AT_ONCE = 200
EVENTS_AT_ONCE = 2_000
QUEUES_READ_EVERY_S = 2.0
STORED_EVERY_S = 1.0
# What a worker of another make may have sent. The others' events must not wait for it for ever.
_SENSELESS = (IllegalMove, KeyError, TypeError, ValueError)


class Told(NamedTuple):
    """One event of one task."""

    task_id: str
    apply: Callable[[TaskFacts], None]


class Recorder:
    """Records all queues' journals. `run` must be running in the leader only."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._positions: dict[str, str] = {}
        self._stored: dict[str, str] = {}
        self._advanced = asyncio.Condition()
        self._tally = ticks.Tally(0)
        self.totals: dict[tuple[str, str], int] = {}  # counted and not written yet
        self.was_reset = asyncio.Event()
        self.recorded_at = 0  # ms: when it last had nothing left to record

    async def run(self) -> None:
        """Records until it is cancelled."""
        platform = self._platform
        await self.begin()
        # What was announced before this process led may have been lost with its predecessor: a change without ids
        # makes lists be read again.
        platform.announcer.tell(Change(workers=True, queues=True))
        next_look = next_store = 0.0
        loop = asyncio.get_running_loop()
        while True:
            if loop.time() >= next_look:
                await self._look_for_queues()
                next_look = loop.time() + QUEUES_READ_EVERY_S
            if loop.time() >= next_store:
                await self.store_positions()
                next_store = loop.time() + STORED_EVERY_S
            batches = await platform.journal.read(self._positions, BLOCK_MS, ENTRIES_AT_ONCE)
            for batch in batches:
                await self._record(batch)
            if not batches:
                self.recorded_at = platform.clock.now_ms()

    async def begin(self) -> None:
        """Goes to where SQL says that the journals are recorded."""
        async with self._platform.database.read() as db:
            self._stored = await record.positions(db)
        self._positions = dict(self._stored)

    async def store_positions(self) -> None:
        """Stores how far was read where that is further than what SQL has. Raises PositionMoved."""
        ahead = {queue: at for queue, at in self._positions.items() if at != self._stored.get(queue, "")}
        if not ahead:
            return
        async with self._platform.database.transaction() as db:
            for queue in sorted(ahead):
                await record.advance(db, queue, self._stored.get(queue, ""), ahead[queue])
        self._stored.update(ahead)
        for queue in ahead:
            await self._trim(queue)

    async def passed(self, queue: str, epoch: str, journal_id: str) -> None:
        """Returns when everything up to this entry is recorded, or the journal has begun anew."""
        async with self._advanced:
            await self._advanced.wait_for(lambda: self._is_past(queue, epoch, journal_id))

    def _is_past(self, queue: str, epoch: str, journal_id: str) -> bool:
        if not journal_id:
            return True
        epoch_now, _, at = self._positions.get(queue, "").partition("/")
        if epoch_now == epoch:
            return _parts(at) >= _parts(journal_id)
        return int(epoch_now or 0) > int(epoch)  # emptied since: an epoch is the instant (µs) at which it began

    async def _look_for_queues(self) -> None:
        async with self._platform.database.read() as db:
            for queue in await queues.all_queues(db):
                self._positions.setdefault(queue.name, "")

    async def _record(self, batch: Batch) -> None:
        if batch.is_reset:
            log.warning("the journal begins anew: Redis was emptied or restored", queue=batch.queue)
            self.was_reset.set()
            if not batch.entries:
                await self._write(batch.queue, f"{batch.epoch}/{START}", [])
        was = self._stored.get(batch.queue)
        told: list[Told] = []
        only_pushed = not batch.is_reset
        for entry in batch.entries:
            told += _events(entry)
            only_pushed = only_pushed and entry.kind == Kind.PUSHED
            # An entry may hold hundreds of events: many of them in one transaction would keep others waiting.
            if len(told) >= EVENTS_AT_ONCE or entry is batch.entries[-1]:
                position = f"{batch.epoch}/{entry.id}"
                if only_pushed and not await self._are_scheduled(told):
                    await self._pass(batch.queue, position, [event.task_id for event in told])
                else:
                    await self._write(batch.queue, position, told)
                told, only_pushed = [], not batch.is_reset
        if self._stored.get(batch.queue) != was:
            await self._trim(batch.queue)

    async def _are_scheduled(self, told: list[Told]) -> bool:
        """Whether a push may have moved one of these; of what SQL calls anything else it only tells that Redis has it."""
        async with self._platform.database.read() as db:
            return await record.are_scheduled(db, list(dict.fromkeys(event.task_id for event in told)))

    async def _write(self, queue: str, position: str, told: list[Told]) -> None:
        changed, ready = await self._apply(queue, self._stored.get(queue, ""), position, told)
        self._stored[queue] = position
        await self._pass(queue, position, changed)
        if ready:
            await push(self._platform, ready)

    async def _pass(self, queue: str, position: str, changed: list[str]) -> None:
        self._positions[queue] = position
        async with self._advanced:
            self._advanced.notify_all()
        self._platform.announcer.tell(Change(tuple(dict.fromkeys(changed))))

    @again_on_deadlock
    async def _apply(self, queue: str, was: str, position: str, told: list[Told]) -> tuple[list[str], list[Task]]:
        at = self._platform.clock.now_ms()
        ready: list[Task] = []
        cancelled: list[str] = []
        async with self._platform.database.transaction() as db:
            await record.advance(db, queue, was, position)
            facts = await record.load(db, list(dict.fromkeys(event.task_id for event in told))) if told else {}
            for event in told:
                task = facts.get(event.task_id)
                if task is not None:  # deleted meanwhile
                    _apply(event, task)
            moved = await record.save(db, self._platform.shard, list(facts.values()), at)
            await lines.save(db, list(facts.values()))
            ended = [task for task in moved if task.is_final and task.was is not task.status]
            if ended and await tasks.has_dependencies(db):
                ready, cancelled = await dependencies.resolve(db, self._platform.shard, [task.id for task in ended], at)
            tally = await self._count(db, moved, ended, at)
        self._tally = tally
        totals.count(facts.values(), self.totals)
        # What was only pushed has not changed, yet it is the first that a watcher hears of it.
        seen = dict.fromkeys([event.task_id for event in told if event.task_id in facts])
        return [*seen, *cancelled, *(task.id for task in ready)], ready

    async def _count(
        self, db: Connection, changed: Iterable[TaskFacts], ended: list[TaskFacts], at: int
    ) -> ticks.Tally:
        second = at // 1000
        # A copy: what is rolled back was not counted.
        tally = self._tally.copy() if self._tally.second == second else ticks.Tally(second)
        runs: dict[str, list[int]] = {}
        is_touched = False
        for task in changed:
            for ms in task.waits:
                tally.waited(ms)
            for ms in task.runs:
                tally.ran(ms)
            if task.function is not None and task.runs:
                runs.setdefault(task.function, []).extend(task.runs)
            is_touched = is_touched or bool(task.waits or task.runs)
        tally.finished += len(ended)
        tally.failed += sum(task.status is TaskStatus.FAILED for task in ended)
        if is_touched or ended:
            await ticks.save(db, f"{self._platform.shard}.recorder", tally)
        await record.learn(db, runs)
        return tally

    async def _trim(self, queue: str) -> None:
        try:
            await self._platform.journal.trim(queue, self._stored[queue].partition("/")[2])
        except REDIS_GONE as error:
            log.warning("the journal is trimmed next time", queue=queue, error=str(error))


def _events(entry: Entry) -> list[Told]:
    at, worker, lease = entry.at, entry.worker, entry.lease
    try:
        return [_told(entry.kind, item, at, worker, lease) for item in jsontext.loads(entry.body)]
    except _SENSELESS as error:
        log.error("a journal entry that makes no sense is left out", entry=entry.id, kind=entry.kind, error=str(error))
        return []


def _apply(event: Told, task: TaskFacts) -> None:
    try:
        event.apply(task)
    except _SENSELESS as error:
        log.error("an event that makes no sense is left out", task_id=task.id, status=task.status, error=str(error))


def _told(kind: str, item: Any, at: int, worker: str, lease: int) -> Told:
    if kind in _OF_RUNS:
        return _told_of_run(kind, item, at, worker, lease)
    if kind == Kind.PUSHED:
        task_id, due = item
        return Told(task_id, lambda task: fold.pushed(task, due, at))
    if kind == Kind.PROMOTED:
        return Told(item, lambda task: fold.promoted(task, at))
    if kind == Kind.ASSIGNED:
        task_id, to, number = item
        return Told(task_id, lambda task: fold.assigned(task, number, to))
    if kind == Kind.UNASSIGNED:
        task_id, number = item
        return Told(task_id, lambda task: fold.unassigned(task, number))
    if kind == Kind.EXPIRED:
        return Told(item, lambda task: fold.expired(task, at))
    raise ValueError(f"the journal has an entry of unknown kind {kind!r}")


_OF_RUNS = frozenset({Kind.CLAIMED, Kind.SETTLED, Kind.LATE, Kind.LOST, Kind.PROGRESS, Kind.SAID})


def _told_of_run(kind: str, item: Any, at: int, worker: str, lease: int) -> Told:
    if kind == Kind.CLAIMED:
        task_id, number = item
        return Told(task_id, lambda task: fold.claimed(task, number, lease, worker, at))
    if kind == Kind.SETTLED:
        return Told(item["id"], lambda task: fold.settled(task, item, worker))
    if kind == Kind.LATE:
        return Told(item["id"], lambda task: fold.late(task, item))
    if kind == Kind.LOST:
        task_id, number, held, _, poison = item
        return Told(task_id, lambda task: fold.lost(task, number, int(held), bool(poison), at))
    if kind == Kind.SAID:
        task_id, number, held, first, lines_said, left_out = item
        return Told(task_id, lambda task: fold.said(task, number, int(held), first, lines_said, left_out))
    task_id, number, held, progress, message = item
    return Told(task_id, lambda task: fold.progressed(task, number, int(held), progress, message))


def _parts(stream_id: str) -> tuple[int, int]:
    ms, _, sequence = stream_id.partition("-")
    return int(ms or 0), int(sequence or 0)
