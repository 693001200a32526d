"""What is done to many tasks at once, and to which of them it can be done."""

from enum import StrEnum

from rota.domain.states import FINAL, LIVE, WAITING, Move, TaskStatus, may

MOST_IDS = 1_000
MOST_UNFINISHED = 5  # of one user
MOST_ERRORS = 20  # are kept of an action
RESET_WORDS = "delete all tasks"
KEPT_DAYS = 7  # after it ended


class BulkKind(StrEnum):
    """What is done."""

    CANCEL = "CANCEL"
    RETRY = "RETRY"
    DELETE = "DELETE"
    RESCHEDULE = "RESCHEDULE"
    RESET = "RESET"
    UNDO = "UNDO"


# What was cancelled while it waited can wait again, and what was moved can be moved back; nothing else can be put back.
UNDOABLE = frozenset({BulkKind.CANCEL, BulkKind.RESCHEDULE})


class BulkStatus(StrEnum):
    """How far it is."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    STOPPED = "STOPPED"


# A filter takes only tasks to which it can be done: nobody means by "retry all of this queue" what is running.
ABLE: dict[BulkKind, frozenset[TaskStatus]] = {
    BulkKind.CANCEL: LIVE,
    BulkKind.RETRY: frozenset(status for status in TaskStatus if may(status, Move.REVIVE)),
    BulkKind.DELETE: FINAL,
    BulkKind.RESCHEDULE: WAITING,
    BulkKind.RESET: frozenset(TaskStatus),
}
