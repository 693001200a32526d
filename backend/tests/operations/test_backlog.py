"""The priority chart's data: fresh, waiting, at risk and the oldest, by queue and priority."""

from typing import Any

import pytest

from rota.domain.backlog import FRESH_MS, Split, fresh_of
from rota.operations import backlog
from rota.operations.backlog import Backlogs
from rota.store import workers
from tests.support.rota import ADMIN, Rota

HOUR_MS = 3_600_000


async def worker(rota: Rota, *, slots: int, running: int) -> None:
    """A worker that takes from the queue."""
    now = rota.clock.now_ms()
    row: dict[str, Any] = dict.fromkeys(("pool", "ended_at"))
    row |= {"id": "worker_1", "name": "w", "kind": "POOL", "status": "ONLINE", "queues": '["default"]', "slots": slots}
    row |= {"running_count": running, "stealing": True, "is_stuck": False, "host": "h", "pid": 1}
    row |= {"started_at": now, "heartbeat_at": now}
    async with rota.platform.database.transaction() as db:
        await workers.save(db, [row])
        await db.run("UPDATE functions SET expected_ms = 10000")


async def test_what_has_waited_a_minute_is_not_fresh(rota: Rota) -> None:
    (first, _) = await rota.submit(2, priority=3)
    rota.clock.ahead_ms = FRESH_MS + 1_000
    await rota.submit(3, priority=3)
    found = await backlog.read(rota.platform)
    assert found.of("default", 3) == Split(fresh=3, waiting=2, at_risk=0, oldest_at=first.queued_at)
    assert found.of(None, 3) == found.of("default", 3)
    assert found.of("default", 4) == found.of("elsewhere", 3) == Split()


async def test_what_runs_or_is_not_ready_is_not_counted(rota: Rota) -> None:
    await rota.submit(run_at=rota.clock.now_ms() + HOUR_MS)
    await rota.submit(2)
    await rota.claim(1)
    await rota.record()
    assert (await backlog.read(rota.platform)).of(None, 5).depth == 1


async def test_at_risk_is_what_should_end_after_its_deadline(rota: Rota) -> None:
    await worker(rota, slots=1, running=1)
    now = rota.clock.now_ms()
    # Each takes 10 s in the one slot: the third should start after 25 s.
    await rota.submit(3, priority=9)
    await rota.submit(priority=9, deadline_at=now + 30 * HOUR_MS)
    await rota.submit(priority=2, deadline_at=now + 20_000)  # overtakes all, and even so has only just the time
    await rota.submit(priority=2, deadline_at=now + 12_000)
    found = await backlog.read(rota.platform)
    assert (found.of(None, 9).at_risk, found.of(None, 9).fresh) == (0, 4)
    assert (found.of(None, 2).at_risk, found.of(None, 2).fresh) == (2, 0)


async def test_with_free_slots_nothing_is_at_risk(rota: Rota) -> None:
    await worker(rota, slots=8, running=0)
    await rota.submit(4, deadline_at=rota.clock.now_ms() + 20_000)
    assert (await backlog.read(rota.platform)).of(None, 5).at_risk == 0


async def test_where_nobody_takes_all_with_a_deadline_are_at_risk(rota: Rota) -> None:
    await rota.submit(2, deadline_at=rota.clock.now_ms() + 30 * HOUR_MS)
    await rota.submit(1)
    split = (await backlog.read(rota.platform)).of(None, 5)
    assert (split.at_risk, split.fresh, split.is_exact) == (2, 1, True)


async def test_beyond_the_bounds_it_is_not_exact(rota: Rota, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "MOST_COUNTED", 2)
    monkeypatch.setattr(backlog, "MOST_DEADLINES", 2)
    await rota.submit(6, priority=7)
    rota.clock.ahead_ms = FRESH_MS + 1_000
    await rota.submit(6, priority=7)
    split = (await backlog.read(rota.platform)).of(None, 7)
    assert (split.depth, split.is_exact) == (12, False)
    assert split.fresh >= 2
    assert split.waiting >= 2
    await rota.submit(3, priority=8, deadline_at=rota.clock.now_ms() + HOUR_MS)
    split = (await backlog.read(rota.platform)).of(None, 8)
    assert (split.at_risk, split.fresh, split.is_exact) == (2, 1, False)


async def test_lanes_count_as_ready(rota: Rota) -> None:
    from rota.operations import queues

    await rota.submit(2, by=ADMIN)
    await queues.set_strategy(rota.platform, ADMIN, "default", "ROUND_ROBIN")
    await rota.claim(1)
    await rota.record()
    assert (await backlog.read(rota.platform)).of(None, 5).depth == 1


async def test_it_is_read_once_for_all_who_ask_within_a_second(rota: Rota) -> None:
    backlogs = Backlogs()
    await rota.submit()
    first = await backlogs.now(rota.platform)
    await rota.submit()
    assert await backlogs.now(rota.platform) is first


@pytest.mark.parametrize(
    ("fresh", "waiting", "share", "found"),
    [
        (3, 10, 0.5, (3, True)),  # few fresh ones: all were counted
        (10, 4, 0.5, (96, True)),  # few older ones
        (10, 10, 0.5, (50, False)),
        (10, 10, 0.0, (10, False)),  # no fewer than were counted
        (10, 10, 1.0, (90, False)),
    ],
)
def test_fresh_ones_of_a_hundred(fresh: int, waiting: int, share: float, found: tuple[int, bool]) -> None:
    assert fresh_of(100, fresh, waiting, 10, share) == found


def test_a_split_fits_a_depth_that_has_moved_on() -> None:
    split = Split(fresh=2, waiting=3, at_risk=4)
    assert split.of_depth(20)[:3] == (13, 3, 4)
    assert split.of_depth(6)[:3] == (0, 2, 4)
    assert split.of_depth(1)[:3] == (0, 0, 1)
