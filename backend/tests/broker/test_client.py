"""Connections: what was cut off never reaches another, and a cancellation is never lost."""

import asyncio
import time
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import DataError

from rota.broker.client import connect
from tests.support.broker import Line
from tests.support.working import until

CALLERS = 5


async def test_a_cancellation_is_not_lost_wherever_it_comes(redis_url: str) -> None:
    redis = connect(redis_url)
    await redis.set("n", 0)
    for steps in range(60):
        asking = asyncio.create_task(redis.incr("n"))
        for _ in range(steps):
            await asyncio.sleep(0)
        was_done = asking.done()
        asking.cancel()
        await asyncio.wait([asking])
        assert asking.cancelled() or was_done
        # The connection's next answer is its own.
        assert await redis.echo(f"{steps}") == f"{steps}".encode()
    await redis.aclose()


async def test_nobody_there_is_said_and_nothing_is_asked_twice(tmp_path: object) -> None:
    redis = connect(f"unix://{tmp_path}/none.sock")
    with pytest.raises(RedisConnectionError):
        await redis.ping()
    await redis.aclose()


async def test_while_redis_hangs_nobody_waits_for_another(tmp_path: Path) -> None:
    path, here, let_go, came = tmp_path / "hangs.sock", 0, asyncio.Event(), asyncio.Event()

    async def hang(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal here
        here += 1
        if here == CALLERS:
            came.set()
        await let_go.wait()
        writer.close()

    redis = connect(f"unix://{path}", answer_timeout_s=None)
    async with await asyncio.start_unix_server(hang, path):
        asking = [asyncio.create_task(redis.ping()) for _ in range(CALLERS)]
        async with asyncio.timeout(60):
            await came.wait()
        let_go.set()
        answers = await asyncio.gather(*asking, return_exceptions=True)
        await redis.aclose()
    assert all(isinstance(answer, RedisConnectionError) for answer in answers), answers


async def test_what_redis_cannot_take_is_refused(line: Line) -> None:
    with pytest.raises(DataError):
        await line.redis.set("key", object())


async def test_a_command_is_on_its_way_before_anybody_else_has_the_loop(line: Line, redis_url: str) -> None:
    await line.redis.ping()  # it is connected
    asking = asyncio.create_task(line.redis.set("sent", "1"))
    await asyncio.sleep(0)
    # From here on this loop stands still, as in a process that goes on with something long.
    with Redis.from_url(redis_url) as other:
        until = time.monotonic() + 60
        while not other.get("sent") and time.monotonic() < until:
            pass
        assert other.get("sent") == b"1"
    assert await asking


async def test_a_connection_that_redis_has_closed_is_not_used_again(line: Line, redis_url: str) -> None:
    before = await line.redis.client_id()
    with Redis.from_url(redis_url) as other:
        other.client_kill_filter(_id=str(before))
    connection = line.redis.connection_pool._available_connections[-1]
    await until(connection._reader.at_eof)
    assert await line.redis.client_id() != before


async def test_what_was_left_unread_never_answers_the_next_command(line: Line) -> None:
    before = await line.redis.client_id()
    [connection] = line.redis.connection_pool._available_connections
    await connection.send_command("ECHO", "of another")
    await until(lambda: bool(connection._reader._buffer))
    assert await line.redis.echo("mine") == b"mine"
    assert await line.redis.client_id() != before
