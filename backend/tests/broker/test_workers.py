"""The workers' register: register, beat, want, roll, leave."""

from collections.abc import AsyncIterator

import pytest

from rota.broker.client import connect
from rota.broker.workers import Beat, Workers


@pytest.fixture
async def register(redis_url: str) -> AsyncIterator[Workers]:
    redis = connect(redis_url)
    yield Workers(redis, "rota")
    await redis.aclose()


async def test_a_worker_registers_beats_and_leaves(register: Workers) -> None:
    assert await register.beat("w1", {"name": "a"}, 1_000) == Beat(known=False, desired="ONLINE")
    assert (await register.roll())[1] == []
    await register.register("w1", {"name": "a"}, [{"name": "multiply"}], 60_000)
    assert await register.catalogue("w1") == [{"name": "multiply"}]
    assert await register.beat("w1", {"name": "b"}, 90_000) == Beat(known=True, desired="ONLINE")
    now, (worker,) = await register.roll()
    assert (worker.id, worker.info, worker.desired) == ("w1", {"name": "b"}, "ONLINE")
    assert 60_000 < worker.seen_until - now <= 90_000
    assert await register.leave("w1")
    assert not await register.leave("w1")
    assert (await register.roll())[1] == []
    assert await register.catalogue("w1") == []


async def test_a_beat_brings_the_state_that_is_wanted(register: Workers) -> None:
    await register.register("w1", {}, [], 1_000)
    await register.want("w1", "DRAINING")
    assert (await register.beat("w1", {}, 1_000)).desired == "DRAINING"
    assert (await register.roll())[1][0].desired == "DRAINING"
    await register.leave("w1")
    await register.register("w1", {}, [], 1_000)
    assert (await register.beat("w1", {}, 1_000)).desired == "ONLINE"


async def test_a_beat_brings_whether_to_steal(register: Workers) -> None:
    await register.register("w1", {}, [], 1_000)
    assert (await register.beat("w1", {}, 1_000)).stealing is None
    for wanted in (False, True):
        await register.want_stealing("w1", wanted)
        assert (await register.beat("w1", {}, 1_000)).stealing is wanted
    assert (await register.roll())[1][0].desired == "ONLINE"
    await register.leave("w1")
    await register.register("w1", {}, [], 1_000)
    assert (await register.beat("w1", {}, 1_000)).stealing is None


async def test_who_does_not_beat_counts_as_lost(register: Workers) -> None:
    await register.register("w1", {}, [], 0)
    now, (worker,) = await register.roll()
    assert worker.seen_until <= now
