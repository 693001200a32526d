"""The schema's enums: the domain's own where it has them, each value described."""

from enum import Enum, StrEnum

import strawberry

from rota.domain.access import Role
from rota.domain.bulk import BulkKind, BulkStatus
from rota.domain.states import AttemptOutcome, TaskStatus
from rota.domain.strategies import Strategy
from rota.operations.health import PartName, PartState

__all__ = [
    "AttemptOutcome",
    "BulkKind",
    "BulkStatus",
    "DeadlinePolicy",
    "ErrorCode",
    "LogLevel",
    "PartName",
    "PartState",
    "Role",
    "Strategy",
    "TaskOrder",
    "TaskStatus",
    "WaitReason",
    "WorkerKind",
    "WorkerStatus",
]


def _describe(enum: type[Enum], description: str, **values: str) -> None:
    """Enters an enum into the schema. Each value must be described; a new one without words does not start."""
    definition = strawberry.enum(enum, description=description).__strawberry_definition__  # type: ignore[attr-defined]
    for value in definition.values:
        value.description = values.pop(value.name)
    if values:
        raise ValueError(f"{enum.__name__} has no {', '.join(values)}")


_describe(
    Role,
    "What a user is to Rota.",
    CLIENT="Submits tasks and sees its own.",
    WORKER="Does tasks. Alone, it may neither submit nor read tasks.",
    ADMIN="Sees everything, and operates queues and workers.",
)
_describe(
    TaskStatus,
    "Where a task is in its life.",
    BLOCKED="Waits for other tasks to succeed.",
    SCHEDULED="Waits for an instant: not before it, or backing off.",
    QUEUED="Ready, in line.",
    ASSIGNED="In a worker's lane, not started.",
    RUNNING="A worker holds its lease.",
    SUCCEEDED="Ended well; it has a result.",
    FAILED="Ended in failure: no attempt left, or not worth another.",
    CANCELLED="Ended by somebody's wish, or because what it depends on failed.",
    EXPIRED="Ended because its deadline passed.",
)
_describe(
    AttemptOutcome,
    "How an attempt ended.",
    RUNNING="It has not ended.",
    SUCCEEDED="The function returned.",
    FAILED="The function raised.",
    TIMED_OUT="It took longer than the task's timeout.",
    CANCELLED="The task was cancelled under it.",
    EXPIRED="The task's deadline passed under it.",
    LOST="Its worker gave no sign of life within the lease.",
    RELEASED="Its worker gave the task back; it does not count against the allowance.",
)


class WorkerKind(StrEnum):
    """Who a worker is."""

    POOL = "POOL"
    REMOTE = "REMOTE"
    PERSON = "PERSON"


_describe(
    WorkerKind,
    "Who a worker is.",
    POOL="A process that runs Python functions.",
    REMOTE="A program in any language.",
    PERSON="Someone who is signed in to the page.",
)


class WorkerStatus(StrEnum):
    """What a worker is doing."""

    ONLINE = "ONLINE"
    PAUSED = "PAUSED"
    DRAINING = "DRAINING"
    OFFLINE = "OFFLINE"
    LOST = "LOST"


_describe(
    WorkerStatus,
    "What a worker is doing.",
    ONLINE="Takes work.",
    PAUSED="Finishes what it runs and takes nothing new until it is resumed.",
    DRAINING="Finishes what it runs, then ends.",
    OFFLINE="Has ended in order.",
    LOST="Gave no sign of life; its tasks run again elsewhere.",
)


_describe(
    Strategy,
    "How a queue's tasks find their workers.",
    PRIORITY="Workers take the most urgent task themselves.",
    ROUND_ROBIN="Tasks are dealt out in turn.",
    LEAST_LOADED="Tasks go to whoever has the most room.",
)


class DeadlinePolicy(StrEnum):
    """What happens to a running task when its deadline passes."""

    CANCEL = "CANCEL"
    FINISH_LATE = "FINISH_LATE"


_describe(
    DeadlinePolicy,
    "What happens to a running task when its deadline passes.",
    CANCEL="It is cancelled, and ends as EXPIRED.",
    FINISH_LATE="It may finish, and is marked late.",
)


class ErrorCode(StrEnum):
    """What kind of foreseeable failure it was."""

    INVALID = "INVALID"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    FORBIDDEN = "FORBIDDEN"
    UNKNOWN_FUNCTION = "UNKNOWN_FUNCTION"
    TOO_LARGE = "TOO_LARGE"
    STALE_LEASE = "STALE_LEASE"
    QUEUE_PAUSED = "QUEUE_PAUSED"
    RATE_LIMITED = "RATE_LIMITED"


_describe(
    ErrorCode,
    "What kind of foreseeable failure it was.",
    INVALID="An input breaks a rule.",
    NOT_FOUND="Nothing there, or nothing that the viewer may see.",
    CONFLICT="What stands already contradicts it.",
    FORBIDDEN="The viewer may not do this.",
    UNKNOWN_FUNCTION="No worker has ever offered this function.",
    TOO_LARGE="Larger than Rota takes.",
    STALE_LEASE="The worker's right to the task has ended.",
    QUEUE_PAUSED="The queue is paused.",
    RATE_LIMITED="Asked for too often.",
)


class WaitReason(StrEnum):
    """Why a task waits."""

    NOT_BEFORE = "NOT_BEFORE"
    BACKING_OFF = "BACKING_OFF"
    DEPENDENCY = "DEPENDENCY"
    QUEUE_PAUSED = "QUEUE_PAUSED"
    NO_WORKER = "NO_WORKER"
    ALL_BUSY = "ALL_BUSY"
    LIMIT = "LIMIT"
    IN_LANE = "IN_LANE"


_describe(
    WaitReason,
    "Why a task waits.",
    NOT_BEFORE="Its instant has not come.",
    BACKING_OFF="It failed, and its next attempt waits for a while.",
    DEPENDENCY="A task that it depends on has not succeeded yet.",
    QUEUE_PAUSED="Its queue is paused.",
    NO_WORKER="No worker takes from its queue, or none that does has its function.",
    ALL_BUSY="It waits for a free slot.",
    LIMIT="A limit on how much may run at once holds it back.",
    IN_LANE="It is in a worker's lane, behind what that worker runs.",
)


_describe(
    PartName,
    "A part of Rota.",
    API="The api process that answers.",
    DATABASE="The database: what is true.",
    REDIS="Redis: what waits and who holds it.",
    COORDINATOR="The leader that records, promotes, assigns and scales.",
    RECORDER="What brings the events of tasks into the database.",
    WORKERS="Those who do the tasks.",
    LIVE="What tells this process of changes.",
)
_describe(
    PartState,
    "How a part is.",
    OK="As it should be.",
    WARNING="It works, but somebody should look.",
    DOWN="It does not work, or does not answer.",
)


class TaskOrder(StrEnum):
    """The order of a list of tasks."""

    NEWEST_FIRST = "NEWEST_FIRST"
    OLDEST_FIRST = "OLDEST_FIRST"
    NEXT_TO_RUN = "NEXT_TO_RUN"
    DEADLINE = "DEADLINE"


_describe(
    TaskOrder,
    "The order of a list of tasks.",
    NEWEST_FIRST="The newest first.",
    OLDEST_FIRST="The oldest first.",
    NEXT_TO_RUN="By rank, the next to run first; only what waits, or what of the statuses in the filter has not ended.",
    DEADLINE="The nearest deadline first; only tasks that have one.",
)


class LogLevel(StrEnum):
    """How grave a line is."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


_describe(
    LogLevel,
    "How grave a line is that a function said.",
    DEBUG="For who looks for a fault.",
    INFO="What happens.",
    WARNING="Something is not as it should be.",
    ERROR="Something has failed.",
)

_describe(
    BulkKind,
    "What is done to many tasks.",
    CANCEL="They are ended as CANCELLED.",
    RETRY="They run again with a fresh allowance of attempts.",
    DELETE="They are deleted.",
    RESCHEDULE="They get another place in line.",
    RESET="All tasks are deleted, whatever they are doing.",
    UNDO="What an earlier action changed is put back.",
)
_describe(
    BulkStatus,
    "How far an action on many tasks is.",
    RUNNING="Tasks are still to be done.",
    DONE="All are done, or could not be done.",
    STOPPED="It was given up; `stopped` says why.",
)
