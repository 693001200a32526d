"""Cancelling, retrying, rescheduling and deleting: SQL first, then Redis."""

from collections.abc import Sequence
from typing import NamedTuple

from rota.broker.client import REDIS_GONE
from rota.domain import tasks as rules
from rota.domain.access import Viewer, may_change_task, may_see_task
from rota.domain.errors import Conflict, Invalid, NotFound, RotaError
from rota.domain.events import RESET, Change
from rota.domain.rank import rank
from rota.domain.states import FINAL, LIVE, WAITING, Move, TaskStatus, may
from rota.logs import get_logger
from rota.operations import dependencies
from rota.operations.platform import Platform
from rota.operations.pushes import PUSH_AT_ONCE, push_of
from rota.store import functions, queues
from rota.store import tasks as store
from rota.store.database import Connection, again_on_deadlock
from rota.store.models import Task

log = get_logger(__name__)


class Effects:
    """What is to follow the commit of changed tasks: Redis hears of them, and everybody else."""

    def __init__(self) -> None:
        self.drop: dict[str, list[str]] = {}
        self.push: list[Task] = []
        self.move: list[Task] = []
        self.told: list[str] = []

    async def follow(self, platform: Platform) -> None:
        """Does all of it; where Redis is away the reconciler will."""
        for queue, ids in self.drop.items():
            await _drop(platform, queue, ids)
        await push(platform, self.push)
        for task in self.move:
            await _move(platform, task)
        platform.announcer.tell(Change(tuple(self.told)))


@again_on_deadlock
async def cancel(platform: Platform, viewer: Viewer, task_id: str) -> Task:
    """Ends a task as CANCELLED, whatever it is doing. Raises NotFound, or Conflict where it has ended."""
    effects = Effects()
    async with platform.database.transaction() as db:
        task = await _theirs(db, viewer, task_id)
        await cancel_locked(db, platform, viewer, task, effects)
    await effects.follow(platform)
    return task


@again_on_deadlock
async def retry(platform: Platform, viewer: Viewer, task_id: str) -> Task:
    """Runs a failed, cancelled or expired task again with a fresh allowance. Raises NotFound or Conflict."""
    effects = Effects()
    async with platform.database.transaction() as db:
        task = await _theirs(db, viewer, task_id)
        await retry_locked(db, platform, task, effects)
    await effects.follow(platform)
    return task


@again_on_deadlock
async def reschedule(
    platform: Platform,
    viewer: Viewer,
    task_id: str,
    *,
    priority: int | None = None,
    deadline_at: int | None = None,
    run_at: int | None = None,
) -> Task:
    """Changes what has not started. None leaves a thing as it is. Raises Invalid, NotFound or Conflict."""
    rules.check_priority(priority)
    effects = Effects()
    async with platform.database.transaction() as db:
        task = await _theirs(db, viewer, task_id)
        await reschedule_locked(db, platform, task, Place(priority, deadline_at, run_at), effects)
    await effects.follow(platform)
    return task


@again_on_deadlock
async def delete(platform: Platform, viewer: Viewer, task_id: str) -> None:
    """Deletes what has ended. Raises NotFound, or Conflict where it has not or another task waits for it."""
    async with platform.database.transaction() as db:
        task = await _theirs(db, viewer, task_id)
        await delete_locked(db, platform, task)
    tell_of_deletion(platform)


def tell_of_deletion(platform: Platform) -> None:
    """Makes lists be read anew: a change can name only tasks that are there."""
    platform.announcer.tell(RESET)


class Place(NamedTuple):
    """A new place in line; None leaves a thing as it is."""

    priority: int | None = None
    deadline_at: int | None = None
    run_at: int | None = None


async def cancel_locked(db: Connection, platform: Platform, viewer: Viewer, task: Task, effects: Effects) -> None:
    """Cancels a locked task. Raises Conflict."""
    if TaskStatus(task.status) in FINAL:
        raise Conflict(f"The task has ended already, as {task.status}.", ("id",))
    at = platform.clock.now_ms()
    error = {"type": "Cancelled", "message": f"Cancelled by {viewer.username}."}
    await store.end(db, platform.shard, [task], TaskStatus.CANCELLED, at, error)
    _, cancelled = await dependencies.resolve(db, platform.shard, [task.id], at)
    effects.drop.setdefault(task.queue, []).append(task.id)
    effects.told += [task.id, *cancelled]


async def retry_locked(db: Connection, platform: Platform, task: Task, effects: Effects) -> None:
    """Takes a locked task into line again: after its `run_at`, and after what it depends on, where those are still to come.

    Raises Conflict.
    """
    if not may(TaskStatus(task.status), Move.REVIVE):
        raise Conflict(f"Only what has failed, was cancelled or expired can run again; this is {task.status}.", ("id",))
    at = platform.clock.now_ms()
    # Locked, so that none of them ends without seeing that it is waited for.
    needs = await store.lock(db, await store.needs_of(db, task.id))
    is_blocked = any(TaskStatus(need.status) in LIVE for need in needs)
    await store.revive(
        db, platform.shard, task, at, await _rank(db, task, max(task.run_at or at, at)), is_blocked=is_blocked
    )
    if not is_blocked:
        effects.push.append(task)
    effects.told.append(task.id)


async def reschedule_locked(db: Connection, platform: Platform, task: Task, to: Place, effects: Effects) -> None:
    """Gives a locked task another place. Raises Invalid or Conflict."""
    if TaskStatus(task.status) not in WAITING:
        raise Conflict(f"Only what waits can be moved; this is {task.status}.", ("id",))
    at = platform.clock.now_ms()
    rules.check_instants(at, deadline_at=to.deadline_at or task.deadline_at, run_at=to.run_at)
    if to.deadline_at is not None and to.run_at is None and (task.due_at or 0) >= to.deadline_at:
        raise Invalid("deadline must lie after the instant at which the task is to start.", ("deadline",))
    was = (task.status, task.priority)
    task.priority = to.priority or task.priority
    task.deadline_at = to.deadline_at or task.deadline_at
    _leave_lane(task)
    if to.run_at is not None:
        task.run_at = to.run_at
        _start_at(task, to.run_at, at)
    await _moved(db, platform, task, was, at, effects)


async def restore_locked(
    db: Connection, platform: Platform, task: Task, to: Place, due_at: int | None, effects: Effects
) -> None:
    """Gives a locked task back the place that it had: all of it, None too. Raises Conflict."""
    if TaskStatus(task.status) not in WAITING:
        raise Conflict(f"Only what waits can be moved; this is {task.status}.", ("id",))
    at = platform.clock.now_ms()
    if to.deadline_at is not None and to.deadline_at <= at:
        raise Conflict("The deadline that it had has passed.", ("id",))
    was = (task.status, task.priority)
    task.priority, task.deadline_at = to.priority or task.priority, to.deadline_at
    _leave_lane(task)
    if (task.run_at, task.due_at) != (to.run_at, due_at):
        task.run_at = to.run_at
        _start_at(task, due_at, at)
    await _moved(db, platform, task, was, at, effects)


def _leave_lane(task: Task) -> None:
    if task.status == TaskStatus.ASSIGNED:
        task.status, task.worker_id = TaskStatus.QUEUED.value, None  # its place in the lane is given up


async def _moved(
    db: Connection, platform: Platform, task: Task, was: tuple[str, int], at: int, effects: Effects
) -> None:
    task.rank = await _rank(db, task, task.due_at or task.queued_at or at)
    task.changed_at, task.version = at, task.version + 1
    await store.replace(db, platform.shard, [(task, was)])
    if task.status != TaskStatus.BLOCKED:
        effects.move.append(task)
    effects.told.append(task.id)


async def delete_locked(db: Connection, platform: Platform, task: Task) -> None:
    """Deletes a locked task with all that belongs to it. Raises Conflict."""
    if TaskStatus(task.status) not in FINAL:
        raise Conflict(f"Only what has ended can be deleted; this is {task.status}. Cancel it first.", ("id",))
    needed_by = await store.live_dependant(db, task.id)
    if needed_by is not None:
        raise Conflict(f"The task {needed_by} depends on it and has not ended.", ("id",))
    await store.delete(db, platform.shard, [task])


async def push(platform: Platform, tasks: Sequence[Task]) -> None:
    """Puts committed tasks into line; where Redis is away the reconciler will."""
    if not tasks:
        return
    async with platform.database.read() as db:
        lines = {queue.name: queue for queue in await queues.all_queues(db)}
        known = {function.name: function for function in await functions.all_functions(db)}
    by_queue: dict[str, list[Task]] = {}
    for task in tasks:
        by_queue.setdefault(task.queue, []).append(task)
    for name, some in by_queue.items():
        for start in range(0, len(some), PUSH_AT_ONCE):
            part = some[start : start + PUSH_AT_ONCE]
            pushes = [push_of(task, lines.get(name), known.get(task.function or "")) for task in part]
            age_ms = platform.clock.now_ms() - min(task.changed_at for task in part)
            try:
                await platform.broker.push(name, pushes, age_ms)
            except REDIS_GONE as error:
                log.warning("tasks wait for Redis", queue=name, tasks=len(part), error=str(error))


async def visible(db: Connection, viewer: Viewer, task_id: str) -> Task | None:
    """A task that the viewer may see; None for an unknown and for a foreign one alike."""
    task = await store.get(db, task_id)
    return task if task is not None and may_see_task(viewer, task.owner_id) else None


async def _theirs(db: Connection, viewer: Viewer, task_id: str) -> Task:
    found = await store.lock(db, [task_id])
    if not found or not may_change_task(viewer, found[0].owner_id):
        raise NotFound(f"There is no task {task_id}.", ("id",))
    return found[0]


async def _rank(db: Connection, task: Task, queued_at: int) -> int:
    queue = await queues.get(db, task.queue)
    function = await functions.get(db, task.function or "")
    if queue is None:
        raise RotaError(f"The queue {task.queue} is gone.")
    return rank(
        priority=task.priority,
        queued_at=queued_at,
        deadline_at=task.deadline_at,
        expected_ms=function.expected_ms if function else 0,
        level_ms=queue.level_ms,
    )


def _start_at(task: Task, due_at: int | None, at: int) -> None:
    task.due_at = due_at if due_at is not None and due_at > at else None
    if task.status != TaskStatus.BLOCKED:
        task.status = TaskStatus.SCHEDULED.value if task.due_at else TaskStatus.QUEUED.value
        task.queued_at = None if task.due_at else at


async def _move(platform: Platform, task: Task) -> None:
    async with platform.database.read() as db:
        queue, function = await queues.get(db, task.queue), await functions.get(db, task.function or "")
    try:
        await platform.broker.move(task.queue, push_of(task, queue, function))
    except REDIS_GONE as error:
        log.warning("new place waits for Redis", task_id=task.id, error=str(error))


async def _drop(platform: Platform, queue: str, ids: Sequence[str]) -> None:
    try:
        await platform.broker.drop(queue, ids)
    except REDIS_GONE as error:
        log.warning("cancelled task is dropped when Redis is back", task_ids=list(ids), error=str(error))
