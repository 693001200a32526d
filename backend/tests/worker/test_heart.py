"""A worker's signs of life: what it tells of itself, and that it does not work on without them."""

import asyncio
import itertools

import pytest

from rota.worker.heart import Heard, Heart
from rota.worker.identity import Identity
from tests.support.working import Shop, until, working


async def test_without_its_heart_a_worker_ends(line: Shop, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    beat, beats = Heart._beat, itertools.count(1)

    async def waits() -> None:
        await asyncio.Event().wait()

    def fails_at_the_third(self: Heart) -> Heard:
        if next(beats) == 3:
            raise ValueError("it beats no more")
        return beat(self)

    async def works() -> None:
        async with working(redis_url, waits) as worker:
            await line.push("waits")
            await until(lambda: worker.holding.busy == 1)
            monkeypatch.setattr(Heart, "_beat", fails_at_the_third)
            await until(worker._heart_failed.done)

    with pytest.raises(ValueError, match="it beats no more"):
        await works()


def test_a_name_that_is_no_text_is_told_as_well_as_it_can_be() -> None:
    identity = Identity("half\udcff", ("default",), 1, "hash")
    assert identity.info(status="ONLINE", running_count=0, is_stuck=False)["name"] == "half?"
