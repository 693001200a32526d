"""Who leads, and that the whole coordinator works while it does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from rota.coordinator import deadlines, leader, sweeper
from rota.coordinator.coordinator import Coordinator
from rota.store import leaders
from rota.store.record import PositionMoved
from rota.wiring import running
from tests.support.broker import until
from tests.support.rota import Rota, open_rota

# As they are where no test makes them quicker.
LED_S = leader.TTL_MS / 1000 + leader.RENEW_S


def test_promised_times_follow_from_how_often_is_looked() -> None:
    assert LED_S <= 5, "another leads within five seconds of a leader's death"
    assert 2 * sweeper.EVERY_S <= 1, "what waits past its deadline has ended within a second"
    assert 2 * deadlines.EVERY_S <= 1, "so has what waits for other tasks"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leader, "RENEW_S", 0.02)
    monkeypatch.setattr(leader, "TTL_MS", 500)


class Work:
    """Counts who works."""

    def __init__(self) -> None:
        self.started = 0
        self.now = 0

    async def __call__(self) -> None:
        self.started += 1
        self.now += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.now -= 1


async def leading(work: Work) -> None:
    async def is_at_work() -> bool:
        return work.now == 1

    await until(is_at_work, "the lead")


@contextlib.asynccontextmanager
async def second_of(rota: Rota) -> AsyncIterator[Rota]:
    async with open_rota(rota.platform.settings) as other:
        yield other


async def test_one_of_two_leads_and_the_other_follows(rota: Rota) -> None:
    first, second = Work(), Work()
    async with second_of(rota) as other:
        async with running(leader.lead(rota.platform, first)):
            await leading(first)
            async with running(leader.lead(other.platform, second)):
                await asyncio.sleep(0.1)
                assert (first.now, second.now) == (1, 0)
                # The first gives the lead back at its end: the second need not wait for the lease.
        assert first.now == 0
        async with running(leader.lead(other.platform, second)):
            await leading(second)
    assert (first.started, second.started) == (1, 1)


async def test_who_is_cancelled_while_it_gives_the_lead_up_ends(rota: Rota, monkeypatch: pytest.MonkeyPatch) -> None:
    is_working, is_ending, is_leader = asyncio.Event(), asyncio.Event(), True

    async def work() -> None:
        is_working.set()
        try:
            await asyncio.Event().wait()
        finally:
            is_ending.set()
            await asyncio.Event().wait()

    async def tried(*_: Any) -> bool:
        return is_leader

    monkeypatch.setattr(leader, "_try", tried)
    leads = asyncio.create_task(leader.lead(rota.platform, work))
    await is_working.wait()
    is_leader = False
    await is_ending.wait()
    leads.cancel()
    await asyncio.wait({leads}, timeout=60)
    assert leads.cancelled()


async def test_a_lead_that_is_not_renewed_passes_on(rota: Rota) -> None:
    async with rota.platform.database.transaction() as db:
        assert await leaders.try_lead(db, leader.NAME, "dead", 300)
        assert not await leaders.try_lead(db, leader.NAME, "other", 300)
        assert await leaders.has_leader(db, leader.NAME)
    work = Work()
    async with running(leader.lead(rota.platform, work)):
        await leading(work)
        async with rota.platform.database.read() as db:
            rows = await db.rows("SELECT holder, term FROM leaders")
        assert rows == [{"holder": rota.platform.shard, "term": 2}]


async def test_who_loses_the_lead_stops_working(rota: Rota) -> None:
    work = Work()
    async with running(leader.lead(rota.platform, work)):
        await leading(work)
        async with rota.platform.database.transaction() as db:
            await db.run("UPDATE leaders SET holder = 'usurper', expires_at = expires_at + 60000")

        async def is_idle() -> bool:
            return work.now == 0

        await until(is_idle, "the end of the work")


async def test_without_a_database_nobody_leads(rota: Rota, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work()

    async def refuse(*_: Any) -> bool:
        raise OSError("gone")

    async with running(leader.lead(rota.platform, work)):
        await leading(work)
        with monkeypatch.context() as patch:
            patch.setattr(leaders, "try_lead", refuse)

            async def is_idle() -> bool:
                return work.now == 0

            await until(is_idle, "the end of the work")
        await leading(work)


async def test_a_whole_coordinator_records_sweeps_and_mends(rota: Rota) -> None:
    coordinator = Coordinator(rota.platform)
    async with running(coordinator.run()):
        (task,) = await rota.submit()
        claim = await rota.claim(worker="dead", lease_ms=1)

        async def comes_again() -> Any:
            found = await rota.claim(worker="w2")
            return found if found.tasks else None

        again = await until(comes_again, "the lost task")
        assert (again.tasks[0].id, again.tasks[0].number) == (task.id, 2)
        assert await rota.settle(claim, worker="dead") == [False]
        await rota.settle(again, worker="w2")

        async def is_done() -> bool:
            return await rota.status(task.id) == "SUCCEEDED"

        await until(is_done, "the record")
        # Redis is emptied with one task waiting: it is pushed again at once, not after the settling time.
        (lost,) = await rota.submit()
        await rota.redis.flushdb()
        found = await until(comes_again, "the task that Redis had lost")
        assert found.tasks[0].id == lost.id
        # What waits past its deadline ends, though nobody asks for work.
        (late,) = await rota.submit(deadline_at=rota.clock.now_ms() + 600_000)
        await rota.pass_deadlines()

        async def has_expired() -> bool:
            return await rota.status(late.id) == "EXPIRED"

        await until(has_expired, "the end of what is too late")
    assert await rota.attempts(late.id) == []
    assert coordinator.recorder is None
    assert [one.outcome for one in await rota.attempts(task.id)] == ["LOST", "SUCCEEDED"]


async def test_a_loop_that_fails_goes_on(rota: Rota, monkeypatch: pytest.MonkeyPatch) -> None:
    from rota.coordinator import coordinator as module

    monkeypatch.setattr(module, "PAUSE_S", 0.01)
    monkeypatch.setattr(module, "LONGEST_PAUSE_S", 0.02)
    runs = 0

    async def fail() -> None:
        nonlocal runs
        runs += 1
        raise (OSError, RuntimeError, PositionMoved)[runs % 3]("no")

    async def is_tried_again() -> bool:
        return runs > 4

    async with running(module._again_and_again("test", fail)):
        await until(is_tried_again, "another try")
