"""Brings a database to this version's tables with Tortoise's own migrations."""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator
from pathlib import Path

from tortoise.migrations.executor import MigrationExecutor

from rota.store.database import APP, SQLITE, Connection, config, dialect_of, open_database

_LOCK = 7_305_961  # an arbitrary number that only migrations use


async def migrate(url: str) -> None:
    """Applies what is missing. Two that start at once wait for each other."""
    guard = _folder_locked(url) if dialect_of(url) == SQLITE else contextlib.nullcontext()
    async with guard, open_database(url) as database, database.unguarded() as db, _advisory_lock(db):
        await MigrationExecutor(db.client, {APP: config(url)["apps"][APP]}).migrate(None)


@contextlib.asynccontextmanager
async def _advisory_lock(db: Connection) -> AsyncIterator[None]:
    if db.is_sqlite:
        yield
        return
    async with db.client.acquire_connection() as guard:
        await guard.execute(f"SELECT pg_advisory_lock({_LOCK})")
        try:
            yield
        finally:
            await guard.execute(f"SELECT pg_advisory_unlock({_LOCK})")


@contextlib.asynccontextmanager
async def _folder_locked(url: str) -> AsyncIterator[None]:
    lock = _opened_folder(Path(config(url)["connections"]["default"]["credentials"]["file_path"]).parent)
    try:
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _opened_folder(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    return os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
