"""Knocks at the doors: counted for all api processes together, and by each alone where Redis is away."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable

import psutil
import pytest

from rota.broker.client import connect
from rota.broker.knocks import Knocks
from rota.domain.errors import RateLimited
from rota.operations import doors
from rota.operations.doors import Doors
from tests.support.servers import RedisServer

MakeDoors = Callable[[str], Doors]


@pytest.fixture
async def open_doors() -> AsyncIterator[MakeDoors]:
    """The doors of one more api process."""
    clients = []

    def make(redis_url: str) -> Doors:
        clients.append(connect(redis_url))
        return Doors(Knocks(clients[-1], "rota"))

    yield make
    for client in clients:
        await client.aclose()


async def knocks_until_refused(*found: Doors, name: str = "ann", address: str = "") -> int:
    """How many were let in, taking the doors in turn."""
    for number in range(100):
        (answer,) = await asyncio.gather(
            found[number % len(found)].knock_to_sign_in(name, address), return_exceptions=True
        )
        if answer is not None:
            assert isinstance(answer, RateLimited), answer
            assert 0 < answer.retry_after_s <= 60
            return number
    return 100


async def test_api_processes_count_together(redis_url: str, open_doors: MakeDoors) -> None:
    one, two = open_doors(redis_url), open_doors(redis_url)
    assert await knocks_until_refused(one, two) == 10
    assert await knocks_until_refused(two, name="ANN") == 0
    assert await knocks_until_refused(two, name="bob") == 10
    addresses = [one.knock_to_sign_in(f"user-{number}", "192.0.2.1") for number in range(60)]
    await asyncio.gather(*addresses)
    with pytest.raises(RateLimited, match="address"):
        await two.knock_to_sign_in("another", "192.0.2.1")
    for number in range(30):
        await (one, two)[number % 2].knock_to_register("192.0.2.2")
    with pytest.raises(RateLimited):
        await one.knock_to_register("192.0.2.2")


async def test_knocks_at_the_same_moment_are_counted_each(redis_url: str, open_doors: MakeDoors) -> None:
    processes = [open_doors(redis_url) for _ in range(4)]
    knocks = [found.knock_to_sign_in("ann", "") for found in processes * 10]
    answers = await asyncio.gather(*knocks, return_exceptions=True)
    assert sum(answer is None for answer in answers) == 10
    assert all(answer is None or isinstance(answer, RateLimited) for answer in answers)


async def test_a_sign_in_that_went_well_is_forgotten_everywhere(redis_url: str, open_doors: MakeDoors) -> None:
    one, two = open_doors(redis_url), open_doors(redis_url)
    for _ in range(9):
        await one.knock_to_sign_in("ann", "")
    await one.opened("Ann")
    assert await knocks_until_refused(two) == 10


async def test_nobody_guesses_without_end_while_redis_is_away(own_redis: RedisServer, open_doors: MakeDoors) -> None:
    one, two = open_doors(own_redis.url), open_doors(own_redis.url)
    for _ in range(4):
        await one.knock_to_sign_in("ann", "")
    own_redis.stop(signal.SIGKILL)
    # The four before are remembered by the process that saw them; the other has its own ten.
    assert await knocks_until_refused(one) == 6
    assert await knocks_until_refused(two) == 10
    await two.opened("ann")
    assert await knocks_until_refused(two) == 10
    own_redis.start()
    # It comes back empty: who was refused is not let in for that.
    assert await knocks_until_refused(one) == 0
    assert await knocks_until_refused(one, two, name="bob") == 10


async def test_a_redis_that_hangs_holds_nobody_up(
    own_redis: RedisServer, open_doors: MakeDoors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "ANSWER_WITHIN_S", 0.02)
    hung = open_doors(own_redis.url)
    psutil.Process(own_redis.pid).suspend()
    try:
        assert await knocks_until_refused(hung) == 10
        await hung.opened("ann")
    finally:
        psutil.Process(own_redis.pid).resume()
    monkeypatch.undo()
    assert await knocks_until_refused(hung, name="bob") == 10
    assert await knocks_until_refused(open_doors(own_redis.url), name="bob") == 0


async def test_what_is_kept_goes_by_itself_and_names_nobody(redis_url: str, open_doors: MakeDoors) -> None:
    await open_doors(redis_url).knock_to_sign_in("ann" * 1_000, "192.0.2.1")
    async with connect(redis_url) as client:
        keys = await client.keys("*")
        assert len(keys) == 2
        assert all(len(key) < 80 and b"ann" not in key and b"192" not in key for key in keys)
        lives = [await client.pttl(key) for key in keys]
        assert all(0 < life <= 60_000 for life in lives)
