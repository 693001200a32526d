"""The tasks of one submit, all taken or none: what is new of them, by idempotency keys, and whether it may wait for what it needs."""

import asyncio
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass

from rota.domain.errors import Conflict, Invalid, NotFound
from rota.domain.states import FINAL, TaskStatus
from rota.operations.drafts import Draft
from rota.store.models import Task

Keyed = MutableMapping[tuple[str | None, str], Task]


@dataclass(slots=True)
class Group:
    """The drafts of one call, and who waits for them."""

    drafts: list[Draft]
    sees_all: bool
    done: "asyncio.Future[list[Task]]"

    def fail(self, error: Exception) -> None:
        """Raises an error for who waits."""
        if not self.done.done():
            self.done.set_exception(error)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a group is answered, and what is to be inserted for it."""

    answer: list[Task]
    new: list[Draft]
    needs: list[tuple[str, str]]


def decide(group: Group, known: Keyed, needed: Mapping[str, Task]) -> Decision:
    """Decides a group by the tasks that have its keys (new ones are added) and those that it needs. Raises RotaError."""
    decision = Decision([], [], [])
    taken: dict[tuple[str | None, str], Task] = {}
    is_many = len(group.drafts) > 1
    for index, draft in enumerate(group.drafts):
        task, key = draft.task, draft.key
        first = None if key is None else known.get(key) or taken.get(key)
        if first is not None:
            if first.content_hash != task.content_hash:
                message = f"The idempotency key was used for another task, {first.id}, with different content."
                raise Conflict(message, (*((index,) if is_many else ()), "idempotencyKey"))
            decision.answer.append(first)
            continue
        if draft.needs:
            _check_needs(group, draft, needed, (index,) if is_many else ())
            decision.needs.extend((task.id, task_id) for task_id in dict.fromkeys(draft.needs))
            if all(needed[task_id].status == TaskStatus.SUCCEEDED for task_id in draft.needs):
                _unblock(task)
        if key is not None:
            taken[key] = task
        decision.answer.append(task)
        decision.new.append(draft)
    known.update(taken)
    return decision


def _check_needs(group: Group, draft: Draft, needed: Mapping[str, Task], place: tuple[int, ...]) -> None:
    for position, task_id in enumerate(draft.needs):
        found = needed.get(task_id)
        path: tuple[str | int, ...] = (*place, "dependsOn", position)
        if found is None or not (group.sees_all or found.owner_id == draft.task.owner_id):
            raise NotFound(f"There is no task {task_id}.", path)
        if found.status in FINAL and found.status != TaskStatus.SUCCEEDED:
            raise Invalid(f"The task {task_id} ended as {found.status}; what depends on it could never start.", path)


def _unblock(task: Task) -> None:
    """All that it needs has succeeded before it came."""
    task.status = (TaskStatus.SCHEDULED if task.due_at else TaskStatus.QUEUED).value
    task.queued_at = None if task.due_at else task.created_at
