"""Makes the tasks of schedules whose tick has come: the tasks and the next tick in one transaction, whoever leads."""

import asyncio
import functools

from rota.domain import schedule as rules
from rota.domain.access import Role, Viewer, may_submit
from rota.domain.errors import NotAllowed, RotaError
from rota.domain.events import Change
from rota.logs import get_logger
from rota.operations import cron
from rota.operations.platform import Platform
from rota.operations.schedules import place, wish_of
from rota.store import schedules, users
from rota.store.models import Schedule, Task

log = get_logger(__name__)

EVERY_S = 0.5
AT_ONCE = 100
ASK_AGAIN_MS = 60_000  # where this machine cannot tell the next tick, its time zone being unknown here


async def run(platform: Platform) -> None:
    """Looks for due schedules until it is cancelled."""
    while True:
        await run_due(platform)
        await asyncio.sleep(EVERY_S)


async def run_due(platform: Platform) -> int:
    """One round over what is due. Returns how many tasks were made. A fault of one schedule is raised after the others."""
    now = platform.clock.now_ms()
    made, faults = 0, []
    after = (0, "")
    while True:
        async with platform.database.read() as db:
            found = await schedules.due(db, now, after, AT_ONCE)
        for schedule in found:
            try:
                made += await tick(platform, schedule, now)
            except Exception as error:  # noqa: BLE001  (the others' ticks must not wait for this one; raised below)
                faults.append(error)
        if len(found) < AT_ONCE:
            break
        after = (found[-1].next_at or 0, found[-1].id)
    if faults:
        raise faults[0]
    return made


async def tick(platform: Platform, schedule: Schedule, now: int) -> int:
    """Makes the tasks that are due of a schedule as it was read, unless it has moved on since. Returns how many."""
    if schedule.next_at is None:
        return 0
    try:
        ticks = functools.partial(cron.ticks, schedule.cron, schedule.timezone)
        due = rules.due(schedule.next_at, now, ticks, catch_up=schedule.catch_up)
    except RotaError as error:
        if schedule.failed_at is None or now - schedule.failed_at >= ASK_AGAIN_MS:
            await _fail(platform, schedule, schedule.next_at, error, now)
        return 0
    try:
        prepared = await _prepare(platform, schedule, due.ticks, now)
    except RotaError as error:
        await _fail(platform, schedule, due.next_at, error, now)
        return 0
    last_at = due.ticks[-1] if due.ticks else None
    async with platform.database.transaction() as db:
        if not await schedules.ticked(db, schedule, due.next_at, last_at):
            return 0  # another leader made this tick, or somebody changed the schedule
        made = await place(platform, db, schedule.id, prepared)
    platform.announcer.tell(Change(schedules=True))
    await platform.submission.push(made)
    log.info("schedule ticked", schedule_id=schedule.id, tasks=len(made), tick_at=last_at)
    return len(made)


async def _prepare(
    platform: Platform, schedule: Schedule, ticks: tuple[int, ...], now: int
) -> list[tuple[Task, int | None]]:
    """The tasks of these ticks. Raises RotaError where the task cannot be made as things are."""
    if not ticks:
        return []
    await _check_owner(platform, schedule.owner_id)
    wish = wish_of(schedule)
    prepare = platform.submission.prepare
    return [
        (await prepare(schedule.owner_id, wish.task(now, rules.key_of(schedule.id, instant))), instant)
        for instant in ticks
    ]


async def _check_owner(platform: Platform, owner_id: str) -> None:
    """What a user may not do any more, a schedule must not do for them."""
    async with platform.database.read() as db:
        user = await users.get(db, owner_id)
    if user is None:
        raise NotAllowed("Its owner has no account any more.")
    if user.disabled_at is not None:
        raise NotAllowed("Its owner's account is disabled.")
    viewer = Viewer(user.id, user.username, frozenset(Role(role) for role in user.roles.split(",") if role))
    if not may_submit(viewer):
        raise NotAllowed("Its owner may not submit tasks any more.")


async def _fail(platform: Platform, schedule: Schedule, next_at: int | None, error: RotaError, now: int) -> None:
    async with platform.database.transaction() as db:
        await schedules.failed(db, schedule, next_at, error.message, now)
    platform.announcer.tell(Change(schedules=True))
    log.warning("schedule made no task", schedule_id=schedule.id, function=schedule.function, error=error.message)
