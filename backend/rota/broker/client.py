"""Connections to Redis: no retries below a typed method, and no connection is used again after a command was cut off."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import hiredis
from redis._parsers.hiredis import NOT_ENOUGH_DATA
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import DataError, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

CONNECT_TIMEOUT_S = 3.0
ANSWER_TIMEOUT_S = 10.0

# What a lost, refused, loading or restarting Redis raises; the caller backs off and asks again.
REDIS_GONE = (RedisError, OSError, TimeoutError)


# redis-py types the answers of its asyncio client as "answer or awaitable of it"; the typed methods above it say what comes.
RedisClient = Any


def connect(
    url: str, *, answer_timeout_s: float | None = ANSWER_TIMEOUT_S, single_connection_client: bool = False
) -> RedisClient:
    """A client for `redis://`, `rediss://` or `unix://` that opens connections as needed.

    redis-py closes a connection whose command was cancelled or timed out before its answer came, so a late answer
    can never reach the next caller.
    """
    pool = connections(url, answer_timeout_s)
    pool.connection_class = type("PackedConnection", (_Packed, pool.connection_class), {})
    client: RedisClient = Redis(connection_pool=pool, single_connection_client=single_connection_client)
    client.auto_close_connection_pool = True
    return client


def connections(url: str, answer_timeout_s: float | None = ANSWER_TIMEOUT_S) -> Any:
    """A pool of connections for this address: nothing is tried again below who asks."""
    return _Pool.from_url(
        url,
        retry=Retry(NoBackoff(), 0),
        retry_on_error=[],
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        socket_timeout=answer_timeout_s,
        health_check_interval=0,
    )


class _Pool(ConnectionPool):
    """Connects for many callers at once. redis-py's own holds a lock over that: while Redis hangs each would wait for
    all before it to give up, one after the other.
    """

    async def get_connection(self, *_: Any, **__: Any) -> Any:
        """A connection that is ready."""
        connection: Any = self.get_available_connection()  # type: ignore[no-untyped-call]
        try:
            await self.ensure_connection(connection)
        except BaseException:
            await self.release(connection)
            raise
        return connection


class _Packed:
    """Packs commands in C: redis-py's asyncio client does it in Python, a quarter of a busy worker's time.

    And sends without `asyncio.wait_for`, which costs a task for each command and, before Python 3.12, loses a
    cancellation that comes as the command has just been sent: a loop that was to end would go on for ever.
    """

    _reader: asyncio.StreamReader | None
    _parser: Any
    is_connected: bool
    socket_timeout: float | None
    connect: Callable[[], Awaitable[None]]
    disconnect: Callable[..., Awaitable[None]]
    _writer: asyncio.StreamWriter

    async def can_read_destructive(self) -> bool:
        """Whether something unread stands in the way of the next command. Raises ConnectionError where Redis has hung up.

        redis-py reads to find out, before each command, for as short as can be: a timer, a cancellation and a turn of the
        loop, in which all that is ready goes first. But the loop reads by itself, and has noticed by now.
        """
        reader = self._reader
        if reader is None or reader.at_eof() or reader.exception() is not None:
            raise RedisConnectionError("Redis has closed the connection.")
        return bool(reader._buffer) or self._parser._reader.gets() is not NOT_ENOUGH_DATA  # type: ignore[attr-defined]  # noqa: SLF001

    async def send_packed_command(self, command: Iterable[bytes], check_health: bool = True) -> None:  # noqa: ARG002
        """Sends a command; where that fails or is cut off the connection is closed."""
        if not self.is_connected:
            await self.connect()
        try:
            async with asyncio.timeout(self.socket_timeout):
                self._writer.writelines(command)
                await self._writer.drain()
        except TimeoutError:
            await self.disconnect(nowait=True)
            raise RedisTimeoutError("Timeout writing to socket") from None
        except OSError as error:
            await self.disconnect(nowait=True)
            raise RedisConnectionError(f"Error while writing to socket: {error}") from error
        except BaseException:
            await self.disconnect(nowait=True)
            raise

    def pack_command(self, *args: Any) -> list[bytes]:
        """The command as it goes over the wire. Raises redis.exceptions.DataError."""
        # Names like "SCRIPT LOAD" are two words to Redis.
        name = args[0].split() if isinstance(args[0], str) else args[:1]
        try:
            return [hiredis.pack_command((*name, *args[1:]))]
        except TypeError as error:
            raise DataError(str(error)) from error
