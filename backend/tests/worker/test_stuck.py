"""A function that keeps the event loop from turning: its worker's heart ends the process, and nobody else is harmed."""

import asyncio
import threading
import time

from rota.domain.states import AttemptOutcome
from rota.settings import load_settings
from rota.worker.stuck import last_words
from rota.worker.worker import Worker
from tests.support.working import Shop, collected, until, working

# Longer than it takes to notice, shorter than a test may last: so long the loop is kept from turning.
STUCK_S = 60.0


async def test_who_keeps_the_loop_has_timed_out_and_the_others_go_back(line: Shop, redis_url: str) -> None:
    ended, inside = threading.Event(), asyncio.Event()

    async def spins() -> bool:
        return ended.wait(STUCK_S)

    async def waits() -> None:
        inside.set()
        await asyncio.Event().wait()

    async with working(redis_url, spins, waits, lease_ms=1_000) as worker:
        worker._heart._end = ended.set
        beside = await line.push("waits")
        await inside.wait()
        stuck = await line.push("spins", timeout_ms=200, max_attempts=1)
        settled = await line.settled(stuck)
        assert ended.is_set()
        assert (settled["outcome"], settled["error"]["type"]) == ("TIMED_OUT", "TimedOut")
        back = await line.settled(beside)
        assert (back["outcome"], back["used"]) == ("RELEASED", 0)
        assert await line.entries("lost") == 0


async def test_what_has_no_bound_may_keep_the_loop(line: Shop, redis_url: str) -> None:
    ended = threading.Event()

    async def blocks() -> None:
        time.sleep(2.5)  # longer than it takes to be called stuck, and two leases

    async with working(redis_url, blocks, lease_ms=1_000) as worker:
        worker._heart._end = ended.set
        assert (await line.settled(await line.push("blocks")))["outcome"] == "SUCCEEDED"
    assert not ended.is_set()


async def test_without_the_setting_nothing_is_ended(line: Shop, redis_url: str) -> None:
    async def quick() -> None:
        return None

    worker = Worker(load_settings(redis_url=redis_url, end_stuck=False), collected(quick), handle_signals=False)
    assert worker._heart._end is None
    await worker.close()


async def test_where_nobody_can_be_named_leases_decide(line: Shop, redis_url: str) -> None:
    gate = asyncio.Event()

    async def waits() -> None:
        await gate.wait()

    async with working(redis_url, waits) as worker:
        for timeout_ms in (60_000, None):  # long enough that its own clock does not end it before the test asks
            await line.push("waits", timeout_ms=timeout_ms)
        await until(lambda: len(worker.holding.attempts) == 2)
        attempts = sorted(worker.holding.attempts.values(), key=lambda attempt: attempt.payload.get("t") is None)
        late, other = attempts
        late.give_up_at = time.monotonic() - 2.0
        assert last_words(attempts, None, 3.0, 1_000) is None
        words = last_words(attempts, None, 1.0, 1_000)
        assert words is not None
        ((_, (word,)),) = words.items()
        assert word.id == other.id
        assert AttemptOutcome.RELEASED.value.encode() in word.body
        gate.set()
