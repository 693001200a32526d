"""Writes the journal into SQL: a batch and its position in one transaction, then announces and trims.

There are two positions for each queue. `_stored` is the one in SQL: it is compared and moved in each transaction that
writes, so that of two recorders one records. `_positions` is how far this process has read. It runs ahead only over
entries that change nothing in SQL (what was merely pushed): they are passed without a transaction, and their position
is stored with the next batch that writes, or a second later. Hence

- everything up to `_positions` is in SQL, which is what `passed` promises and the reconciler relies on;
- who follows after a crash or a handover reads from `_stored`, and some pushes again, which harms nobody; only what is
  stored is trimmed, so it finds each of them;
- a recorder that does not lead any more fails at its next write, as `_stored` has moved under it;
- a journal that began anew is always written: if SQL kept the old position, an older copy of Redis could grow past it
  unread, and nobody would see that it is another journal;
- where the database cannot keep something of one task (a number too large, say), that task ends as FAILED, for all others
  would wait for it for ever.
"""

import asyncio
from collections.abc import Mapping, Sequence

from rota.broker.client import REDIS_GONE
from rota.broker.journal import START, Batch
from rota.coordinator import events
from rota.coordinator.events import Part
from rota.domain import totals
from rota.domain.events import RESET, Change
from rota.domain.record import TaskFacts
from rota.domain.states import TaskStatus
from rota.logs import get_logger
from rota.operations import dependencies
from rota.operations.platform import Platform
from rota.operations.tasks import push
from rota.store import lines, queues, record, tasks, ticks
from rota.store.database import Connection, again_on_deadlock, is_unkept
from rota.store.models import Task

log = get_logger(__name__)

BLOCK_MS = 1_000
ENTRIES_AT_ONCE = 200
EVENTS_AT_ONCE = 4_000
QUEUES_READ_EVERY_S = 2.0
STORED_EVERY_S = 1.0

Read = tuple[Batch, list[Part]]


class Recorder:
    """Records all queues' journals. `run` must be running in the leader only."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._positions: dict[str, str] = {}
        self._stored: dict[str, str] = {}
        self._untrimmed: set[str] = set()  # queues of which more is stored than was trimmed
        self._advanced = asyncio.Condition()
        self._tally = ticks.Tally(0)
        self.totals: dict[tuple[str, str], int] = {}  # counted and not written yet
        self.was_reset = asyncio.Event()
        self.recorded_at = 0  # ms: when it last had nothing left to record

    async def run(self) -> None:
        """Records until it is cancelled."""
        platform = self._platform
        await self.begin()
        # What was announced before this process led may have been lost with its predecessor.
        platform.announcer.tell(RESET)
        next_look = next_store = 0.0
        loop = asyncio.get_running_loop()
        reading: asyncio.Task[list[Read]] | None = None
        try:
            while True:
                if loop.time() >= next_look:
                    await self._look_for_queues()
                    next_look = loop.time() + QUEUES_READ_EVERY_S
                if loop.time() >= next_store:
                    await self.store_positions()
                    next_store = loop.time() + STORED_EVERY_S
                found = await (reading or self._read({}))
                # What follows is read and parsed while SQL is busy with this.
                ahead = {batch.queue: events.end_of(batch) for batch, _ in found}
                reading = asyncio.create_task(self._read(ahead)) if found else None
                for batch, parts in found:
                    await self._record_parts(batch, parts)
                if not found:
                    self.recorded_at = platform.clock.now_ms()
        finally:
            if reading is not None:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    async def _read(self, ahead: Mapping[str, str]) -> list[Read]:
        """Trims what is stored. Returns what comes after all that was read; `ahead` are positions of what was read and is not recorded yet."""
        await self._trim_stored()
        found: list[Read] = []
        for batch in await self._platform.journal.read({**self._positions, **ahead}, BLOCK_MS, ENTRIES_AT_ONCE):
            parts: list[Part] = []
            events.leave_claims(batch)
            for part in events.parts(batch, EVENTS_AT_ONCE):
                parts.append(part)
                await asyncio.sleep(0)  # many of them must not keep everybody else from running
            found.append((batch, parts))
        return found

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
        await self._record_parts(batch, list(events.parts(batch, EVENTS_AT_ONCE)))
        await self._trim_stored()

    async def _record_parts(self, batch: Batch, parts: Sequence[Part]) -> None:
        if batch.is_reset:
            log.warning("the journal begins anew: Redis was emptied or restored", queue=batch.queue)
            self.was_reset.set()
            if not batch.entries:
                await self._write(batch.queue, Part(events.end_of(batch), []))
        was = self._stored.get(batch.queue)
        for part in parts:
            if part.events or batch.is_reset:
                await self._write(batch.queue, part)
            else:
                await self._pass(batch.queue, part.position, [])
        if self._stored.get(batch.queue) != was:
            self._untrimmed.add(batch.queue)

    async def _write(self, queue: str, part: Part) -> None:
        was = self._stored.get(queue, "")
        try:
            changed, ready = await self._apply(queue, was, part)
        except Exception as error:
            if not is_unkept(error):
                raise
            changed, ready = await self._apply_apart(queue, was, part)
        self._stored[queue] = part.position
        await self._pass(queue, part.position, changed)
        if ready:
            await push(self._platform, ready)
            # After the push: who hears of them may ask for their places in line.
            self._platform.announcer.tell(Change(tuple([task.id for task in ready])))

    async def _pass(self, queue: str, position: str, changed: list[str]) -> None:
        self._positions[queue] = position
        async with self._advanced:
            self._advanced.notify_all()
        self._platform.announcer.tell(Change(tuple(dict.fromkeys(changed))))

    async def _apply_apart(self, queue: str, was: str, part: Part) -> tuple[list[str], list[Task]]:
        """The same, task by task: something of one cannot be kept, and the others must not wait for it for ever.

        The position follows at the end; what is applied twice where this is cut off is applied once.
        """
        changed: list[str] = []
        ready: list[Task] = []
        here = was or f"{part.position.partition('/')[0]}/{START}"
        for told in events.by_task(part.events):
            try:
                found = await self._apply(queue, was, Part(here, told))
            except Exception as error:
                if not is_unkept(error):
                    raise
                log.error("what is told of a task cannot be kept", task_id=told[0][0], error=type(error).__name__)
                # Where not even that can be kept it is no fault of the task's: nothing is passed over.
                short = events.in_short(told, self._platform.clock.now_ms())
                found = await self._apply(queue, was, Part(here, short))
            was = here
            changed += found[0]
            ready += found[1]
        last, _ = await self._apply(queue, was, Part(part.position, []))
        return [*last, *changed], ready

    @again_on_deadlock
    async def _apply(self, queue: str, was: str, part: Part) -> tuple[list[str], list[Task]]:
        at = self._platform.clock.now_ms()
        ready: list[Task] = []
        cancelled: list[str] = []
        ids = list(dict.fromkeys([task_id for task_id, _, _ in part.events]))
        async with self._platform.database.transaction() as db:
            # Dependencies are looked for after the rows are locked: who submits a dependant locks what it waits for.
            _, facts, has_needs = await db.together(
                lambda: record.advance(db, queue, was, part.position),
                lambda: record.load(db, ids),
                lambda: tasks.has_dependencies(db),
            )
            events.apply(part.events, facts)
            known = list(facts.values())
            moved = await record.save(db, self._platform.shard, known, at)
            await lines.save(db, known)
            ended = [task for task in moved if task.is_final and task.was is not task.status]
            if ended and has_needs:
                ready, cancelled = await dependencies.resolve(db, self._platform.shard, [task.id for task in ended], at)
            tally = await self._count(db, moved, ended, at)
        self._tally = tally
        totals.count(known, self.totals)
        seen = [task_id for task_id in ids if task_id in facts]
        return [*seen, *cancelled], ready

    async def _count(
        self, db: Connection, changed: Sequence[TaskFacts], ended: Sequence[TaskFacts], at: int
    ) -> ticks.Tally:
        second = at // 1000
        # A copy: what is rolled back was not counted.
        tally = self._tally.copy() if self._tally.second == second else ticks.Tally(second)
        waits = [ms for task in changed for ms in task.waits]
        runs: dict[str, list[int]] = {}
        for task in changed:
            if task.runs:
                runs.setdefault(task.function or "", []).extend(task.runs)
        tally.waited(waits)
        for measured in runs.values():
            tally.ran(measured)
        tally.finished += len(ended)
        tally.failed += sum([task.status is TaskStatus.FAILED for task in ended])
        if waits or runs or ended:
            await ticks.save(db, f"{self._platform.shard}.recorder", tally)
        await record.learn(db, runs)
        return tally

    async def _trim_stored(self) -> None:
        while self._untrimmed:
            await self._trim(self._untrimmed.pop())

    async def _trim(self, queue: str) -> None:
        try:
            await self._platform.journal.trim(queue, self._stored[queue].partition("/")[2])
        except REDIS_GONE as error:
            log.warning("the journal is trimmed next time", queue=queue, error=str(error))


def _parts(stream_id: str) -> tuple[int, int]:
    ms, _, sequence = stream_id.partition("-")
    return int(ms or 0), int(sequence or 0)
