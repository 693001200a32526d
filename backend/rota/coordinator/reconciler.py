"""Compares SQL and Redis and mends Redis: takes back what runs, pushes what it lost, drops what SQL has ended.

It must never cause a second run where nothing failed. So a task that Redis does not hold is looked at again only after
the recorder has passed the journal's end of that same instant: what merely awaited recording is final by then.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rota.broker.scripts import Run
from rota.coordinator.recorder import Recorder
from rota.domain.events import Change
from rota.domain.states import WAITING, AttemptOutcome, TaskStatus
from rota.domain.strategies import has_lanes
from rota.logs import get_logger
from rota.operations.platform import Platform
from rota.operations.pushes import push_of
from rota.operations.queues import configure
from rota.store import attempts, counters, functions, queues, tasks, totals
from rota.store.database import Connection
from rota.store.models import Queue, Task

log = get_logger(__name__)

EVERY_S = 5.0
SETTLED_MS = 5_000  # rows that changed more recently are on their way; more than the broker's PUSH_WITHIN_MS
AT_ONCE = 1_000
PASS_S = 30.0
HEARTBEATS = 3  # a worker whose run was taken back is to give a sign of life within so many
PAGES_A_ROUND = 10  # of the walk over all live tasks; a million of them are not read every five seconds


@dataclass(slots=True)
class _Walk:
    """How far a queue was looked at: the newest task seen, where the walk over all of them goes on, and that over Redis."""

    newest: str = ""
    cursor: str = ""
    held: int = 0


class _Missing(NamedTuple):
    """Of some live tasks those that Redis does not hold, and the last of all that were looked at."""

    last: str
    ids: Sequence[str]


class Reconciler:
    """Runs in the leader only, beside its recorder."""

    def __init__(self, platform: Platform, recorder: Recorder) -> None:
        self._platform = platform
        self._recorder = recorder
        self._walks: dict[str, _Walk] = {}
        # By queue: worker -> since when nobody of this name is registered.
        self._strangers: dict[str, dict[str, int]] = {}

    async def run(self) -> None:
        """Reconciles every few seconds, and everything at once where this begins or the journal began anew."""
        is_all = True
        while True:
            settled_ms = 0 if self._recorder.was_reset.is_set() else SETTLED_MS
            is_all = is_all or settled_ms == 0
            self._recorder.was_reset.clear()
            for queue in await self._queues():
                await self.mend(queue)
                await self.forget_strangers(queue)
                if is_all:
                    await self.push_missing(queue, settled_ms)
                    await self.drop_ended(queue)
                else:
                    await self._walk_on(queue)
                    await self._drop_on(queue)
            is_all = False
            await self._wait()

    async def mend(self, queue: Queue) -> int:
        """Tells Redis again how the queue is worked. Returns how many counts of what runs were wrong, and are right now."""
        if has_lanes(queue.strategy):
            _, registered = await self._platform.workers.roll()
            await self._platform.broker.muster(queue.name, [worker.id for worker in registered])
        wrong = await configure(self._platform, queue.name)
        if wrong:
            log.warning("counts of what runs were wrong and are mended", queue=queue.name, counts=wrong)
        return wrong

    async def forget_strangers(self, queue: Queue) -> int:
        """Removes what Redis keeps of workers that claimed and died before they were registered. Returns how many they were.

        Only after a whole lease: until then such a worker may still come to be registered, and ask again. Not while it holds
        a task: it may live, unheard, and ask again what it claimed.
        """
        platform, now = self._platform, self._platform.clock.now_ms()
        kept = await platform.broker.claimants(queue.name)
        _, registered = await platform.workers.roll()
        known = self._strangers.get(queue.name, {})
        since = {worker: known.get(worker, now) for worker in kept.difference(worker.id for worker in registered)}
        self._strangers[queue.name] = since
        gone = {worker for worker in since if now - since[worker] >= platform.settings.lease_ms}
        if gone:
            gone -= await platform.broker.holders(queue.name)
        for worker in gone:
            await platform.broker.forget(queue.name, worker)
            del since[worker]
        return len(gone)

    async def take_back(self, queue: Queue) -> int:
        """Gives an emptied Redis back what ran, under the tokens that the workers have. Returns how many; 0 where none is missing.

        Workers that live go on with it. Until this has been done Redis keeps them waiting for an answer to what they hold.
        """
        platform, total, after = self._platform, 0, ""
        if await platform.broker.is_rebuilt(queue.name):
            return 0
        lease_ms = min(platform.settings.lease_ms, HEARTBEATS * platform.settings.heartbeat_ms)
        is_all = False
        while not is_all:
            async with platform.database.read() as db:
                ids = await tasks.running_ids(db, queue.name, after, AT_ONCE)
            is_all = len(ids) < AT_ONCE
            missing = await self._missing(queue, ids)
            runs = await self._runs(queue, missing.ids)
            total += await platform.broker.adopt(queue.name, runs, lease_ms, is_all=is_all)
            after = missing.last
        if total:
            log.warning("took back what ran when Redis was emptied", queue=queue.name, tasks=total)
        return total

    async def _runs(self, queue: Queue, ids: Sequence[str]) -> list[Run]:
        """Those of these tasks that run, as SQL knows them."""
        async with self._platform.database.read() as db:
            found = await tasks.read_many(db, ids) if ids else []
            known = {function.name: function for function in await functions.all_functions(db)}
        return [
            Run(push_of(task, queue, known.get(task.function or "")), task.lease, task.worker_id or "")
            for task in found
            if task.status == TaskStatus.RUNNING
        ]

    async def push_missing(self, queue: Queue, settled_ms: int = SETTLED_MS) -> int:
        """Pushes what SQL has not ended and Redis does not hold. Returns how many."""
        walk = self._walks[queue.name] = _Walk()
        pushed, walk.newest = await self._walk(queue, settled_ms, "")
        return pushed

    async def _walk_on(self, queue: Queue) -> None:
        """What came since the last round, and a part of all the others."""
        walk = self._walks.setdefault(queue.name, _Walk())
        _, walk.newest = await self._walk(queue, SETTLED_MS, walk.newest)
        start = walk.cursor
        _, walk.cursor = await self._walk(queue, SETTLED_MS, start, PAGES_A_ROUND)
        if walk.cursor == start:
            walk.cursor = ""

    async def _walk(self, queue: Queue, settled_ms: int, after: str, pages: int | None = None) -> tuple[int, str]:
        """Looks at live tasks whose ids follow one. Returns how many were pushed, and the last id that was seen."""
        await self.take_back(queue)
        pushed, missing = 0, _Missing(after, [])
        older_than = self._platform.clock.now_ms() - settled_ms + 1
        while pages is None or pages > 0:
            # An emptied Redis may have lost a million: some are read while those before them are pushed.
            count, following = await asyncio.gather(
                self._push(queue, missing.ids, older_than), self._look(queue, older_than, missing.last)
            )
            pushed += count
            if following is None:
                missing = missing._replace(ids=[])
                break
            missing = following
            pages = None if pages is None else pages - 1
        pushed += await self._push(queue, missing.ids, older_than)
        if pushed:
            log.warning("pushed tasks that Redis had lost", queue=queue.name, tasks=pushed)
        return pushed, missing.last

    async def _look(self, queue: Queue, older_than: int, after: str) -> "_Missing | None":
        """The next live tasks; None where none follow."""
        async with self._platform.database.read() as db:
            found = await tasks.live_ids(db, queue.name, older_than, after, AT_ONCE)
        return await self._missing(queue, found) if found else None

    async def _missing(self, queue: Queue, ids: Sequence[str]) -> "_Missing":
        """Which of these Redis does not hold. What merely awaited recording is recorded when this returns."""
        missing = await self._platform.broker.missing(queue.name, ids)
        if missing.ids:
            async with asyncio.timeout(PASS_S):
                await self._recorder.passed(queue.name, missing.epoch, missing.journal_id)
        return _Missing(ids[-1] if ids else "", missing.ids)

    async def drop_ended(self, queue: Queue) -> int:
        """Drops what Redis holds and SQL has ended or does not know. Returns how many."""
        dropped, _ = await self._drop(queue, 0)
        return dropped

    async def _drop_on(self, queue: Queue) -> None:
        walk = self._walks.setdefault(queue.name, _Walk())
        _, walk.held = await self._drop(queue, walk.held, PAGES_A_ROUND)

    async def _drop(self, queue: Queue, cursor: int, pages: int | None = None) -> tuple[int, int]:
        """Looks at what Redis holds from a cursor on. Returns how many were dropped, and where to go on (0: at the start)."""
        dropped = 0
        while True:
            cursor, held = await self._platform.broker.scan(queue.name, cursor, AT_ONCE)
            if held:
                async with self._platform.database.read() as db:
                    live = await tasks.live_among(db, held)
                dropped += await self._platform.broker.drop(queue.name, [one for one in held if one not in live])
            pages = None if pages is None else pages - 1
            if not cursor or pages == 0:
                break
        if dropped:
            log.warning("dropped tasks that had ended", queue=queue.name, tasks=dropped)
        return dropped, cursor

    async def _push(self, queue: Queue, ids: Sequence[str], older_than: int) -> int:
        """Pushes those of these tasks that have not ended meanwhile. Returns how many."""
        if not ids:
            return 0
        platform = self._platform
        at = platform.clock.now_ms()
        async with platform.database.read() as db:
            # What changed since it was listed (retried, say) is being pushed by who changed it.
            found = [task for task in await tasks.read_many(db, ids) if task.changed_at < older_than]
            known = {function.name: function for function in await functions.all_functions(db)}
        lost = [task for task in found if task.status in _HELD and task.status not in _TAKEN]
        if taken := [task.id for task in found if task.status in _TAKEN]:
            async with platform.database.transaction() as db:
                locked = await tasks.lock_many(db, taken)
                back = [task for task in locked if task.changed_at < older_than and task.status in _TAKEN]
                await _requeue(db, platform.shard, back, at)
            lost += back
        if lost:
            pushes = [push_of(task, queue, known.get(task.function or "")) for task in lost]
            await platform.broker.push(queue.name, pushes, platform.clock.now_ms() - at)
            platform.announcer.tell(Change(tuple(task.id for task in lost)))
        return len(lost)

    async def _queues(self) -> list[Queue]:
        async with self._platform.database.read() as db:
            return await queues.all_queues(db)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(EVERY_S):
                await self._recorder.was_reset.wait()
        except TimeoutError:
            return


# What a worker had, running or in its lane.
_TAKEN = frozenset({TaskStatus.RUNNING, TaskStatus.ASSIGNED})
# What Redis is to hold: everything that has not ended, but for what waits for other tasks.
_HELD = (WAITING | {TaskStatus.RUNNING}) - {TaskStatus.BLOCKED}


async def _requeue(db: Connection, shard: str, taken: list[Task], at: int) -> None:
    """Attempts whose leases Redis lost: they are over, their tasks wait again. So do those whose lane it lost."""
    if not taken:
        return
    deltas: dict[tuple[str, str, int], int] = {}
    running = [task for task in taken if task.status == TaskStatus.RUNNING]
    for task in taken:
        for key, amount in (
            ((task.queue, task.status, task.priority), -1),
            ((task.queue, TaskStatus.QUEUED.value, task.priority), 1),
        ):
            deltas[key] = deltas.get(key, 0) + amount
        if task.status == TaskStatus.ASSIGNED:
            task.worker_id = None
        else:
            task.queued_at = at
        task.status, task.changed_at, task.version = TaskStatus.QUEUED.value, at, task.version + 1
    await attempts.close(db, [task.id for task in taken], AttemptOutcome.LOST, at)
    await tasks.write(db, taken, ("status", "queued_at", "worker_id", "changed_at", "version"))
    await counters.add(db, shard, deltas)
    lost = Counter((task.queue, "lost") for task in running)
    await totals.add(db, shard, lost)
