"""What the journal tells: one kind an entry, in the order in which it happened."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypedDict


class Kind(StrEnum):
    """The kinds of journal entry; docs/architecture.md gives each body's shape."""

    PUSHED = "pushed"
    PROMOTED = "promoted"
    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    CLAIMED = "claimed"
    SETTLED = "settled"
    LATE = "late"
    LOST = "lost"
    EXPIRED = "expired"
    PROGRESS = "progress"
    SAID = "said"


class ErrorBody(TypedDict, total=False):
    """Why an attempt failed, in the words of the function's exception."""

    type: str
    message: str
    traceback: str


class SettlementBody(TypedDict, total=False):
    """How an attempt ended, as a worker sends it and the journal keeps it.

    With `due` (ms since the epoch) and `rank` the task goes on, else this is its ending. `used` counts the attempts
    used up, this one included. `lease` is decimal text.
    """

    id: str
    number: int
    lease: str
    outcome: str
    at: int
    used: int
    result: Any
    exit: int
    error: ErrorBody
    due: int
    rank: int


# What is announced by its noun alone: who shows such a list reads it again.
LISTS = ("workers", "queues", "functions", "actions", "schedules", "entries", "users")
# More tasks than this are not told one by one: who shows them reads everything again.
MOST_TOLD = 500


@dataclass(frozen=True, slots=True)
class Change:
    """What a commit changed, as it is announced: ids of tasks, and whether lists of other nouns are to be read again."""

    task_ids: tuple[str, ...] = ()
    workers: bool = False
    queues: bool = False
    functions: bool = False
    actions: bool = False  # on many tasks
    schedules: bool = False
    entries: bool = False  # of the trail
    users: bool = False

    @property
    def is_reset(self) -> bool:
        """Whether everything is to be read again: both lists, and no task is named."""
        return self.workers and self.queues and not self.task_ids

    def __bool__(self) -> bool:
        return bool(self.task_ids) or any(getattr(self, name) for name in LISTS)


# Where something may have changed of which nobody told, or too much.
RESET = Change(workers=True, queues=True)
