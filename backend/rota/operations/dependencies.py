"""What the ending of a task means for the tasks that wait for it."""

from collections.abc import Sequence

from rota.domain.states import FINAL, TaskStatus
from rota.store import tasks as store
from rota.store.database import Connection
from rota.store.models import Task


async def resolve(db: Connection, shard: str, ended_ids: Sequence[str], at: int) -> tuple[list[Task], list[str]]:
    """In the transaction that ended these tasks: unblocks what waited for the last of them, cancels what waited in vain.

    Returns the tasks to push after the commit, and the ids of those that were cancelled (whose own dependants are too).
    """
    ready: list[Task] = []
    cancelled: list[str] = []
    waiting = list(ended_ids)
    while waiting:
        blocked = [
            task
            for task in await store.lock(db, await store.dependants(db, waiting))
            if task.status == TaskStatus.BLOCKED
        ]
        needs = await store.statuses_of_needs(db, [task.id for task in blocked]) if blocked else {}
        waiting = []
        for task in blocked:
            failed = [(task_id, status) for task_id, status in needs[task.id] if in_vain(status)]
            if failed:
                task_id, status = failed[0]
                error = {
                    "type": "Dependency",
                    "message": f"The task {task_id}, which it depends on, ended as {status}.",
                }
                await store.end(db, shard, [task], TaskStatus.CANCELLED, at, error)
                cancelled.append(task.id)
                waiting.append(task.id)
            elif all(status == TaskStatus.SUCCEEDED for _, status in needs[task.id]):
                await _ready(db, shard, task, at)
                ready.append(task)
    return ready, cancelled


def in_vain(status: str) -> bool:
    """Whether what depends on a task of this status waits in vain."""
    return status in FINAL and status != TaskStatus.SUCCEEDED


async def _ready(db: Connection, shard: str, task: Task, at: int) -> None:
    was = (task.status, task.priority)
    if task.due_at is not None and task.due_at > at:
        task.status = TaskStatus.SCHEDULED.value
    else:
        task.status, task.queued_at, task.due_at = TaskStatus.QUEUED.value, at, None
    task.changed_at, task.version = at, task.version + 1
    await store.replace(db, shard, task, was)
