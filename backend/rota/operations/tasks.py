"""Cancelling, retrying and rescheduling: SQL first, then Redis."""

from collections.abc import Sequence

from rota.broker.client import REDIS_GONE
from rota.domain import tasks as rules
from rota.domain.access import Viewer, may_change_task, may_see_task
from rota.domain.errors import Conflict, NotFound, RotaError
from rota.domain.events import Change
from rota.domain.rank import rank
from rota.domain.states import FINAL, WAITING, Move, TaskStatus, may
from rota.logs import get_logger
from rota.operations import dependencies
from rota.operations.platform import Platform
from rota.operations.pushes import push_of
from rota.store import functions, queues
from rota.store import tasks as store
from rota.store.database import Connection
from rota.store.models import Task

log = get_logger(__name__)


async def cancel(platform: Platform, viewer: Viewer, task_id: str) -> Task:
    """Ends a task as CANCELLED, whatever it is doing. Raises NotFound, or Conflict where it has ended."""
    at = platform.clock.now_ms()
    async with platform.database.transaction() as db:
        task = await _theirs(db, viewer, task_id)
        if TaskStatus(task.status) in FINAL:
            raise Conflict(f"The task has ended already, as {task.status}.", ("id",))
        error = {"type": "Cancelled", "message": f"Cancelled by {viewer.username}."}
        await store.end(db, platform.shard, [task], TaskStatus.CANCELLED, at, error)
        _, cancelled = await dependencies.resolve(db, platform.shard, [task.id], at)
    await _drop(platform, task.queue, [task.id])
    platform.announcer.tell(Change((task.id, *cancelled)))
    return task


async def retry(platform: Platform, viewer: Viewer, task_id: str) -> Task:
    """Runs a failed, cancelled or expired task again with a fresh allowance. Raises NotFound or Conflict."""
    at = platform.clock.now_ms()
    async with platform.database.transaction() as db:
        task = await _theirs(db, viewer, task_id)
        if not may(TaskStatus(task.status), Move.REVIVE):
            raise Conflict(
                f"Only what has failed, was cancelled or expired can run again; this is {task.status}.", ("id",)
            )
        await store.revive(db, platform.shard, task, at, await _rank(db, task, at))
    await push(platform, [task])
    platform.announcer.tell(Change((task.id,)))
    return task


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
    at = platform.clock.now_ms()
    rules.check_priority(priority)
    async with platform.database.transaction() as db:
        task = await _theirs(db, viewer, task_id)
        if TaskStatus(task.status) not in WAITING:
            raise Conflict(f"Only what waits can be moved; this is {task.status}.", ("id",))
        rules.check_instants(at, deadline_at=deadline_at or task.deadline_at, run_at=run_at)
        was = (task.status, task.priority)
        task.priority = priority or task.priority
        task.deadline_at = deadline_at or task.deadline_at
        if run_at is not None:
            _start_at(task, run_at, at)
        task.rank = await _rank(db, task, task.due_at or task.queued_at or at)
        task.changed_at, task.version = at, task.version + 1
        await store.replace(db, platform.shard, task, was)
    if task.status != TaskStatus.BLOCKED:
        await _move(platform, task)
    platform.announcer.tell(Change((task.id,)))
    return task


async def push(platform: Platform, tasks: Sequence[Task]) -> None:
    """Puts committed tasks into line; where Redis is away the reconciler will."""
    async with platform.database.read() as db:
        for task in tasks:
            await _try_push(platform, db, task)


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


def _start_at(task: Task, run_at: int, at: int) -> None:
    task.run_at = run_at
    task.due_at = run_at if run_at > at else None
    if task.status != TaskStatus.BLOCKED:
        task.status = TaskStatus.SCHEDULED.value if task.due_at else TaskStatus.QUEUED.value
        task.queued_at = None if task.due_at else at


async def _try_push(platform: Platform, db: Connection, task: Task) -> None:
    queue, function = await queues.get(db, task.queue), await functions.get(db, task.function or "")
    try:
        await platform.broker.push(task.queue, [push_of(task, queue, function)])
    except REDIS_GONE as error:
        log.warning("task waits for Redis", task_id=task.id, error=str(error))


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
