"""Ticks become tasks: once each, whoever leads, and what cannot be made is told on the schedule."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tortoise.backends.base.executor import EXECUTOR_CACHE

from rota.coordinator import scheduler
from rota.domain.schedule import key_of
from rota.domain.tasks import NewTask
from rota.operations import cron, schedules
from rota.operations.platform import Platform
from rota.store import counters, functions
from rota.store.database import Connection
from rota.store.models import Function, Schedule, User
from tests.support.schedules import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    HandClock,
    furnish,
    instant,
    offer,
    platform_of,
    tasks_in,
    ticks_of,
    viewer,
    wish,
)
from tests.support.servers import RedisServer

NOON = instant("2026-11-25T12:00")
ADA = viewer("ada")


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON - 10 * MINUTE_MS)


@pytest.fixture
async def platform(database_url: str, redis_url: str, clock: HandClock) -> AsyncIterator[Platform]:
    async with platform_of(database_url, redis_url, clock) as platform:
        await furnish(platform, "ada")
        yield platform


async def read(platform: Platform, schedule: Schedule) -> Schedule:
    return await schedules.get(platform, ADA, schedule.id)


async def test_a_tick_makes_a_task_of_its_owners(platform: Platform, clock: HandClock) -> None:
    schedule = await schedules.create(
        platform, ADA, wish(priority=8, queue="other", tags=("night",), deadline_ms=5_000, limit_key="shop")
    )
    assert schedule.next_at == NOON
    assert await scheduler.run_due(platform) == 0
    clock.at = NOON
    assert await scheduler.run_due(platform) == 1
    (task,) = await tasks_in(platform)
    assert (task.owner_id, task.function, task.title, task.args) == (ADA.user_id, "report", "hourly", '{"day":1}')
    assert (task.priority, task.queue, task.tags, task.deadline_at) == (8, "other", '["night"]', NOON + 5_000)
    assert task.limit_key == "shop"
    assert task.idempotency_key == key_of(schedule.id, NOON)
    (standing,) = await schedules.standings(platform, ADA, 10)
    assert standing.runs == {task.id: task.version}
    after = await read(platform, schedule)
    assert (after.next_at, after.last_at, after.error) == (NOON + HOUR_MS, NOON, None)
    assert await scheduler.run_due(platform) == 0
    await platform.submission.drain()
    assert (await platform.broker.missing("other", [task.id])).ids == []  # Redis holds it
    async with platform.database.read() as db:
        assert await counters.totals(db) == {("other", "QUEUED", 8): 1}


async def test_missed_ticks_are_skipped_or_caught_up_with(platform: Platform, clock: HandClock) -> None:
    skips = await schedules.create(platform, ADA, wish(name="skips"))
    catches = await schedules.create(platform, ADA, wish(name="catches", catch_up=True))
    clock.at = NOON + 2 * HOUR_MS + 5 * MINUTE_MS
    assert await scheduler.run_due(platform) == 3
    assert await ticks_of(platform) == [NOON, NOON + HOUR_MS, NOON + 2 * HOUR_MS]
    assert {task.title for task in await tasks_in(platform)} == {"catches"}
    for schedule, last_at in ((skips, None), (catches, NOON + 2 * HOUR_MS)):
        after = await read(platform, schedule)
        assert (after.next_at, after.last_at) == (NOON + 3 * HOUR_MS, last_at)


async def test_at_most_a_hundred_missed_ticks_are_caught_up_with(platform: Platform, clock: HandClock) -> None:
    await schedules.create(platform, ADA, wish(catch_up=True))
    clock.move(10 * DAY_MS)
    assert await scheduler.run_due(platform) == 100
    ticks = await ticks_of(platform)
    assert (ticks[0], ticks[-1]) == (ticks[-1] - 99 * HOUR_MS, NOON + 10 * DAY_MS - HOUR_MS)
    assert await scheduler.run_due(platform) == 0


async def test_what_cannot_be_made_is_told_and_the_next_tick_comes(platform: Platform, clock: HandClock) -> None:
    schedule = await schedules.create(platform, ADA, wish())
    other = await schedules.create(platform, ADA, wish(name="other", function="report"))
    async with platform.database.transaction() as db:
        await Function.filter(name="report").using_db(db.client).delete()
    platform.catalogue.forget()
    clock.at = NOON
    assert await scheduler.run_due(platform) == 0
    for failed in (schedule, other):
        after = await read(platform, failed)
        assert after.error is not None
        assert "report" in after.error
        assert (after.failed_at, after.next_at, after.last_at) == (NOON, NOON + HOUR_MS, None)
    await furnish(platform)
    clock.move(HOUR_MS)
    assert await scheduler.run_due(platform) == 2
    after = await read(platform, schedule)
    assert (after.error, after.failed_at, after.last_at) == (None, None, NOON + HOUR_MS)


async def test_args_that_no_longer_fit_are_told(platform: Platform, clock: HandClock) -> None:
    schedule = await schedules.create(platform, ADA, wish())
    async with platform.database.transaction() as db:
        await functions.offer(db, [offer("report", {"type": "object", "required": ["month"]})], 0)
    platform.catalogue.forget()
    clock.at = NOON
    assert await scheduler.run_due(platform) == 0
    assert (await read(platform, schedule)).error == "report needs the argument 'month'."


@pytest.mark.parametrize("roles", ["WORKER", None])
async def test_an_owner_who_may_not_submit_has_no_ticks(
    platform: Platform, clock: HandClock, roles: str | None
) -> None:
    schedule = await schedules.create(platform, ADA, wish())
    async with platform.database.transaction() as db:
        if roles is None:
            await User.filter(id=ADA.user_id).using_db(db.client).delete()
        else:
            await User.filter(id=ADA.user_id).using_db(db.client).update(roles=roles)
    clock.at = NOON
    assert await scheduler.run_due(platform) == 0
    assert "owner" in ((await read(platform, schedule)).error or "")
    assert await tasks_in(platform) == []


async def test_a_zone_unknown_here_keeps_the_tick(platform: Platform, clock: HandClock) -> None:
    schedule = await schedules.create(platform, ADA, wish())
    async with platform.database.transaction() as db:
        await Schedule.all().using_db(db.client).update(timezone="Moon/Crater")
    clock.at = NOON
    for _ in range(2):
        assert await scheduler.run_due(platform) == 0
    after = await read(platform, schedule)
    assert "Moon/Crater" in (after.error or "")
    assert after.next_at == NOON
    async with platform.database.transaction() as db:
        await Schedule.all().using_db(db.client).update(timezone="UTC")
    assert await scheduler.run_due(platform) == 1


async def test_one_that_breaks_holds_up_no_other(
    platform: Platform, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = await schedules.create(platform, ADA, wish(name="broken"))
    await schedules.create(platform, ADA, wish(name="whole"))
    ticks = cron.ticks

    def breaks(line: str, zone: str, after: int) -> Any:
        if zone == "Etc/UTC":
            raise ZeroDivisionError
        return ticks(line, zone, after)

    async with platform.database.transaction() as db:
        await Schedule.filter(id=broken.id).using_db(db.client).update(timezone="Etc/UTC")
    monkeypatch.setattr(cron, "ticks", breaks)
    clock.at = NOON
    with pytest.raises(ZeroDivisionError):
        await scheduler.run_due(platform)
    assert [task.title for task in await tasks_in(platform)] == ["whole"]


async def test_a_key_that_its_owner_has_used_makes_no_second_task(platform: Platform, clock: HandClock) -> None:
    schedule = await schedules.create(platform, ADA, wish())
    key = key_of(schedule.id, NOON)
    await platform.submission.submit(ADA.user_id, [NewTask(function="report", args={"day": 9}, idempotency_key=key)])
    clock.at = NOON
    assert await scheduler.run_due(platform) == 0
    assert (await read(platform, schedule)).next_at == NOON + HOUR_MS
    clock.move(HOUR_MS)
    assert await scheduler.run_due(platform) == 1


async def test_who_is_late_with_an_old_look_makes_nothing(platform: Platform, clock: HandClock) -> None:
    """Two leaders for a moment: both have read the same schedule."""
    schedule = await schedules.create(platform, ADA, wish())
    clock.at = NOON
    assert await scheduler.tick(platform, schedule, NOON) == 1
    assert await scheduler.tick(platform, schedule, NOON) == 0
    assert await scheduler.tick(platform, schedule, NOON + HOUR_MS) == 0
    assert await ticks_of(platform) == [NOON]
    assert (await read(platform, schedule)).next_at == NOON + HOUR_MS


async def test_a_change_between_look_and_tick_wins(platform: Platform, clock: HandClock) -> None:
    schedule = await schedules.create(platform, ADA, wish())
    clock.at = NOON
    await schedules.update(platform, ADA, schedule.id, {"args": {"day": 2}})
    assert await scheduler.tick(platform, schedule, NOON) == 0
    assert await scheduler.run_due(platform) == 1
    (task,) = await tasks_in(platform)
    assert task.args == '{"day":2}'


@pytest.mark.parametrize("does", ["pause", "delete"])
async def test_what_was_paused_or_deleted_meanwhile_does_not_tick(
    platform: Platform, clock: HandClock, does: str
) -> None:
    schedule = await schedules.create(platform, ADA, wish())
    clock.at = NOON
    if does == "pause":
        await schedules.set_paused(platform, ADA, schedule.id, True)
    else:
        await schedules.delete(platform, ADA, schedule.id)
    assert await scheduler.tick(platform, schedule, NOON) == 0
    assert await scheduler.run_due(platform) == 0
    assert await tasks_in(platform) == []


class Held:
    """Stops `place` once its rows are written and before the commit, until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached = asyncio.Event()
        self.may_go = asyncio.Event()
        self._place = schedules.place
        self._patch = monkeypatch
        monkeypatch.setattr(scheduler, "place", self._stopping)

    async def _stopping(self, platform: Platform, db: Connection, schedule_id: str, prepared: Sequence[Any]) -> Any:
        self._patch.setattr(scheduler, "place", self._place)
        made = await self._place(platform, db, schedule_id, prepared)
        self.reached.set()
        await self.may_go.wait()
        return made


async def test_a_leader_that_dies_in_the_middle_of_a_tick_is_followed(
    platform: Platform, clock: HandClock, database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = await schedules.create(platform, ADA, wish())
    clock.at = NOON
    held = Held(monkeypatch)
    async with platform_of(database_url, redis_url, clock) as second:
        dying = asyncio.create_task(scheduler.run_due(platform))
        await held.reached.wait()
        dying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dying
        assert await tasks_in(second) == []
        assert await scheduler.run_due(second) == 1
    assert await ticks_of(platform) == [NOON]
    assert (await read(platform, schedule)).next_at == NOON + HOUR_MS


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_of_two_leaders_in_the_same_tick_one_makes_it(
    platform: Platform, clock: HandClock, database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second waits for the first's commit, and then finds that the tick has moved on."""
    schedule = await schedules.create(platform, ADA, wish())
    clock.at = NOON
    held = Held(monkeypatch)
    async with platform_of(database_url, redis_url, clock) as second:
        first = asyncio.create_task(scheduler.tick(platform, schedule, NOON))
        await held.reached.wait()
        other = asyncio.create_task(scheduler.tick(second, await read(second, schedule), NOON))
        await _waits_for_a_lock(second)
        assert not other.done()
        held.may_go.set()
        assert (await first, await other) == (1, 0)
    assert await ticks_of(platform) == [NOON]


async def _waits_for_a_lock(platform: Platform) -> None:
    async with asyncio.timeout(60):
        while True:
            async with platform.database.read() as db:
                rows = await db.rows("SELECT 1 AS one FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            if rows:
                return
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_two_leaders_race_through_a_day(
    platform: Platform, clock: HandClock, database_url: str, redis_url: str
) -> None:
    for number in range(5):
        await schedules.create(platform, ADA, wish(name=f"schedule {number}", cron="*/20 * * * *", catch_up=True))
    async with platform_of(database_url, redis_url, clock) as second:
        for _ in range(24):
            clock.move(HOUR_MS)
            made = await asyncio.gather(*(scheduler.run_due(leader) for leader in (platform, second, platform, second)))
            assert sum(made) == 5 * 3
    ticks = await ticks_of(platform)
    assert len(ticks) == 5 * 24 * 3
    assert len(set(ticks)) == 24 * 3


MOVES = st.one_of(
    st.tuples(st.just("look"), st.integers(0, 0)),
    st.tuples(st.just("die"), st.integers(0, 0)),
    st.tuples(st.just("late"), st.integers(0, 0)),
    st.tuples(st.just("restart"), st.integers(0, 0)),
    st.tuples(st.just("clock"), st.integers(-3 * HOUR_MS, 9 * HOUR_MS)),
)


@pytest.mark.slow
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(MOVES, min_size=3, max_size=25))
def test_no_tick_repeats_and_none_is_lost(
    moves: list[tuple[str, int]], request: pytest.FixtureRequest, redis_server: RedisServer
) -> None:
    """Leaders come, go, die between write and commit and come late, while the clock jumps."""
    EXECUTOR_CACHE.clear()
    asyncio.run(_walk(moves, request.getfixturevalue("_sqlite_template"), redis_server.fresh_url()))


async def _walk(moves: list[tuple[str, int]], template: Path, redis_url: str) -> None:
    clock = HandClock(NOON - 10 * MINUTE_MS)
    furthest = clock.at
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rota.sqlite3"
        shutil.copyfile(template, path)
        url = f"sqlite:///{path}"
        async with platform_of(url, redis_url, clock) as platform:
            await furnish(platform, "ada")
            schedule = await schedules.create(platform, ADA, wish(cron="*/30 * * * *", catch_up=True))
        looks: list[Schedule] = [schedule]
        at = 0
        while at < len(moves):
            async with platform_of(url, redis_url, clock) as platform:
                while at < len(moves):
                    kind, ms = moves[at]
                    at += 1
                    if kind == "restart":
                        break
                    clock.move(ms)
                    if kind == "clock":
                        continue
                    looks.append(await read(platform, schedule))
                    if kind == "look":
                        await scheduler.run_due(platform)
                        furthest = max(furthest, clock.at)
                    elif kind == "late":
                        for look in looks[:-1]:
                            if look.next_at != looks[-1].next_at:
                                assert await scheduler.tick(platform, look, clock.at) == 0
                    else:
                        await _die(platform)
        async with platform_of(url, redis_url, clock) as platform:
            await scheduler.run_due(platform)
            furthest = max(furthest, clock.at)
            ticks = await ticks_of(platform)
    half = 30 * MINUTE_MS
    assert ticks == list(range(NOON, furthest + 1, half))


async def _die(platform: Platform) -> None:
    with pytest.MonkeyPatch.context() as patch:

        async def dies(*_: Any) -> Any:
            raise asyncio.CancelledError

        patch.setattr(scheduler, "place", dies)
        try:
            await scheduler.run_due(platform)
        except asyncio.CancelledError:
            return
