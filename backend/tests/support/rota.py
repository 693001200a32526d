"""A whole platform on real servers, and short words for what tests do with it."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from rota.broker.scripts import Claim
from rota.coordinator.recorder import Recorder
from rota.domain.access import Role, Viewer
from rota.domain.tasks import NewTask
from rota.operations.platform import Platform
from rota.settings import Settings
from rota.store import attempts, counters, functions, queues, tasks
from rota.store.models import Attempt, Task
from rota.wiring import open_platform
from tests.support.broker import LEASE_MS, Line, settlement, until

ALICE = Viewer("user_alice", "alice", frozenset({Role.CLIENT}))
BOB = Viewer("user_bob", "bob", frozenset({Role.CLIENT}))
ADMIN = Viewer("user_admin", "admin", frozenset({Role.CLIENT, Role.ADMIN}))
MULTIPLY = {
    "name": "multiply",
    "description": "Multiplies two numbers.",
    "args_schema": {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
        "required": ["a", "b"],
        "additionalProperties": False,
    },
    "example": {"a": 6, "b": 7},
    "queue": "default",
    "default_priority": 5,
    "max_attempts": 3,
    "timeout_ms": None,
    "executor": "ASYNC",
    "backoff": None,
}
ARGS = {"a": 6, "b": 7}

# What a worker says of itself.
INFO: dict[str, Any] = {
    "name": "w@host", "kind": "POOL", "status": "ONLINE", "queues": ["default", "maths"], "slots": 10, "running_count": 0,
    "lane_count": 0, "stealing": True, "is_stuck": False, "pool": None, "host": "host", "pid": 7, "started_at": 1, "at": 2,
    "catalogue_hash": "h1",
}  # fmt: skip


class SetClock:
    """Tells the machine's time plus what a test added."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def now_ms(self) -> int:
        from rota.clock import now_ms

        return now_ms() + self.ahead_ms


class Rota(Line):
    """A platform with one queue, worked by hand: `submit`, `claim`, `settle`, `record`."""

    def __init__(self, platform: Platform, clock: SetClock) -> None:
        super().__init__(platform.settings.redis_url)
        self.platform = platform
        self.clock = clock
        self.recorder = Recorder(platform)

    async def __aenter__(self) -> "Rota":
        await self.rebuilt()
        return self

    async def submit(self, count: int = 1, *, by: Viewer = ALICE, **wish: Any) -> list[Task]:
        """Submits like tasks and waits until they are in line."""
        wishes = [NewTask(**{"function": "multiply", "args": ARGS, **wish})] * count
        found = await self.platform.submission.submit(by.user_id, wishes, sees_all=by.is_admin)
        await self.platform.submission.drain()
        return found

    async def record(self) -> None:
        """Records what the journal holds."""
        recorder = self.recorder
        if not recorder._positions:
            await recorder.begin()
        await recorder._look_for_queues()
        while batches := await self.journal.read(recorder._positions, 1, 200):
            for batch in batches:
                await recorder._record(batch)

    async def pass_deadlines(self) -> None:
        """Sets every waiting task's deadline back, in SQL too: that of the moment is what counts there."""
        waiting = [member.decode() for member in await self.redis.zrange(self.key("deadlines"), 0, -1)]
        now = await self.now()
        async with self.platform.database.transaction() as db:
            for task_id in waiting:
                await db.run("UPDATE tasks SET deadline_at = $1 WHERE id = $2", now, task_id)
        await super().pass_deadlines()

    async def run(self, *, worker: str = "w1", want: int = 100, outcome: str = "SUCCEEDED", **how: Any) -> Claim:
        """Claims, settles all alike, records."""
        claim = await self.claim(want, worker)
        await self.settle(claim, worker=worker, outcome=outcome, **how)
        await self.record()
        return claim

    async def settle_one(self, claim: Claim, index: int = 0, *, worker: str = "w1", **how: Any) -> bool:
        one = settlement(claim.tasks[index], claim.lease, **how)
        return (await self.broker.settle(self.queue, worker, f"one-{claim.lease}-{index}-{how}", [one]))[0]

    async def task(self, task_id: str) -> Task:
        async with self.platform.database.read() as db:
            found = await tasks.get(db, task_id)
        assert found is not None, f"{task_id} is not in SQL"
        return found

    async def status(self, task_id: str) -> str:
        return (await self.task(task_id)).status

    async def attempts(self, task_id: str) -> list[Attempt]:
        async with self.platform.database.read() as db:
            return (await attempts.of(db, [task_id]))[task_id]

    async def all_tasks(self) -> list[dict[str, Any]]:
        async with self.platform.database.read() as db:
            return await db.rows("SELECT * FROM tasks ORDER BY id")

    async def check_counters(self) -> None:
        """The counters say what COUNT says."""
        async with self.platform.database.read() as db:
            kept = await counters.totals(db)
            rows = await db.rows(
                "SELECT queue, status, priority, count(*) AS n FROM tasks GROUP BY queue, status, priority"
            )
        assert kept == {(row["queue"], row["status"], row["priority"]): row["n"] for row in rows}

    async def announced(self) -> list[str]:
        """Ids of tasks that were announced, in order."""
        cursor = (await self.platform.changes.latest()).partition(".")[0] + ".0-0"
        return [task_id for one in await self.platform.changes.read(cursor, None) for task_id in one.change.task_ids]

    async def wait_announced(self, task_id: str) -> bool:
        """Waits until a task was announced."""

        async def is_told() -> bool:
            return task_id in await self.announced()

        return bool(await until(is_told, f"an announcement of {task_id}"))


def settings_for(database_url: str, redis_url: str, folder: Path, **more: Any) -> Settings:
    return Settings(database_url=database_url, redis_url=redis_url, data_dir=folder, **more)


async def seed(platform: Platform, offers: Sequence[dict[str, Any]] = (MULTIPLY,)) -> None:
    """A queue and its functions, as the roll call would make them."""
    at = platform.clock.now_ms()
    async with platform.database.transaction() as db:
        await queues.ensure(db, {offer["queue"] for offer in offers}, platform.settings.level_ms, at)
        await functions.offer(db, offers, at)


@contextlib.asynccontextmanager
async def open_rota(settings: Settings) -> AsyncIterator[Rota]:
    """A platform with a queue and `multiply`; the database must have its tables."""
    clock = SetClock()
    async with open_platform(settings, clock) as platform:
        await seed(platform)
        async with Rota(platform, clock) as rota:
            yield rota


__all__ = [
    "ADMIN",
    "ALICE",
    "ARGS",
    "BOB",
    "INFO",
    "LEASE_MS",
    "MULTIPLY",
    "Rota",
    "SetClock",
    "open_rota",
    "seed",
    "settings_for",
]
