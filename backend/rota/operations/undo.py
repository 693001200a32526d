"""Putting back what an action on many tasks changed: what each task was is kept with the action."""

from collections.abc import Mapping, Sequence

from rota import jsontext
from rota.domain.bulk import UNDOABLE, BulkKind
from rota.domain.errors import Conflict
from rota.domain.states import WAITING, TaskStatus
from rota.operations import tasks as one_task
from rota.operations.dependencies import in_vain
from rota.operations.platform import Platform
from rota.operations.tasks import Effects, Place
from rota.store import bulk as store
from rota.store import tasks
from rota.store.database import Connection
from rota.store.models import BulkAction, BulkMark, Task

# A task's place in line: its priority, deadline, not-before instant, and when it was due.
Before = tuple[int, int | None, int | None, int | None]


def waiting_places(kind: BulkKind, found: Sequence[Task]) -> dict[str, Before]:
    """What is to be kept of locked tasks before an action changes them: of those that wait, where it can be undone."""
    if kind not in UNDOABLE:
        return {}
    return {task.id: _place(task) for task in found if TaskStatus(task.status) in WAITING}


def _place(task: Task) -> Before:
    return task.priority, task.deadline_at, task.run_at, task.due_at


async def keep(
    db: Connection, action: BulkAction, found: Mapping[str, Task], before: dict[str, Before], changed: Sequence[str]
) -> None:
    """Keeps what the changed tasks were, with those that were cancelled because they depended on one of them."""
    if BulkKind(action.kind) not in UNDOABLE:
        return
    marks: list[tuple[str, int, str]] = []
    # Read again: what was cancelled because of another was changed in another row.
    for task in await tasks.get_many(db, list(dict.fromkeys(changed))):
        place = before.get(task.id, None if task.id in found else _place(task))
        if place is not None:
            marks.append((task.id, task.version, jsontext.dumps(place)))
    await store.mark(db, action.id, marks)
    action.marked += len(marks)


async def undo_locked(
    db: Connection, platform: Platform, undone: BulkAction, mark: BulkMark, task: Task, effects: Effects
) -> None:
    """Puts one locked task back. Raises Conflict where it has changed since, or cannot be put back any more."""
    if undone.kind == BulkKind.CANCEL:
        if task.status != TaskStatus.CANCELLED or task.version != mark.version:
            raise Conflict("The task has changed since it was cancelled.", ("id",))
        for needed, status in (await tasks.statuses_of_needs(db, [task.id]))[task.id]:
            if in_vain(status):
                raise Conflict(f"The task {needed}, which it depends on, has ended as {status}.", ("id",))
        await one_task.retry_locked(db, platform, task, effects)
        return
    to = Place(*jsontext.loads(undone.changes))
    now = Place(task.priority, task.deadline_at, task.run_at)
    if any(wanted not in (None, is_now) for wanted, is_now in zip(to, now, strict=True)):
        raise Conflict("The task has been given another place since.", ("id",))
    priority, deadline_at, run_at, due_at = jsontext.loads(mark.before)
    await one_task.restore_locked(db, platform, task, Place(priority, deadline_at, run_at), due_at, effects)
