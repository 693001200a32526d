"""A worker in the test's own loop, tasks pushed to it, and what the journal tells of them."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import rota
from rota import ids, jsontext
from rota.broker.client import RedisClient, connect
from rota.broker.journal import Journal
from rota.broker.scripts import Broker, Push, Run
from rota.clock import now_ms
from rota.declare import MARK
from rota.domain.payload import Payload, build
from rota.domain.retry import Backoff
from rota.settings import load_settings
from rota.worker.catalogue import catalogue_of, declared_entry
from rota.worker.targets import Collected
from rota.worker.worker import Worker

QUEUE = "default"
PATIENCE_S = 60.0
AT_ONCE = Backoff(base_ms=1, factor=1.0, cap_ms=1)


async def until(holds: Callable[[], bool | Awaitable[bool]]) -> None:
    """Looks until the condition holds; fails after a minute."""
    async with asyncio.timeout(PATIENCE_S):
        for pause in itertools.chain((0.001, 0.005), itertools.repeat(0.02)):
            answer = holds()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(pause)


def collected(*functions: Any) -> Collected:
    """Functions of the test as a worker takes them; what is not marked is marked."""
    marked = [one if hasattr(one, MARK) else rota.function(one) for one in functions]
    return Collected(catalogue_of(declared_entry(getattr(one, MARK)) for one in marked))


@dataclass
class Shop:
    """A queue of a Redis: pushes tasks, reads its journal from the start."""

    url: str
    queue: str = QUEUE
    redis: RedisClient = field(init=False)
    broker: Broker = field(init=False)

    def __post_init__(self) -> None:
        self.redis = connect(self.url)
        self.broker = Broker(self.redis, "rota")
        self._journal = Journal(self.redis, "rota")
        self._position = ""
        self._told: list[tuple[str, Any]] = []

    async def take_back(self, *runs: Run) -> None:
        """Tells Redis all that ran when it was emptied, as the reconciler does."""
        await self.broker.adopt(self.queue, runs, 60_000, is_all=True)

    async def push(self, function: str, args: Any = None, *, due_at: int = 0, **payload: Any) -> str:
        """A task in line; its id. Retries come at once unless `backoff` is given."""
        task_id = ids.new_id(ids.TASK)
        text = jsontext.dumps(args or {})
        payload = {"created_at": now_ms(), "backoff": AT_ONCE, **payload}
        push = Push(
            task_id,
            build(Payload(function=function, args=text, **payload)),
            rank=now_ms(),
            due_at=due_at,
            deadline_at=payload.get("deadline_at") or 0,
        )
        assert await self.broker.push(self.queue, [push]) == 1
        return task_id

    async def push_many(self, function: str, count: int) -> list[str]:
        """Tasks without arguments, pushed by one script."""
        names = [ids.new_id(ids.TASK) for _ in range(count)]
        payload = build(Payload(function=function, args="{}", created_at=now_ms()))
        await self.broker.push(self.queue, [Push(name, payload, now_ms()) for name in names])
        return names

    async def told(self, kind: str, task_id: str, count: int = 1) -> list[Any]:
        """The first `count` things of this kind that the journal tells of a task; waits for them."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                found = [item for told, item in self._told if told == kind and _id_of(item) == task_id]
                if len(found) >= count:
                    return found[:count]
                await self._read()

    async def settled(self, task_id: str, count: int = 1) -> Any:
        """The `count`-th settlement of a task."""
        return (await self.told("settled", task_id, count))[-1]

    async def all_told(self, kind: str) -> list[Any]:
        """What the journal tells by now of this kind."""
        await self._read(block_ms=1)
        return [item for told, item in self._told if told == kind]

    async def entries(self, kind: str) -> int:
        """How many entries of this kind the journal has."""
        found = await self.redis.xrange(self.broker.keys.queue(self.queue, "journal"))
        return sum(fields[b"k"] == kind.encode() for _, fields in found)

    async def _read(self, block_ms: int = 200) -> None:
        for batch in await self._journal.read({self.queue: self._position}, block_ms, 1_000):
            if batch.entries:
                self._position = f"{batch.epoch}/{batch.entries[-1].id}"
            for entry in batch.entries:
                self._told += [(entry.kind, item) for item in jsontext.loads(entry.body)]

    async def close(self) -> None:
        await self.redis.aclose()


@contextlib.asynccontextmanager
async def shop(url: str, *, is_rebuilt: bool = True) -> AsyncIterator[Shop]:
    """A queue, closed at the end. Not `is_rebuilt`: nobody has told yet what ran when Redis was emptied."""
    opened = Shop(url)
    try:
        if is_rebuilt:
            await opened.take_back()
        yield opened
    finally:
        await opened.close()


@contextlib.asynccontextmanager
async def working(
    url: str,
    *functions: Any,
    what: Collected | None = None,
    queues: tuple[str, ...] = (),
    stealing: bool = True,
    **settings: Any,
) -> AsyncIterator[Worker]:
    """A worker that runs until the block ends, then gives back what it has."""
    given = load_settings(redis_url=url, **{"heartbeat_ms": 100, "slots": 10, **settings})
    worker = Worker(
        given, what or collected(*functions), queues=queues, name="tester", handle_signals=False, stealing=stealing
    )
    running = asyncio.create_task(worker.async_run())
    try:
        yield worker
    finally:
        if not running.done():
            worker.give_back()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await running
        finally:
            await worker.close()


def _id_of(item: Any) -> str:
    if isinstance(item, dict):
        return str(item["id"])
    return str(item if isinstance(item, str) else item[0])
