"""What tests of the store share."""

from collections.abc import AsyncIterator

import pytest

from rota.store.database import Connection, Database, open_database


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


@pytest.fixture
async def db(database: Database) -> AsyncIterator[Connection]:
    """A connection outside any transaction."""
    async with database.unguarded() as connection:
        yield connection
