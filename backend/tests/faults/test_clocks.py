"""Clocks that jump by ten minutes and by two days: SQL's side by a clock that is handed in, Redis' by its instants moved.

Covered: what the api, the recorder and the reconciler write and compare while their machine's clock jumps; leases, due
instants, deadlines and the last lease number as Redis sees them after its own clock has jumped. Not covered: the kernel's
clock under running processes, so neither the database's own clock (it only leads, for four seconds at a time) nor the ids of
the journal, which Redis never lets go back.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rota.broker.scripts import Claim
from rota.coordinator.reconciler import Reconciler
from tests.support.rota import Rota, open_rota, settings_for

MINUTES, DAYS = 600_000, 48 * 3_600_000
JUMPS = pytest.mark.parametrize("jump_ms", [-MINUTES, MINUTES, DAYS])


@pytest.fixture
async def rota(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Rota]:
    async with open_rota(settings_for(database_url, redis_url, tmp_path)) as opened:
        yield opened


async def finish(rota: Rota, count: int, *claims: Claim) -> None:
    """Settles what was claimed, does the rest, and looks whether each task ended once."""
    for claim in claims:
        await rota.settle(claim)
    await rota.broker.sweep(rota.queue)
    await rota.run(worker="w2")
    await rota.record()
    tasks = await rota.all_tasks()
    assert [task["status"] for task in tasks] == ["SUCCEEDED"] * count
    for task in tasks:
        outcomes = [attempt.outcome for attempt in await rota.attempts(task["id"])]
        assert outcomes.count("SUCCEEDED") == 1
        assert set(outcomes) <= {"SUCCEEDED", "LOST"}
    await rota.check_counters()
    assert await rota.left_over() == {}


@JUMPS
@pytest.mark.short_on("sqlite")
async def test_the_clock_of_api_and_coordinator_jumps(rota: Rota, jump_ms: int) -> None:
    await rota.submit(5)
    claim = await rota.claim(3)
    rota.clock.ahead_ms = jump_ms
    await rota.submit(5)
    reconciler = Reconciler(rota.platform, rota.recorder)
    await rota.record()
    (queue,) = await reconciler._queues()
    assert await reconciler.push_missing(queue, 0) == 0, "Redis holds all of them"
    assert await reconciler.drop_ended(queue) == 0
    rota.clock.ahead_ms = 0
    assert await reconciler.push_missing(queue, 0) == 0
    await finish(rota, 10, claim)
    assert all(task["number"] == 1 for task in await rota.all_tasks()), "nothing ran twice"


async def redis_jumps(rota: Rota, jump_ms: int) -> None:
    """As if Redis' clock had jumped: its instants lie so much further back."""
    for name in ("leases", "scheduled", "deadlines"):
        for member, score in await rota.redis.zrange(rota.key(name), 0, -1, withscores=True):
            await rota.redis.zadd(rota.key(name), {member: score - jump_ms})
    last = int(await rota.redis.get(rota.key("lease")) or 0)
    await rota.redis.set(rota.key("lease"), last - jump_ms * 1000)
    ahead = rota.broker._ahead_ms
    rota.broker._ahead_ms = None if ahead is None else ahead - jump_ms


@JUMPS
@pytest.mark.short_on("postgres")
async def test_redis_clock_jumps(rota: Rota, jump_ms: int) -> None:
    await rota.submit(5)
    await rota.submit(5, run_at=rota.clock.now_ms() + 1_000)
    claim = await rota.claim(3)
    await redis_jumps(rota, jump_ms)
    # Forward, its leases have ended: another may take the tasks, and the first one's results are refused.
    swept = await rota.broker.sweep(rota.queue)
    assert swept.lost == (3 if jump_ms > 0 else 0)
    again = await rota.claim(3, worker="w2") if swept.lost else None
    if again is not None:
        assert again.lease > claim.lease, "a number never comes again"
        assert await rota.settle(claim) == [False] * 3
        assert await rota.settle(again, worker="w2") == [True] * 3
    else:
        assert await rota.settle(claim) == [True] * 3
    await rota.submit(2)
    # Backward, what was due in a second is due in ten minutes and a second.
    await rota.make_due()
    await finish(rota, 12)
