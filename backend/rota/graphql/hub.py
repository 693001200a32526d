"""One reader of the announcements a process: gathers them, reads each changed row once, hands the batch to all who watch.

A batch is one object for everybody, so that what is made from it (`Batch.once`) is made once however many watch.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, TypeVar

from rota.broker.changes import Announced, CursorLost
from rota.broker.client import REDIS_GONE
from rota.graphql.batches import TOLD, Batch, is_too_much, lists_of, merged, place, together
from rota.graphql.context import Context
from rota.graphql.ticker import Ticker
from rota.graphql.turns import Turns
from rota.graphql.types.metrics import Metrics
from rota.graphql.types.system import System
from rota.logs import get_logger
from rota.operations import metrics
from rota.operations.health import Health, Part, PartName, PartState, look
from rota.operations.platform import Platform
from rota.store import tasks
from rota.store.models import Task

log = get_logger(__name__)

GATHER_S = 0.1
GATHER_BUSY_S = 1.0  # where one reset follows another: lists are read anew no more often than this
BLOCK_MS = 1_000
PAUSE_S = 0.5
HEALTH_EVERY_S = 2.0
MOST_WAITING = 8  # batches that wait for one watcher before they are gathered into one

T = TypeVar("T")


class Watch:
    """What one watcher has not taken yet: bounded, whatever it does."""

    def __init__(
        self, hub: "Hub", start: str, wants: Callable[[Batch], bool], task_id: str | None, *, with_rows: bool
    ) -> None:
        self.task_id = task_id
        self.with_rows = with_rows
        self.start = start  # what comes here was announced after this cursor
        self._hub = hub
        self._wants = wants
        self._waiting: deque[Batch] = deque()
        self._filled = asyncio.Event()

    def put(self, batch: Batch) -> None:
        """Adds a batch; where too many wait they are gathered into one that has the latest of each task."""
        if not self._wants(batch):
            return
        self._waiting.append(batch)
        if len(self._waiting) > MOST_WAITING:
            gathered = merged(self._waiting, keep=self.task_id)
            self._waiting.clear()
            self._waiting.append(gathered)
        self._filled.set()

    async def batches(self) -> AsyncIterator[Batch]:
        """Batches as they come, without end."""
        while True:
            await self._filled.wait()
            batch = self._waiting.popleft()
            if not self._waiting:
                self._filled.clear()
            yield batch

    async def latest(self, every_s: float) -> AsyncIterator[Batch]:
        """The latest batch whenever there is a new one, at most so often: for who only needs to know that something changed."""
        while True:
            await self._filled.wait()
            batch = self._waiting[-1]
            self._waiting.clear()
            self._filled.clear()
            yield batch
            await asyncio.sleep(every_s)

    async def missed(self, after: str) -> Batch | None:
        """What was announced after a cursor and before this watch began; None where nothing was."""
        return await self._hub.missed(after, self.start)


class Hub:
    """Live for one process. `run` must be running."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        # In the order in which they came: who leads a subscription for many is told before who still follows alone.
        self._watches: dict[Watch, None] = {}
        self._cursor: str | None = None
        self._started = asyncio.Event()
        self._pause_s = GATHER_S
        self._was_reset = False
        self._sent_at = 0.0
        self.turns = Turns()
        self.ticker = Ticker(self._snapshot)
        self.health = Ticker(self.system, HEALTH_EVERY_S)
        self.started_at = platform.clock.now_ms()
        self.is_live = False  # whether it hears of changes: not while Redis is away

    @property
    def cursor(self) -> str | None:
        """How far it has told; what came up to here was committed before. None until it has heard of Redis."""
        return self._cursor

    @property
    def watching(self) -> int:
        """How many watch."""
        return len(self._watches)

    async def run(self) -> None:
        """Reads announcements until it is cancelled; where Redis or the database is away, goes on when it is back."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.ticker.run())
            group.create_task(self.health.run())
            group.create_task(self._read())

    async def _read(self) -> None:
        while True:
            try:
                await self._follow()
            except CursorLost:
                self._cursor = None
            except REDIS_GONE as error:
                self._tell_gone(str(error))
            except Exception:
                # The database may be away: what was announced is read again, nothing is skipped.
                log.exception("live updates wait")
            await asyncio.sleep(PAUSE_S)

    @contextlib.asynccontextmanager
    async def watch(
        self, wants: Callable[[Batch], bool], *, task_id: str | None = None, with_rows: bool = False
    ) -> AsyncIterator[Watch]:
        """Hears of the batches that `wants` picks, from now on; with the rows of tasks that changed, or of one task."""
        await self._started.wait()
        watch = Watch(self, self._cursor or "", wants, task_id, with_rows=with_rows)
        self._watches[watch] = None
        try:
            yield watch
        finally:
            del self._watches[watch]

    async def missed(self, after: str, until: str) -> Batch | None:
        """What was announced after one cursor up to another, gathered; a reset where it is not known any more."""
        if place(after)[0] == place(until)[0] and place(after) >= place(until):
            return None
        told: dict[str, str] = {}
        try:
            async for entry in self._between(after, until):
                told.update(dict.fromkeys(entry.change.task_ids, entry.cursor))
                # A new leader says so: what its predecessor recorded last may never have been told.
                if entry.change.is_reset or is_too_much(told):
                    return Batch(until, workers=True, queues=True, is_reset=True)
        except (CursorLost, *REDIS_GONE):
            return Batch(until, workers=True, queues=True, is_reset=True)
        return Batch(until, await self._rows(told), told, workers=True, queues=True) if told else None

    async def _between(self, after: str, until: str) -> AsyncIterator[Announced]:
        while place(after) < place(until):
            found = await self._platform.changes.read(after, None)
            for entry in found:
                if place(entry.cursor) > place(until):
                    return
                yield entry
            if not found:
                return
            after = found[-1].cursor

    async def _follow(self) -> None:
        changes = self._platform.changes
        if self._cursor is None:
            cursor = await changes.latest()
            if self._started.is_set():  # it is not known what was missed
                await self._send(cursor, {}, dict.fromkeys(TOLD, True), is_reset=True)
            self._cursor = cursor
            self._started.set()
            self._tell_live()
        while True:
            announced = await changes.read(self._cursor, BLOCK_MS)
            self._tell_live()
            if announced:
                await self._gather(announced)

    async def _gather(self, announced: list[Announced]) -> None:
        pause_s = self._sent_at + self._pause_s - asyncio.get_running_loop().time()
        if pause_s > 0:
            await asyncio.sleep(pause_s)
        await self.turns.caught_up()
        # Where the machine is busy what was read has been here for a while: what came meanwhile goes into the same batch.
        announced = together(announced, await self._platform.changes.read(announced[-1].cursor, None))
        cursor = announced[-1].cursor
        told = {task_id: entry.cursor for entry in announced for task_id in entry.change.task_ids}
        is_reset = is_too_much(told) or any(entry.change.is_reset for entry in announced)
        await self._send(cursor, told, lists_of([entry.change for entry in announced]), is_reset=is_reset)
        self._pause_s = GATHER_BUSY_S if is_reset and self._was_reset else GATHER_S
        self._was_reset = is_reset
        self._cursor = cursor
        self._sent_at = asyncio.get_running_loop().time()

    async def _send(self, cursor: str, told: dict[str, str], lists: dict[str, bool], *, is_reset: bool) -> None:
        if not self._watches:
            return
        rows: dict[str, Task] = {}
        asked: set[str] = set()
        # Who begins to watch while rows are read gets this batch too, with what it needs.
        while wanted := self._wanted(told, is_reset=is_reset) - asked:
            asked |= wanted
            rows.update(await self._rows(wanted))
        if is_reset:
            told = dict.fromkeys(rows, cursor)
        batch = Batch(cursor, rows, told, is_reset=is_reset, **lists)
        for watch in tuple(self._watches):
            watch.put(batch)

    def _wanted(self, told: dict[str, str], *, is_reset: bool) -> set[str]:
        """The tasks whose rows somebody needs. At a reset: those that are watched singly, changed or not."""
        single = {watch.task_id for watch in self._watches if watch.task_id is not None}
        if is_reset:
            return single
        return set(told) if any(watch.with_rows for watch in self._watches) else single & told.keys()

    async def _rows(self, ids: Iterable[str]) -> dict[str, Task]:
        wanted = list(ids)
        if not wanted:
            return {}
        async with self._platform.database.read() as db:
            return {task.id: task for task in await tasks.get_many(db, wanted)}

    async def look(self) -> Health:
        """How every part is, this process and its live updates among them."""
        health = await look(self._platform)
        live = Part(PartName.LIVE, PartState.OK, "Changes are told as they are committed")
        if not self.is_live:
            live = Part(PartName.LIVE, PartState.DOWN, "It does not hear of changes yet")
        health.parts = [Part(PartName.API, PartState.OK, "Answers"), *health.parts, live]
        return health

    async def system(self) -> System:
        """The same as clients see it."""
        return System.of(await self.look(), self.started_at)

    async def _snapshot(self) -> Metrics:
        return Metrics.of(await metrics.snapshot(self._platform))

    def _tell_live(self) -> None:
        if not self.is_live:
            log.info("live updates flow")
        self.is_live = True

    def _tell_gone(self, error: str) -> None:
        if self.is_live:
            log.warning("live updates wait for Redis", error=error)
        self.is_live = False


def hub_of(context: Context) -> Hub:
    """The hub of this process."""
    if context.hub is None:
        raise RuntimeError("subscriptions need a hub")
    return context.hub


async def now_and_after(
    hub: Hub, key: str, wants: Callable[[Batch], bool], read: Callable[[], Awaitable[list[T]]], every_s: float = 0.0
) -> AsyncIterator[list[T]]:
    """What `read` gives now, and again after each batch that `wants` picks, at most so often."""
    async with hub.watch(wants) as watch:
        yield await read()
        async for batch in watch.latest(every_s):
            found: Any = await batch.once(key, read)
            yield found
