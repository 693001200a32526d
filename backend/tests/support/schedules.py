"""A platform on real servers with a clock in the test's hand, a user and a function: what tests of schedules stand on."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from rota.domain.access import Role, Viewer
from rota.domain.schedule import NewSchedule
from rota.operations.platform import Platform
from rota.settings import load_settings
from rota.store import functions, queues, users
from rota.store.models import ScheduleRun, Task, User
from rota.wiring import open_platform

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
SCHEMA = {
    "type": "object",
    "properties": {"day": {"type": "integer"}},
    "required": ["day"],
    "additionalProperties": False,
}


class HandClock:
    """Stands still until it is moved, forwards or backwards."""

    def __init__(self, at: int) -> None:
        self.at = at

    def now_ms(self) -> int:
        return self.at

    def move(self, ms: int) -> None:
        self.at += ms


def instant(text: str) -> int:
    """An instant in ms, from UTC as in `2026-11-25T09:00`."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def viewer(name: str, *roles: Role) -> Viewer:
    """Somebody; a client unless said otherwise."""
    return Viewer(f"user_{name}", name, frozenset(roles or (Role.CLIENT,)))


@contextlib.asynccontextmanager
async def platform_of(database_url: str, redis_url: str, clock: HandClock) -> AsyncIterator[Platform]:
    """A process of Rota on these servers."""
    settings = load_settings(database_url=database_url, redis_url=redis_url)
    async with open_platform(settings, clock) as platform:
        yield platform


async def furnish(platform: Platform, *names: str) -> None:
    """The function `report` in the queue `default`, and these users."""
    async with platform.database.transaction() as db:
        await queues.ensure(db, ["default", "other"], 3_600_000, 0)
        await functions.offer(db, [offer("report")], 0)
        for name in names:
            await users.create(db, account(name))
    platform.catalogue.forget()


def offer(name: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    """What a worker says of a function."""
    return {
        "name": name,
        "args_schema": schema or SCHEMA,
        "queue": "default",
        "default_priority": 5,
        "max_attempts": 3,
        "executor": "async",
    }


def account(name: str, roles: str = "CLIENT") -> User:
    """A user's row."""
    return User(
        id=f"user_{name}", username=name, username_key=name, email=None, password_hash="", roles=roles, created_at=0
    )


def wish(**changes: Any) -> NewSchedule:
    """A schedule that ticks each hour, with these changes."""
    values: dict[str, Any] = {"name": "hourly", "cron": "0 * * * *", "function": "report", "args": {"day": 1}}
    return NewSchedule(**{**values, **changes})


async def ticks_of(platform: Platform) -> list[int]:
    """The ticks that have a task, in the order in which they were made."""
    async with platform.database.read() as db:
        runs = await ScheduleRun.filter(tick_at__isnull=False).using_db(db.client).order_by("id")
        assert {run.task_id for run in runs} <= {task.id for task in await Task.all().using_db(db.client)}
    return [run.tick_at for run in runs if run.tick_at is not None]


async def tasks_in(platform: Platform) -> list[Task]:
    """All tasks, oldest first."""
    async with platform.database.read() as db:
        return await Task.all().using_db(db.client).order_by("id")
