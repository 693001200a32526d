"""Brings a database to this version's tables with Tortoise's own migrations."""

from tortoise.migrations.executor import MigrationExecutor

from rota.store.database import APP, POSTGRES, config, open_database

_LOCK = 7_305_961  # an arbitrary number that only migrations use


async def migrate(url: str) -> None:
    """Applies what is missing. Two processes that start at once on PostgreSQL wait for each other."""
    async with open_database(url) as database, database.read() as connection:
        client = connection.client
        executor = MigrationExecutor(client, {APP: config(url)["apps"][APP]})
        if database.dialect != POSTGRES:
            await executor.migrate(None)
            return
        async with client.acquire_connection() as guard:
            await guard.execute(f"SELECT pg_advisory_lock({_LOCK})")
            try:
                await executor.migrate(None)
            finally:
                await guard.execute(f"SELECT pg_advisory_unlock({_LOCK})")
