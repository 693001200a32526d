"""Rota as `rota up` and `rota coordinator` have it, with everything on; its worker is the real command.

On SQLite the coordinator runs in the process that submits, for SQLite has one writer; on PostgreSQL it is a process of its own.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from bench.drivers import rota_line
from bench.drivers.base import FOLDER, POSTGRES_DATABASE, POSTGRES_HOST, REDIS_URL, Driver
from rota.clock import SystemClock
from rota.coordinator.coordinator import Coordinator
from rota.coordinator.leader import NAME as LEADER
from rota.domain.states import FINAL
from rota.domain.tasks import NewTask
from rota.logs import set_up_logs
from rota.operations import accounts
from rota.operations.platform import Platform
from rota.processes import collect_rarely
from rota.settings import Settings, load_settings
from rota.store import counters, functions, leaders, queues, tasks, users
from rota.store.migrate import migrate
from rota.tether import tethered
from rota.wiring import open_platform

FUNCTION, QUEUE = "noop", "default"
SLOTS = 200
AT_ONCE = 1000
OFFER = {
    "name": FUNCTION,
    "description": "",
    "args_schema": {"type": "object", "properties": {}, "additionalProperties": False},
    "queue": QUEUE,
    "default_priority": 5,
    "max_attempts": 3,
    "executor": "async",
}


def settings(store: str) -> Settings:
    """What every part of it is given."""
    postgres = f"postgres://postgres@/{POSTGRES_DATABASE}?host={POSTGRES_HOST}"
    return load_settings(
        data_dir=Path(FOLDER),
        redis_url=REDIS_URL,
        database_url="" if store == "sqlite" else postgres,
        slots=SLOTS,
        port=0,
        log_level="warning",
    )


class Api(NamedTuple):
    """Where the api listens, and who may ask."""

    address: str
    token: str


class Rota(Driver):
    """One of the two contenders; `store` is sqlite or postgres."""

    def __init__(self, store: str) -> None:
        self._settings = settings(store)
        self._opened: Platform
        self._stack = contextlib.AsyncExitStack()
        self._probes: dict[str, asyncio.Future[None]] = {}
        self._submitted = 0
        self._redis_done_s = 0.0
        self._begun = 0.0

    async def prepare(self) -> None:
        set_up_logs(self._settings, "bench")
        await migrate(self._settings.effective_database_url)
        self._opened = await self._stack.enter_async_context(open_platform(self._settings))
        now = SystemClock().now_ms()
        async with self._opened.database.transaction() as db:
            await queues.ensure(db, [QUEUE], self._settings.level_ms, now)
            # A worker offers it too; the submits are measured before there is one.
            await functions.offer(db, [OFFER], now)
        self._wish = NewTask(function=FUNCTION)
        if self._settings.is_sqlite:
            self._run(Coordinator(self._opened).run())
        else:
            self._start_coordinator()
        await self._is_led()
        collect_rarely()
        self._run(self._hear())

    async def close(self) -> None:
        await self._stack.aclose()

    async def submit_one(self) -> None:
        self._submitted += 1
        await self._opened.submission.submit(None, [self._wish])

    async def submit_bulk(self, count: int) -> None:
        self._submitted += count
        sizes = [min(AT_ONCE, count - start) for start in range(0, count, AT_ONCE)]
        left = iter(sizes)

        async def client() -> None:
            for size in left:
                await self._opened.submission.submit(None, [self._wish] * size)

        # Four clients: one batch is made while another is written.
        await asyncio.gather(*(client() for _ in range(4)))
        # What is committed is accepted, but the measure of a queue is what its workers can see.
        await self._opened.submission.drain()

    async def submit_graphql(self, count: int) -> float:
        """Submits through the api over HTTP, from a process of its own: the seconds that it took."""
        api = await self._serve()
        command = [sys.executable, "-m", "bench.graphql_client", api.address, str(count)]
        client = await asyncio.create_subprocess_exec(
            *tethered(command), stdout=subprocess.PIPE, env={**os.environ, "BENCH_TOKEN": api.token}
        )
        said, _ = await client.communicate()
        if client.returncode:
            raise RuntimeError(f"the client over HTTP ended with status {client.returncode}")
        self._submitted += count
        return float(said)

    async def _serve(self) -> Api:
        """The api in this process, as in `rota up`, and a token of its administrator."""
        # Imported here: it takes a second, and most drivers serve nothing.
        from rota.graphql.hub import Hub
        from rota.web.server import serving

        await accounts.ensure_admin(self._opened)
        async with self._opened.database.read() as db:
            admin = await users.by_name(db, self._settings.admin_username)
        assert admin is not None
        _, token = await accounts.create_token(self._opened, accounts.viewer_of(admin), "bench", None)
        address = await self._stack.enter_async_context(serving(self._opened, Hub(self._opened), self._settings))
        return Api(address, token)

    async def remaining(self) -> int:
        if not self._redis_done_s and not await self._opened.broker.redis.hlen(
            self._opened.broker.keys.queue(QUEUE, "tasks")
        ):
            self._redis_done_s = time.perf_counter() - self._begun
        async with self._opened.database.read() as db:
            found = await counters.totals(db)
        return self._submitted - sum(amount for (_, status, _), amount in found.items() if status == "SUCCEEDED")

    async def probe(self) -> float:
        [task] = await self._opened.submission.submit(None, [self._wish])
        ended = self._probes[task.id] = asyncio.get_running_loop().create_future()
        # What was announced before this line was not missed: the row is read once in any case.
        await self._look([task.id])
        await ended
        async with self._opened.database.read() as db:
            row = await tasks.get(db, task.id)
        assert row is not None
        assert row.result is not None, row.status
        return float(row.result)

    async def hold(self) -> None:
        await self._pause(is_paused=True)

    async def workers_ready(self, count: int) -> None:
        while len((await self._opened.workers.roll())[1]) < count:  # noqa: ASYNC110 - they tell Redis, which tells nobody
            await asyncio.sleep(0.02)

    async def release(self) -> None:
        self._redis_done_s, self._begun = 0.0, time.perf_counter()
        await self._pause(is_paused=False)

    async def figures(self) -> dict[str, float]:
        # Since the start, not since the first: when Redis held nothing more.
        return {"also_redis_s": self._redis_done_s or time.perf_counter() - self._begun}

    async def claims(self, count: int) -> dict[str, float]:
        """What a claim costs, one at a time."""
        return await rota_line.claims(self._opened, QUEUE, count)

    async def rebuild(self) -> float:
        """How long an emptied Redis takes to hold again all that waits."""
        held = self._opened.broker.keys.queue(QUEUE, "tasks")
        while await self.remaining() != await self._opened.broker.redis.hlen(held):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.02)
        return await rota_line.rebuild(self._opened, held)

    async def _is_led(self) -> None:
        """Returns when the coordinator leads: its process takes a second of CPU to start, which is nobody's submit."""
        async with self._opened.database.read() as db:
            while not await leaders.has_leader(db, LEADER):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.02)

    async def _pause(self, *, is_paused: bool) -> None:
        async with self._opened.database.transaction() as db:
            await queues.set_paused(db, QUEUE, is_paused)
        await self._opened.broker.configure(QUEUE, is_paused=is_paused)

    async def _hear(self) -> None:
        """Follows the announcements, as the api's hub does."""
        changes = self._opened.changes
        cursor = await changes.latest()
        while True:
            for announced in await changes.read(cursor, 1_000):
                cursor = announced.cursor
                await self._look([one for one in announced.change.task_ids if one in self._probes])

    async def _look(self, ids: list[str]) -> None:
        if not ids:
            return
        async with self._opened.database.read() as db:
            for task in await tasks.get_many(db, ids):
                if task.status in FINAL and not (ended := self._probes[task.id]).done():
                    ended.set_result(None)

    def _run(self, loop: Any) -> None:
        running = asyncio.create_task(loop)
        self._stack.callback(running.cancel)

    def _start_coordinator(self) -> None:
        process = subprocess.Popen(
            tethered([sys.executable, "-m", "rota", "coordinator"], on_orphaned=signal.SIGTERM),
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            env={**os.environ, **_environment(self._settings)},
        )
        self._stack.callback(process.wait)
        self._stack.callback(process.terminate)


def _environment(of: Settings) -> dict[str, str]:
    return {
        "ROTA_REDIS_URL": of.redis_url,
        "ROTA_DATABASE_URL": of.effective_database_url,
        "ROTA_DATA_DIR": str(of.data_dir),
        "ROTA_SLOTS": str(of.slots),
        "ROTA_LOG_LEVEL": of.log_level,
    }


def become_worker(store: str) -> None:
    """Turns this process into `rota worker`."""
    os.environ.update(_environment(settings(store)))
    os.execv(sys.executable, [sys.executable, "-m", "rota", "worker", "bench.functions"])
