"""Transactions that wait for each other on PostgreSQL: one is ended by it and runs anew, nobody sees an error."""

import asyncio

import asyncpg
import pytest

from rota.store.database import Connection, Database, again_on_deadlock, open_database

only_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


class Turns:
    """Two that each hold one row before they ask for the other's."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.runs = 0
        self._both = asyncio.Barrier(2)

    async def move(self, *names: str) -> None:
        async with self.database.transaction() as db:
            self.runs += 1
            is_first_time = self.runs <= 2
            for name in names:
                await lead(db, name)
                if is_first_time and name == names[0]:
                    await self._both.wait()


async def lead(db: Connection, name: str) -> None:
    await db.run("UPDATE leaders SET term = term + 1 WHERE name = $1", name)


async def prepared(database: Database) -> Turns:
    async with database.transaction() as db:
        for name in ("a", "b"):
            await db.run("INSERT INTO leaders (name, holder, expires_at, term) VALUES ($1, '', 0, 0)", name)
    return Turns(database)


async def terms(database: Database) -> list[int]:
    async with database.read() as db:
        return [row["term"] for row in await db.rows("SELECT term FROM leaders ORDER BY name")]


@only_postgres
async def test_the_victim_runs_anew(database_url: str) -> None:
    async with open_database(database_url) as database:
        turns = await prepared(database)
        move = again_on_deadlock(turns.move)
        await asyncio.gather(move("a", "b"), move("b", "a"))
        assert turns.runs >= 3  # the victim once more; on a busy machine the two may meet again
        assert await terms(database) == [2, 2]


@only_postgres
async def test_without_it_the_victim_fails(database_url: str) -> None:
    async with open_database(database_url) as database:
        turns = await prepared(database)
        ended = await asyncio.gather(turns.move("a", "b"), turns.move("b", "a"), return_exceptions=True)
        assert sorted(type(one).__name__ for one in ended) == ["DeadlockDetectedError", "NoneType"]


async def test_it_does_not_go_on_for_ever() -> None:
    runs = 0

    @again_on_deadlock
    async def always() -> None:
        nonlocal runs
        runs += 1
        raise asyncpg.SerializationError("could not serialize access")

    with pytest.raises(asyncpg.SerializationError):
        await always()
    assert runs == 5
