"""Schedules as people use them: limits, names, changes at the same moment, what a pause does to ticks."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from rota.coordinator import scheduler
from rota.domain.access import Role
from rota.domain.errors import Conflict, NotAllowed, NotFound
from rota.domain.schedule import MAX_PER_OWNER
from rota.operations import schedules
from rota.operations.platform import Platform
from rota.store import schedules as store
from rota.store.models import Schedule, Task
from tests.support.schedules import (
    HOUR_MS,
    MINUTE_MS,
    HandClock,
    furnish,
    instant,
    platform_of,
    tasks_in,
    ticks_of,
    viewer,
    wish,
)

NOON = instant("2026-11-25T12:00")
ADA, BEN, ROOT = viewer("ada"), viewer("ben"), viewer("root", Role.ADMIN)


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON - 10 * MINUTE_MS)


@pytest.fixture
async def platform(database_url: str, redis_url: str, clock: HandClock) -> AsyncIterator[Platform]:
    async with platform_of(database_url, redis_url, clock) as platform:
        await furnish(platform, "ada", "ben")
        yield platform


async def fill(platform: Platform, count: int) -> None:
    """So many schedules of Ada's, without the checks."""
    model = await schedules.create(platform, ADA, wish(name="first"))
    columns = {name: getattr(model, name) for name in Schedule._meta.fields_db_projection}
    async with platform.database.transaction() as db:
        rows = [Schedule(**{**columns, "id": f"schedule_{n}", "name": f"n{n}"}) for n in range(count - 1)]
        await Schedule.bulk_create(rows, using_db=db.client)


async def test_a_user_has_at_most_a_hundred(platform: Platform) -> None:
    await fill(platform, MAX_PER_OWNER - 1)
    await schedules.create(platform, ADA, wish(name="the last"))
    with pytest.raises(Conflict, match="100 schedules"):
        await schedules.create(platform, ADA, wish(name="one more"))
    await schedules.create(platform, BEN, wish())


async def test_no_more_than_that_at_the_same_moment(platform: Platform) -> None:
    await fill(platform, MAX_PER_OWNER - 1)
    made = await asyncio.gather(
        *(schedules.create(platform, ADA, wish(name=f"at once {n}")) for n in range(4)), return_exceptions=True
    )
    assert [isinstance(answer, Conflict) for answer in made].count(True) == 3
    async with platform.database.read() as db:
        assert await Schedule.filter(owner_id=ADA.user_id).using_db(db.client).count() == MAX_PER_OWNER


async def test_two_changes_at_the_same_moment_are_both_made(platform: Platform) -> None:
    schedule = await schedules.create(platform, ADA, wish())
    await asyncio.gather(
        schedules.update(platform, ADA, schedule.id, {"priority": 9}),
        schedules.update(platform, ROOT, schedule.id, {"tags": ("x",)}),
    )
    after = await schedules.get(platform, ADA, schedule.id)
    assert (after.priority, after.tags, after.version) == (9, '["x"]', 3)


async def test_a_change_that_is_always_too_late_is_told(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    schedule = await schedules.create(platform, ADA, wish())

    async def too_late(*_: object) -> bool:
        return False

    monkeypatch.setattr(store, "change", too_late)
    with pytest.raises(Conflict, match="at the same moment"):
        await schedules.update(platform, ADA, schedule.id, {"priority": 9})


async def test_the_ticks_of_a_pause_are_not_caught_up_with(platform: Platform, clock: HandClock) -> None:
    schedule = await schedules.create(platform, ADA, wish(catch_up=True))
    assert (await schedules.set_paused(platform, ADA, schedule.id, True)).next_at is None
    clock.at = NOON + 3 * HOUR_MS + 1
    assert await scheduler.run_due(platform) == 0
    assert (await schedules.set_paused(platform, ADA, schedule.id, False)).next_at == NOON + 4 * HOUR_MS
    clock.move(HOUR_MS)
    assert await scheduler.run_due(platform) == 1
    assert await ticks_of(platform) == [NOON + 4 * HOUR_MS]


async def test_a_new_line_counts_from_now_and_other_changes_leave_the_tick(
    platform: Platform, clock: HandClock
) -> None:
    schedule = await schedules.create(platform, ADA, wish())
    clock.at = NOON + 5 * MINUTE_MS  # the tick of noon is still to be made
    assert (await schedules.update(platform, ADA, schedule.id, {"priority": 9})).next_at == NOON
    changed = await schedules.update(platform, ADA, schedule.id, {"cron": "30 * * * *"})
    assert changed.next_at == NOON + 30 * MINUTE_MS
    paused = await schedules.set_paused(platform, ADA, schedule.id, True)
    assert (await schedules.update(platform, ADA, paused.id, {"cron": "15 * * * *"})).next_at is None


async def test_resuming_after_the_clock_went_back_repeats_no_tick(platform: Platform, clock: HandClock) -> None:
    schedule = await schedules.create(platform, ADA, wish())
    clock.at = NOON
    assert await scheduler.run_due(platform) == 1
    clock.at = NOON - 5 * MINUTE_MS
    for is_paused in (True, False):
        await schedules.set_paused(platform, ADA, schedule.id, is_paused)
    clock.at = NOON
    assert await scheduler.run_due(platform) == 0
    assert len(await tasks_in(platform)) == 1


async def test_run_by_hand_and_by_whom(platform: Platform, clock: HandClock) -> None:
    schedule = await schedules.create(platform, ADA, wish())
    for by in (ADA, ROOT):
        task = await schedules.run_now(platform, by, schedule.id)
        assert task.owner_id == ADA.user_id
    (standing,) = await schedules.standings(platform, ADA, 10)
    assert len(standing.runs) == 2
    with pytest.raises(NotFound):
        await schedules.run_now(platform, BEN, schedule.id)
    with pytest.raises(NotAllowed):
        await schedules.create(platform, viewer("wil", Role.WORKER), wish())


async def test_a_schedule_that_is_deleted_as_it_is_to_run_makes_nothing(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = await schedules.create(platform, ADA, wish())
    prepare = platform.submission.prepare

    async def meanwhile(*wished: Any) -> Task:
        task = await prepare(*wished)
        await schedules.delete(platform, ADA, schedule.id)
        return task

    monkeypatch.setattr(platform.submission, "prepare", meanwhile)
    with pytest.raises(NotFound):
        await schedules.run_now(platform, ADA, schedule.id)
    assert await tasks_in(platform) == []
