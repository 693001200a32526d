"""Looking up idempotency keys goes down the unique index, however many tasks there are."""

from typing import Any

import pytest

from rota.domain.tasks import NewTask
from rota.store import tasks as store
from rota.store.database import Connection
from tests.support.schedules import HandClock, furnish, instant, platform_of


async def test_keys_are_found_by_their_index(
    database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with platform_of(database_url, redis_url, HandClock(instant("2026-11-25T09:00"))) as platform:
        await furnish(platform, "ada")
        for owner_id, count in (("user_ada", 500), (None, 1)):
            wishes = [NewTask(function="report", args={"day": 1}, idempotency_key=f"k{n}") for n in range(count)]
            await platform.submission.submit(owner_id, wishes)
        async with platform.database.read() as db:
            asked = recorded(monkeypatch)
            found = await store.with_keys(db, [("user_ada", "k1"), ("user_ada", "k9"), (None, "k0"), (None, "k1")])
            assert set(found) == {("user_ada", "k1"), ("user_ada", "k9"), (None, "k0")}
            explain = "EXPLAIN QUERY PLAN" if db.is_sqlite else "EXPLAIN"
            plans = [str(await db.rows(f"{explain} {sql}", *args)) for sql, args in list(asked)]
    assert len(plans) == 2
    assert all("tasks_by_key" in plan for plan in plans)
    assert not any("SCAN tasks" in plan for plan in plans)


def recorded(monkeypatch: pytest.MonkeyPatch, by: str = "rows") -> list[tuple[str, tuple[Any, ...]]]:
    """What is asked of the database by statements of its own from here on, through a method of the connection."""
    asked: list[tuple[str, tuple[Any, ...]]] = []
    ask = getattr(Connection, by)

    async def seen(self: Connection, sql: str, *args: Any) -> Any:
        asked.append((sql, args))
        return await ask(self, sql, *args)

    monkeypatch.setattr(Connection, by, seen)
    return asked
