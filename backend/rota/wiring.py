"""Puts the parts together: the only module that knows everybody."""

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from rota.broker.changes import Changes
from rota.broker.client import connect
from rota.broker.journal import Journal
from rota.broker.knocks import Knocks
from rota.broker.pools import Pools
from rota.broker.scripts import Broker
from rota.broker.workers import Workers
from rota.clock import Clock, SystemClock
from rota.operations.announcements import Announcer
from rota.operations.backlog import Backlogs
from rota.operations.catalogue import Catalogue
from rota.operations.doors import Doors
from rota.operations.platform import Platform
from rota.operations.submission import Submission
from rota.operations.trail import Trail
from rota.settings import Settings
from rota.store.database import open_database


@contextlib.asynccontextmanager
async def open_platform(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Platform]:
    """The same line in api, coordinator and tests. `settings.redis_url` must be set; the database must be migrated."""
    clock = clock or SystemClock()
    shard = f"{socket.gethostname()[:20]}.{os.getpid()}.{secrets.token_hex(3)}"
    namespace = settings.namespace
    redis = connect(settings.redis_url)
    try:
        async with open_database(settings.effective_database_url) as database:
            changes = Changes(redis, namespace)
            broker = Broker(redis, namespace)
            announcer = Announcer(changes)
            catalogue = Catalogue(database, clock)
            trail = Trail(database, clock, announcer)
            submission = Submission(database, broker, announcer, catalogue, clock, shard)
            platform = Platform(
                settings=settings,
                clock=clock,
                shard=shard,
                database=database,
                broker=broker,
                journal=Journal(redis, namespace),
                changes=changes,
                workers=Workers(redis, namespace),
                pools=Pools(redis, namespace),
                announcer=announcer,
                catalogue=catalogue,
                submission=submission,
                trail=trail,
                backlogs=Backlogs(),
                doors=Doors(Knocks(redis, namespace)),
            )
            async with running(announcer.run(), submission.run(), trail.run()):
                yield platform
                async with asyncio.timeout(5):
                    await submission.drain()
                    await trail.drain()
    finally:
        await redis.aclose()


@contextlib.asynccontextmanager
async def running(*loops: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Runs these beside the block and cancels them at its end."""
    tasks = [asyncio.create_task(loop) for loop in loops]
    try:
        yield
    finally:
        # Again and again: a library may lose a cancellation, and then nobody else would end the loop.
        pending = set(tasks)
        while pending:
            for task in pending:
                task.cancel()
            _, pending = await asyncio.wait(pending, timeout=1.0)
