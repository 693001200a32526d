"""The servers that the other tests stand on: real, fresh for each test, and gone with the run."""

import os
import signal
import subprocess
import sys

import psutil
import pytest
import redis
from redis.asyncio import Redis

from rota.store.database import open_database
from tests.support.servers import RedisServer


async def test_redis_is_empty_for_each_test(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as client:
        assert await client.dbsize() == 0
        await client.set("left", "over")


test_redis_is_empty_for_each_test_again = test_redis_is_empty_for_each_test


def test_redis_can_be_killed_and_started_again(own_redis: RedisServer) -> None:
    with redis.Redis.from_url(own_redis.url) as client:
        client.set("a", "b")
        first = own_redis.pid
        own_redis.stop(signal.SIGKILL)
        own_redis.start()
        assert own_redis.pid != first
        assert client.get("a") is None


async def test_a_database_has_its_tables_and_no_tasks(database_url: str) -> None:
    async with open_database(database_url) as database, database.read() as connection:
        assert await connection.rows("SELECT id FROM tasks") == []


async def test_an_empty_database_has_no_tables(empty_database_url: str) -> None:
    async with open_database(empty_database_url) as database, database.read() as connection:
        listed = (
            "sqlite_master WHERE type = 'table'" if connection.is_sqlite else "pg_tables WHERE schemaname = 'public'"
        )
        assert await connection.rows(f"SELECT 1 FROM {listed}") == []


@pytest.mark.servers
def test_a_killed_run_leaves_no_server_behind() -> None:
    code = """
import sys
from tests.support.servers import PostgresServer, RedisServer, servers_folder
with servers_folder() as folder:
    redis, postgres = RedisServer(folder / "redis"), PostgresServer(folder / "postgres")
    redis.start(), postgres.start()
    print(redis.pid, postgres.pid, flush=True)
    sys.stdin.read()
"""
    run = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with run:
        assert run.stdout is not None
        pids = [int(word) for word in run.stdout.readline().split()]
        assert len(pids) == 2
        processes = [psutil.Process(pid) for pid in pids]
        run.kill()
    # They are no children of this process: a zombie that nobody has collected yet has ended too.
    _, alive = psutil.wait_procs(processes, timeout=60)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
