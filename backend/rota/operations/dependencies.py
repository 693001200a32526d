"""What the ending of a task means for the tasks that wait for it."""

from collections.abc import Sequence

from rota.domain.states import FINAL, LIVE, TaskStatus
from rota.store import tasks as store
from rota.store.database import Connection
from rota.store.models import Task


async def resolve(db: Connection, shard: str, ended_ids: Sequence[str], at: int) -> tuple[list[Task], list[str]]:
    """In the transaction that ended these tasks: unblocks what waited for the last of them, cancels what waited in vain.

    Returns the tasks to push after the commit, and the ids of those that were cancelled (whose own dependants are too).
    """
    ready: list[tuple[Task, tuple[str, int]]] = []
    cancelled: list[str] = []
    waiting = list(ended_ids)
    while waiting:
        blocked = [
            task
            for task in await store.lock_many(db, await store.dependants(db, waiting))
            if task.status == TaskStatus.BLOCKED
        ]
        needs = await store.statuses_of_needs(db, [task.id for task in blocked]) if blocked else {}
        just_ended = set(waiting)
        hopeless: dict[tuple[str, str], list[Task]] = {}
        for task in blocked:
            # What had failed before does not count: somebody has had this run again all the same.
            failed = [(need, status) for need, status in needs[task.id] if need in just_ended and in_vain(status)]
            if failed:
                hopeless.setdefault(failed[0], []).append(task)
            elif not any(status in LIVE for _, status in needs[task.id]):
                ready.append((task, (task.status, task.priority)))
                _ready(task, at)
        for (needed, status), some in hopeless.items():
            error = {"type": "Dependency", "message": f"The task {needed}, which it depends on, ended as {status}."}
            await store.end(db, shard, some, TaskStatus.CANCELLED, at, error)
        waiting = [task.id for some in hopeless.values() for task in some]
        cancelled += waiting
    await store.replace(db, shard, ready)
    return [task for task, _ in ready], cancelled


def in_vain(status: str) -> bool:
    """Whether what depends on a task of this status waits in vain."""
    return status in FINAL and status != TaskStatus.SUCCEEDED


def _ready(task: Task, at: int) -> None:
    if task.due_at is not None and task.due_at > at:
        task.status = TaskStatus.SCHEDULED.value
    else:
        task.status, task.queued_at, task.due_at = TaskStatus.QUEUED.value, at, None
    task.changed_at, task.version = at, task.version + 1
