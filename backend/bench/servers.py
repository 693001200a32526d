"""The servers of a run: one Redis for all, and a PostgreSQL as it comes, with its safety on."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from redis import Redis

from rota.broker.client import RedisClient
from tests.support.servers import PostgresServer, RedisServer, servers_folder

# A commit is on disk before it is answered, as a user would have it; so is every peer's that keeps its tasks there.
SAFE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
}


@dataclass(frozen=True, slots=True)
class Servers:
    """What a contender is given; both are emptied before each."""

    folder: Path
    redis: RedisServer
    postgres: PostgresServer
    client: RedisClient

    @contextlib.asynccontextmanager
    async def emptied(self) -> AsyncIterator[dict[str, str]]:
        """Empty servers, as the environment of a driver and its workers."""
        self.client.flushall()
        # It opens a loop of its own.
        database = await asyncio.to_thread(self.postgres.create)
        folder = self.folder / database
        folder.mkdir()
        try:
            yield {
                "BENCH_REDIS": str(self.redis.socket),
                "BENCH_POSTGRES_HOST": str(self.postgres.folder),
                "BENCH_POSTGRES_DATABASE": database,
                "BENCH_FOLDER": str(folder),
            }
        finally:
            await asyncio.to_thread(self.postgres.drop, database)

    @property
    def pids(self) -> tuple[int, int]:
        return self.redis.pid, self.postgres.pid


@contextlib.contextmanager
def running_servers() -> Iterator[Servers]:
    """Starts both, on unix sockets in a folder of their own, and removes them at the end. Not from within a loop."""
    with servers_folder() as folder:
        cache, database = RedisServer(folder / "redis"), PostgresServer(folder / "postgres", SAFE)
        try:
            cache.start()
            database.start()
            with Redis(unix_socket_path=str(cache.socket)) as client:
                yield Servers(folder, cache, database, client)
        finally:
            cache.stop()
            database.stop()
