"""Schedules: made, changed, paused and deleted by people, and the tasks that they make placed in one transaction."""

import dataclasses
import itertools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from rota import ids, jsontext
from rota.domain import schedule as rules
from rota.domain.access import Viewer, may_see_schedule, may_submit
from rota.domain.errors import Conflict, NotAllowed, NotFound
from rota.domain.events import Change
from rota.domain.schedule import NewSchedule
from rota.logs import get_logger
from rota.operations import cron
from rota.operations.platform import Platform
from rota.store import schedules as store
from rota.store import tasks, ticks
from rota.store.database import Connection
from rota.store.models import Schedule, Task

log = get_logger(__name__)

PREVIEWED = 5
MOST_PREVIEWED = 100
LAST_RUNS = 20  # whose changes are told of with their schedule


class Preview(NamedTuple):
    """A cron line in plain words, and the instants of its next ticks."""

    words: str
    instants: list[int]


class Standing(NamedTuple):
    """A schedule with what changes in it: its own mark, and the versions of the last tasks that it made, by id."""

    row: Schedule
    mark: tuple[Any, ...]
    runs: dict[str, int]


async def create(platform: Platform, viewer: Viewer, wish: NewSchedule) -> Schedule:
    """A new schedule of the viewer's. Raises NotAllowed, Invalid, UnknownFunction, TooLarge or Conflict."""
    if not may_submit(viewer):
        raise NotAllowed("Schedules are for clients and administrators; this account is a worker's alone.")
    now = platform.clock.now_ms()
    schedule = Schedule(
        id=ids.new_id(ids.SCHEDULE),
        owner_id=viewer.user_id,
        is_paused=False,
        next_at=cron.check_ticks(wish.cron, wish.timezone, now),
        created_at=now,
        changed_at=now,
        version=1,
        **await _columns(platform, viewer.user_id, wish),
    )
    async with platform.database.transaction() as db:
        if await store.count_of(db, viewer.user_id) >= rules.MAX_PER_OWNER:
            raise Conflict(f"You have {rules.MAX_PER_OWNER} schedules, which is as many as one user may have.")
        await store.create(db, schedule)
    log.info("schedule made", schedule_id=schedule.id, user=viewer.username)
    platform.announcer.tell(Change(schedules=True))
    return schedule


async def update(platform: Platform, viewer: Viewer, schedule_id: str, changes: Mapping[str, Any]) -> Schedule:
    """Changes fields of NewSchedule by their names, and leaves the others. Raises as `create` does, or NotFound."""

    async def values(schedule: Schedule) -> dict[str, Any]:
        now = platform.clock.now_ms()
        wish = dataclasses.replace(wish_of(schedule), **changes)
        first = cron.check_ticks(wish.cron, wish.timezone, now)
        columns = await _columns(platform, schedule.owner_id, wish)
        is_moved = (columns["cron"], columns["timezone"]) != (schedule.cron, schedule.timezone)
        if is_moved and not schedule.is_paused:
            columns["next_at"] = first
        return {**columns, "error": None, "failed_at": None}

    return await _change(platform, viewer, schedule_id, values)


async def set_paused(platform: Platform, viewer: Viewer, schedule_id: str, is_paused: bool) -> Schedule:
    """Pauses or resumes; the ticks of a pause are not caught up with. Raises NotFound or Invalid."""

    async def values(schedule: Schedule) -> dict[str, Any]:
        if schedule.is_paused == is_paused:
            return {}
        now = platform.clock.now_ms()
        next_at = None if is_paused else cron.check_ticks(schedule.cron, schedule.timezone, now)
        return {"is_paused": is_paused, "next_at": next_at}

    return await _change(platform, viewer, schedule_id, values)


async def delete(platform: Platform, viewer: Viewer, schedule_id: str) -> None:
    """Deletes a schedule; the tasks that it made stay. Raises NotFound."""
    await get(platform, viewer, schedule_id)
    async with platform.database.transaction() as db:
        await store.delete(db, schedule_id)
    log.info("schedule deleted", schedule_id=schedule_id, user=viewer.username)
    platform.announcer.tell(Change(schedules=True))


async def run_now(platform: Platform, viewer: Viewer, schedule_id: str) -> Task:
    """Makes its task at once, paused or not; its ticks stay as they are. Raises NotFound, or as `submit` does."""
    schedule = await get(platform, viewer, schedule_id)
    wish = wish_of(schedule).task(platform.clock.now_ms())
    task = await platform.submission.prepare(schedule.owner_id, wish)
    async with platform.database.transaction() as db:
        if not await store.hold(db, schedule.id):
            raise NotFound(f"There is no schedule {schedule_id}.", ("id",))
        made = await place(platform, db, schedule.id, [(task, None)])
    platform.announcer.tell(Change(schedules=True))
    await platform.submission.push(made)
    return made[0]


async def get(platform: Platform, viewer: Viewer, schedule_id: str) -> Schedule:
    """A schedule that the viewer may see. Raises NotFound for an unknown and for a foreign one alike."""
    async with platform.database.read() as db:
        schedule = await store.get(db, schedule_id)
    if schedule is None or not may_see_schedule(viewer, schedule.owner_id):
        raise NotFound(f"There is no schedule {schedule_id}.", ("id",))
    return schedule


async def page(platform: Platform, viewer: Viewer, after: str | None, first: int) -> store.SchedulePage:
    """The schedules that the viewer may see, newest first."""
    async with platform.database.read() as db:
        return await store.page(db, None if viewer.is_admin else viewer.user_id, after, first)


async def standings(platform: Platform, viewer: Viewer, first: int) -> list[Standing]:
    """The newest schedules that the viewer may see, each with what tells whether it changed."""
    async with platform.database.read() as db:
        rows = (await store.page(db, None if viewer.is_admin else viewer.user_id, None, first)).rows
        runs = await store.runs_of(db, [row.id for row in rows], LAST_RUNS)
        versions = await tasks.versions(db, [task_id for ids in runs.values() for task_id in ids])
    return [
        Standing(
            row,
            (row.version, row.next_at, row.last_at, row.failed_at, row.error),
            {task_id: versions[task_id] for task_id in runs[row.id] if task_id in versions},
        )
        for row in rows
    ]


def preview(line: str, zone: str, now: int, count: int = PREVIEWED) -> Preview:
    """What a cron line says and when it ticks next. Raises Invalid."""
    cron.check_ticks(line, zone, now)
    return Preview(cron.in_words(cron.check_cron(line)), next_ticks(cron.check_cron(line), zone, now, count))


def next_ticks(line: str, zone: str, now: int, count: int) -> list[int]:
    """The next ticks of a checked line."""
    return list(itertools.islice(cron.ticks(line, zone, now), min(count, MOST_PREVIEWED)))


def wish_of(schedule: Schedule) -> NewSchedule:
    """A schedule's row as it was wished for."""
    return NewSchedule(
        name=schedule.name,
        cron=schedule.cron,
        function=schedule.function,
        timezone=schedule.timezone,
        args=jsontext.loads(schedule.args),
        title=schedule.title,
        queue=schedule.queue,
        priority=schedule.priority,
        deadline_ms=schedule.deadline_ms,
        on_deadline=schedule.on_deadline,
        timeout_ms=schedule.timeout_ms,
        max_attempts=schedule.max_attempts,
        tags=tuple(jsontext.loads(schedule.tags)),
        catch_up=schedule.catch_up,
        limit_key=schedule.limit_key,
    )


async def place(
    platform: Platform, db: Connection, schedule_id: str, prepared: Sequence[tuple[Task, int | None]]
) -> list[Task]:
    """Inserts prepared tasks with the ticks that they are for; a tick whose task is there already adds nothing.

    Returns the new tasks, which are to be pushed after the commit.
    """
    keys = [(task.owner_id, task.idempotency_key) for task, _ in prepared if task.idempotency_key is not None]
    known = await tasks.with_keys(db, keys)
    new = [pair for pair in prepared if (pair[0].owner_id, pair[0].idempotency_key or "") not in known]
    made = [task for task, _ in new]
    await tasks.insert(db, platform.shard, made, [])
    await store.add_runs(db, schedule_id, [(task.id, tick) for task, tick in new])
    if new:
        second = platform.clock.now_ms() // 1000
        await ticks.add_submitted(db, f"{platform.shard}.schedules", second, len(new))
    return made


async def _columns(platform: Platform, owner_id: str, wish: NewSchedule) -> dict[str, Any]:
    """The columns of a wish, checked: its own rules, and those of the task that it would make now."""
    rules.check(wish)
    await platform.submission.prepare(owner_id, wish.task(platform.clock.now_ms()))
    columns = {item.name: getattr(wish, item.name) for item in dataclasses.fields(wish)}
    columns.update(cron=cron.check_cron(wish.cron), args=jsontext.dumps(wish.args), tags=jsontext.dumps(wish.tags))
    return columns


async def _change(
    platform: Platform,
    viewer: Viewer,
    schedule_id: str,
    values: Callable[[Schedule], Awaitable[dict[str, Any]]],
) -> Schedule:
    """Writes `values` of the schedule as it stands; reads it again where somebody else was quicker."""
    for _ in range(3):
        schedule = await get(platform, viewer, schedule_id)
        changed = await values(schedule)
        if not changed:
            return schedule
        at = platform.clock.now_ms()
        async with platform.database.transaction() as db:
            is_changed = await store.change(db, schedule_id, schedule.version, {**changed, "changed_at": at})
        if is_changed:
            platform.announcer.tell(Change(schedules=True))
            return await get(platform, viewer, schedule_id)
    raise Conflict("Somebody else changes this schedule at the same moment; try again.", ("id",))
