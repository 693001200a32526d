"""PostgreSQL databases for the tests, emptied and used again: making one takes many times as long as emptying one."""

import asyncio

import asyncpg

from tests.support.servers import PostgresServer

# What a test grew so far is dropped: those after it would wade through what it left.
GROWN_BYTES = 32 * 1024 * 1024
KEPT = "tortoise_migrations"


class Shelf:
    """Databases with all tables and no rows. A test takes one and gives it back."""

    def __init__(self, server: PostgresServer, template: str) -> None:
        self._server = server
        self._template = template
        self._free: list[str] = []

    def take(self) -> str:
        """The name of a database that nobody else has."""
        return self._free.pop() if self._free else self._server.create(self._template)

    def give_back(self, name: str) -> None:
        """Empties a database for the next test, whoever is still connected to it; one that has grown is dropped."""
        if asyncio.run(self._emptied(name)):
            self._free.append(name)
        else:
            self._server.drop(name)

    async def _emptied(self, name: str) -> bool:
        connection = await asyncpg.connect(user="postgres", host=str(self._server.folder), database=name)
        try:
            if await connection.fetchval("SELECT pg_database_size(current_database())") > GROWN_BYTES:
                return False
            await connection.execute(
                "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            tables = await self._names(connection, "r")
            sequences = await self._names(connection, "S")
            await connection.execute(
                "SET session_replication_role = replica;"  # no foreign key asks for an order
                + "".join(f'DELETE FROM "{table}";' for table in tables if table != KEPT)
                + "".join(f"SELECT setval('{one}', 1, false);" for one in sequences if not one.startswith(KEPT))
            )
        finally:
            await connection.close()
        return True

    @staticmethod
    async def _names(connection: asyncpg.Connection, kind: str) -> list[str]:
        rows = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = $1", kind.encode()
        )
        return [row["relname"] for row in rows]
