"""What is told at once: a batch of changes, how several become one, and the cursors between them."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rota.broker.changes import Announced
from rota.domain.events import LISTS, MOST_TOLD, Change
from rota.graphql.errors import BadUserInput
from rota.store.models import Task

MOST_TASKS = MOST_TOLD  # in one batch; where more changed, lists are to be read anew

TOLD = tuple(name for name in LISTS if name != "functions")  # nobody watches those

_CURSOR = re.compile(r"[0-9]{1,24}\.[0-9]{1,19}-[0-9]{1,19}")


@dataclass(slots=True, eq=False)
class Batch:
    """What changed, as it is in SQL now. `told` has the cursor of each task's last announcement.

    With `is_reset` too much was missed to tell it all: lists are to be read anew, `tasks` has only what is watched singly.
    """

    cursor: str
    tasks: dict[str, Task] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    workers: bool = False
    queues: bool = False
    is_reset: bool = False
    actions: bool = False
    schedules: bool = False
    entries: bool = False
    users: bool = False
    _made: dict[Any, "asyncio.Future[Any]"] = field(default_factory=dict, init=False)

    async def once(self, key: Any, make: Callable[[], Awaitable[Any]]) -> Any:
        """What `make` gives, made once for this batch and key; all others get the same object."""
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = asyncio.ensure_future(make())
        # Who waits may be cancelled; what is made is for the others too.
        return made.result() if made.done() else await asyncio.shield(made)

    def after(self, cursor: str) -> "Batch | None":
        """What of it comes after a cursor: mostly all of it; None where nothing does."""
        if place(self.cursor) <= place(cursor):
            return None
        if self.is_reset or not any(place(told) <= place(cursor) for told in self.told.values()):
            return self
        left = {task_id: told for task_id, told in self.told.items() if place(told) > place(cursor)}
        rows = {task_id: self.tasks[task_id] for task_id in left if task_id in self.tasks}
        return Batch(self.cursor, rows, left, **lists_of([self]))


def merged(batches: Iterable[Batch], keep: str | None = None) -> Batch:
    """One batch that tells what these tell, with the latest of each task; a reset where that is too much.

    `keep` is a task that is told of even then.
    """
    found = list(batches)
    tasks_now: dict[str, Task] = {}
    told: dict[str, str] = {}
    for batch in found:
        tasks_now.update(batch.tasks)
        told.update(batch.told)
    is_reset = any(batch.is_reset for batch in found) or is_too_much(tasks_now)
    if is_reset:
        tasks_now = {task_id: row for task_id, row in tasks_now.items() if task_id == keep}
        told = {task_id: told[task_id] for task_id in tasks_now if task_id in told}
    return Batch(
        found[-1].cursor,
        tasks_now,
        told,
        is_reset=is_reset,
        **lists_of(found),
    )


def together(announced: Sequence[Announced], later: Sequence[Announced]) -> list[Announced]:
    """These, and of what came later the first that can be told one by one with them: not so many that all is to be read anew."""
    found, told = list(announced), {task_id for entry in announced for task_id in entry.change.task_ids}
    for entry in later:
        told.update(entry.change.task_ids)
        if is_too_much(told) or entry.change.is_reset:
            break
        found.append(entry)
    return found


def is_too_much(tasks: Collection[str]) -> bool:
    """Whether these are too many tasks to tell of one by one."""
    return len(tasks) > MOST_TASKS


def lists_of(found: Sequence[Change | Batch]) -> dict[str, bool]:
    """Which lists any of these tells of, by name."""
    return {name: any(getattr(one, name) for one in found) for name in TOLD}


def check_cursor(text: str) -> str:
    """A cursor that a client sent. Raises BadUserInput where it is none."""
    if not _CURSOR.fullmatch(text):
        raise BadUserInput("after must be a cursor that tasksChanged gave.", ("after",))
    return text


def place(cursor: str) -> tuple[int, int, int]:
    """A cursor as something that sorts: a later epoch of the announcements, then a later entry, is greater."""
    epoch, _, entry = cursor.partition(".")
    ms, _, sequence = entry.partition("-")
    return int(epoch or 0), int(ms or 0), int(sequence or 0)
