"""How each part is that Rota stands on, as people are told it: asked side by side, none waited for longer than two seconds."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from rota.broker.client import REDIS_GONE
from rota.logs import get_logger
from rota.operations import metrics
from rota.operations.platform import Platform
from rota.store import health as store
from rota.store import leaders

log = get_logger(__name__)

LEADER = "coordinator"
ANSWER_S = 2.0
SLOW_MS = 500.0
# A recorder that keeps up is a second behind at most. One that leads but does not record is no better than none.
MOST_LAG_MS = 10_000


class PartName(StrEnum):
    """What is looked at."""

    API = "API"
    DATABASE = "DATABASE"
    REDIS = "REDIS"
    COORDINATOR = "COORDINATOR"
    RECORDER = "RECORDER"
    WORKERS = "WORKERS"
    LIVE = "LIVE"


class PartState(StrEnum):
    """How it is."""

    OK = "OK"
    WARNING = "WARNING"
    DOWN = "DOWN"


class Part(NamedTuple):
    """A part, how it is and why; how long it took to answer, in ms, where it was asked."""

    name: PartName
    state: PartState
    words: str
    took_ms: float | None = None


@dataclass(slots=True)
class Health:
    """What was found; None where a part did not answer."""

    at: int
    parts: list[Part]
    database_version: str | None = None
    schema_version: str | None = None
    redis_version: str | None = None
    leader: str | None = None
    lag_ms: int | None = None


Asked = Callable[[Platform, Health], Awaitable[Part]]


async def look(platform: Platform) -> Health:
    """Asks all parts that are the same for every process; one that breaks is told of, never raised."""
    health = Health(platform.clock.now_ms(), [])
    health.parts = list(await asyncio.gather(*(_asked(name, ask, platform, health) for name, ask in _PARTS.items())))
    return health


async def _database(platform: Platform, health: Health) -> Part:
    began = time.perf_counter()
    async with platform.database.read() as db:
        health.database_version = await store.version(db)
        health.schema_version = await store.last_migration(db)
    return _timed(PartName.DATABASE, began, "Answers")


async def _redis(platform: Platform, health: Health) -> Part:
    began = time.perf_counter()
    health.redis_version, used = await platform.broker.server()
    return _timed(PartName.REDIS, began, f"Answers, uses {used / 1e6:,.0f} MB")


async def _coordinator(platform: Platform, health: Health) -> Part:
    async with platform.database.read() as db:
        health.leader = await leaders.leader(db, LEADER)
    if health.leader is None:
        return Part(PartName.COORDINATOR, PartState.DOWN, "Nobody leads: is `rota coordinator` running?")
    return Part(PartName.COORDINATOR, PartState.OK, "One leads")


async def _recorder(platform: Platform, health: Health) -> Part:
    health.lag_ms = await metrics.recorder_lag_ms(platform)
    if health.lag_ms > MOST_LAG_MS:
        words = f"What happened {health.lag_ms / 1000:.0f} s ago is not recorded yet"
        return Part(PartName.RECORDER, PartState.WARNING, words)
    return Part(PartName.RECORDER, PartState.OK, "Keeps up")


async def _workers(platform: Platform, _: Health) -> Part:
    now, registered = await platform.workers.roll()
    here = [worker for worker in registered if worker.seen_until > now]
    stuck = sum(bool(worker.info.get("is_stuck")) for worker in here)
    if not here:
        return Part(PartName.WORKERS, PartState.WARNING, "None is there: tasks are taken and wait")
    if stuck:
        return Part(PartName.WORKERS, PartState.WARNING, f"{stuck} of {len(here)} do not answer")
    if conflicts := await platform.workers.conflicts():
        (name, words), *others = conflicts.items()
        more = f" So it is with {_amount(len(others), 'other function')}." if others else ""
        return Part(PartName.WORKERS, PartState.WARNING, f"{name}: {words}{more}")
    slots = sum(int(worker.info.get("slots", 0)) for worker in here)
    return Part(PartName.WORKERS, PartState.OK, f"{_amount(len(here), 'worker')}, {_amount(slots, 'slot')}")


_PARTS: dict[PartName, Asked] = {
    PartName.DATABASE: _database,
    PartName.REDIS: _redis,
    PartName.COORDINATOR: _coordinator,
    PartName.RECORDER: _recorder,
    PartName.WORKERS: _workers,
}
_NEEDS_REDIS = frozenset({PartName.RECORDER, PartName.WORKERS})


async def _asked(name: PartName, ask: Asked, platform: Platform, health: Health) -> Part:
    try:
        async with asyncio.timeout(ANSWER_S):
            return await ask(platform, health)
    except TimeoutError:
        return Part(name, PartState.DOWN, f"No answer within {ANSWER_S:g} s")
    except Exception as error:  # noqa: BLE001  (whatever a part raises: addresses and secrets stay in the log)
        log.warning("a part does not answer", part=name, error=str(error))
        if name in _NEEDS_REDIS and isinstance(error, REDIS_GONE):
            return Part(name, PartState.DOWN, "Unknown while Redis is away")
        return Part(name, PartState.DOWN, f"Cannot be reached ({type(error).__name__})")


def _timed(name: PartName, began: float, words: str) -> Part:
    took_ms = (time.perf_counter() - began) * 1000
    if took_ms > SLOW_MS:
        return Part(name, PartState.WARNING, f"{words}, but slowly", took_ms)
    return Part(name, PartState.OK, words, took_ms)


def _amount(count: int, one: str) -> str:
    return f"{count:,} {one if count == 1 else one + 's'}"
