"""Leaders, positions, ticks, queues, workers and accounts in SQL."""

import asyncio
from typing import Any

import pytest

from rota.domain.errors import Conflict
from rota.store import leaders, queues, record, ticks, users, workers
from rota.store.database import Database, open_database
from rota.store.models import ApiToken, Session, User
from rota.store.record import PositionMoved


async def test_one_of_two_leads(database_url: str) -> None:
    async with open_database(database_url) as one, open_database(database_url) as two:

        async def lead(database: Database, holder: str, ttl_ms: int = 60_000) -> bool:
            async with database.transaction() as db:
                return await leaders.try_lead(db, "c", holder, ttl_ms)

        assert sorted(await asyncio.gather(lead(one, "a"), lead(two, "b"))) == [False, True]
        async with one.unguarded() as db:
            (row,) = await db.rows("SELECT holder, term FROM leaders")
            holder = row["holder"]
            other = "b" if holder == "a" else "a"
            assert await leaders.try_lead(db, "c", holder, 60_000)  # prolongs
            assert not await leaders.try_lead(db, "c", other, 60_000)
            assert (await db.rows("SELECT term FROM leaders")) == [{"term": row["term"]}]
            await leaders.step_down(db, "c", other)  # is not its to give
            assert await leaders.has_leader(db, "c")
            await leaders.step_down(db, "c", holder)
            assert not await leaders.has_leader(db, "c")
            assert await leaders.try_lead(db, "c", other, 60_000)
            assert (await db.rows("SELECT holder, term FROM leaders")) == [{"holder": other, "term": row["term"] + 1}]


async def test_a_position_moves_only_from_where_it_is(database: Database) -> None:
    async def advance(was: str, now: str) -> None:
        async with database.transaction() as db:
            await record.advance(db, "q", was, now)

    await advance("", "e/1")
    for stale in ("", "e/0"):
        with pytest.raises(PositionMoved):
            await advance(stale, "e/9")
    await advance("e/1", "e/2")
    async with database.read() as db:
        assert await record.positions(db) == {"q": "e/2"}


async def test_ticks_are_replaced_by_their_writer_and_summed_by_nobody(database: Database) -> None:
    tally = ticks.Tally(7, submitted=2)
    tally.waited([10])
    copy = tally.copy()
    copy.waited([10])
    copy.ran([5])
    assert (sum(tally.waits.values()), tally.runs) == (1, {})
    async with database.transaction() as db:
        await ticks.save(db, "a", tally)
        await ticks.save(db, "a", copy)
        await ticks.save(db, "b", ticks.Tally(9, finished=1))
        found = await ticks.since(db, 7)
        assert sorted((one.second, one.submitted, one.finished, sum(one.waits.values())) for one in found) == [
            (7, 2, 0, 2),
            (9, 0, 1, 0),
        ]
        await ticks.prune(db, 8)
        assert [one.second for one in await ticks.since(db, 0)] == [9]


async def test_queues_are_made_once(database: Database) -> None:
    async with database.transaction() as db:
        assert await queues.ensure(db, ["b", "a", "a"], 5, 1) == 2
        assert await queues.ensure(db, ["a", "c"], 9, 2) == 1
        assert [(queue.name, queue.level_ms, queue.is_paused) for queue in await queues.all_queues(db)] == [
            ("a", 5, False), ("b", 5, False), ("c", 9, False),
        ]  # fmt: skip
        assert await queues.set_paused(db, "a", True)
        assert not await queues.set_paused(db, "a", True)
        assert not await queues.set_paused(db, "nowhere", True)
        queue = await queues.get(db, "a")
        assert queue is not None
        assert queue.is_paused
        assert await queues.get(db, "nowhere") is None


async def test_workers_are_written_ended_and_pruned(database: Database) -> None:
    row: dict[str, Any] = {
        "id": "worker_1", "name": "n", "kind": "POOL", "status": "ONLINE", "queues": "[]", "slots": 3, "running_count": 1,
        "stealing": True, "is_stuck": False, "pool": None, "host": "h", "pid": 1, "started_at": 1, "heartbeat_at": 2, "ended_at": None,
    }  # fmt: skip
    async with database.transaction() as db:
        await workers.save(db, [row])
        await workers.save(db, [{**row, "running_count": 2}, {**row, "id": "worker_2"}])
        assert [(one.id, one.running_count) for one in await workers.here(db)] == [("worker_1", 2), ("worker_2", 1)]
        await workers.end(db, "worker_1", "LOST", 50)
        assert [one.id for one in await workers.here(db)] == ["worker_2"]
        assert [one.id for one in await workers.listed(db, 49)] == ["worker_2", "worker_1"]
        await workers.prune(db, 50)
        assert await workers.get(db, "worker_1") is not None
        await workers.prune(db, 51)
        assert await workers.get(db, "worker_1") is None
        assert [one.id for one in await workers.get_many(db, ["worker_1", "worker_2"])] == ["worker_2"]


def user(name: str, roles: str = "CLIENT") -> User:
    return User(
        id=f"user_{name}",
        username=name,
        username_key=name.lower(),
        email=None,
        password_hash="h",
        roles=roles,
        created_at=1,
    )


async def test_names_are_taken_in_whatever_case(database: Database) -> None:
    async with database.transaction() as db:
        await users.create(db, user("Alice"))
        assert not await users.any_admin(db)
        with pytest.raises(Conflict):
            await users.create(db, user("ALICE"))
        await users.create(db, user("Root", "CLIENT,ADMIN"))
        assert await users.any_admin(db)
        found = await users.by_name(db, "aLiCe")
        assert found is not None
        assert found.id == "user_Alice"
        await users.set_password(db, found.id, "new")
        again = await users.get(db, found.id)
        assert again is not None
        assert again.password_hash == "new"
        assert len(await users.get_many(db, ["user_Alice", "user_Root", "user_none"])) == 2


async def test_sessions_and_tokens_end(database: Database) -> None:
    async with database.transaction() as db:
        await users.create(db, user("Alice"))
        session = {"user_id": "user_Alice", "created_at": 10, "seen_at": 10}
        await users.add_session(db, Session(id="old", expires_at=5, **session))
        await users.add_session(db, Session(id="new", expires_at=50, **session))
        assert [row["id"] for row in await db.rows("SELECT id FROM sessions")] == ["new"]
        assert await users.session(db, "new", 49) is not None
        assert await users.session(db, "new", 50) is None
        await users.touch_session(db, "new", 20, 90)
        assert await users.session(db, "new", 80) is not None
        await users.end_session(db, "new")
        assert await users.session(db, "new", 20) is None
        await users.add_token(
            db, ApiToken(id="token_1", user_id="user_Alice", name="t", secret_hash="s", created_at=1, expires_at=50)
        )
        assert await users.token(db, "s", 49) is not None
        assert await users.token(db, "s", 50) is None
        await users.touch_token(db, "token_1", 7)
        assert [one.used_at for one in await users.tokens_of(db, "user_Alice")] == [7]
        assert not await users.revoke_token(db, "user_other", "token_1", 9)
        assert await users.revoke_token(db, "user_Alice", "token_1", 9)
        assert not await users.revoke_token(db, "user_Alice", "token_1", 9)
        assert await users.token(db, "s", 10) is None
