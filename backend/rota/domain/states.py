"""The states of a task and of an attempt, and the one table of moves between them.

The same table guards rows (a CHECK, a compare-and-set), draws docs/states.md and is walked by the model test.
"""

from enum import StrEnum

from rota.domain.errors import IllegalMove


class TaskStatus(StrEnum):
    """Where a task is in its life."""

    BLOCKED = "BLOCKED"
    SCHEDULED = "SCHEDULED"
    QUEUED = "QUEUED"
    ASSIGNED = "ASSIGNED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class AttemptOutcome(StrEnum):
    """How an attempt ended; RUNNING while it has not."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    LOST = "LOST"
    RELEASED = "RELEASED"


class Move(StrEnum):
    """What happens to a task."""

    UNBLOCK = "unblock"  # the last task it waits for has succeeded
    DELAY = "delay"  # it waits for an instant
    READY = "ready"  # the instant has come
    ASSIGN = "assign"  # into a worker's lane
    START = "start"  # a worker holds its lease
    SUCCEED = "succeed"
    FAIL = "fail"  # no attempt left, not retryable, or poison
    RETRY_LATER = "retry later"  # backs off
    REQUEUE = "requeue"  # its worker gave it back or vanished, or its lane did
    CANCEL = "cancel"
    EXPIRE = "expire"  # its deadline has passed
    REVIVE = "revive"  # retryTask: a fresh allowance
    REVIVE_LATER = "revive later"  # the same, where its instant has not come
    REVIVE_BLOCKED = "revive blocked"  # the same, where it waits for other tasks


B, S, Q, A, R = (
    TaskStatus.BLOCKED,
    TaskStatus.SCHEDULED,
    TaskStatus.QUEUED,
    TaskStatus.ASSIGNED,
    TaskStatus.RUNNING,
)

WAITING = frozenset({B, S, Q, A})
FINAL = frozenset({TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.CANCELLED, TaskStatus.EXPIRED})
LIVE = WAITING | {R}

MOVES: dict[tuple[TaskStatus, Move], TaskStatus] = {
    (B, Move.UNBLOCK): Q,
    (B, Move.DELAY): S,
    (Q, Move.DELAY): S,
    (S, Move.DELAY): S,
    (S, Move.READY): Q,
    (Q, Move.ASSIGN): A,
    (A, Move.REQUEUE): Q,
    (A, Move.DELAY): S,
    (Q, Move.START): R,
    (A, Move.START): R,
    # The journal may tell of a start before it told that the task became ready: one step of the claim does both.
    (S, Move.START): R,
    (R, Move.SUCCEED): TaskStatus.SUCCEEDED,
    (R, Move.FAIL): TaskStatus.FAILED,
    (R, Move.RETRY_LATER): S,
    (R, Move.REQUEUE): Q,
    **{(status, Move.CANCEL): TaskStatus.CANCELLED for status in LIVE},
    **{(status, Move.EXPIRE): TaskStatus.EXPIRED for status in LIVE},
    **{(status, Move.REVIVE): Q for status in FINAL - {TaskStatus.SUCCEEDED}},
    **{(status, Move.REVIVE_LATER): S for status in FINAL - {TaskStatus.SUCCEEDED}},
    **{(status, Move.REVIVE_BLOCKED): B for status in FINAL - {TaskStatus.SUCCEEDED}},
}

# An attempt's outcome that ends its task, as the move that the task makes.
ENDING_MOVE: dict[AttemptOutcome, Move] = {
    AttemptOutcome.SUCCEEDED: Move.SUCCEED,
    AttemptOutcome.FAILED: Move.FAIL,
    AttemptOutcome.TIMED_OUT: Move.FAIL,
    AttemptOutcome.LOST: Move.FAIL,
    AttemptOutcome.CANCELLED: Move.CANCEL,
    AttemptOutcome.EXPIRED: Move.EXPIRE,
}


def moved(status: TaskStatus, move: Move) -> TaskStatus:
    """The status after a move. Raises IllegalMove where the table has none."""
    try:
        return MOVES[status, move]
    except KeyError:
        raise IllegalMove(f"a task that is {status} cannot {move}") from None


def may(status: TaskStatus, move: Move) -> bool:
    """Whether the table has this move."""
    return (status, move) in MOVES


def sources(move: Move) -> frozenset[TaskStatus]:
    """The statuses from which this move is allowed."""
    return frozenset(status for status, candidate in MOVES if candidate is move)


def is_late(status: TaskStatus, deadline_at: int | None, at: int) -> bool:
    """Whether a task that ends so, at this instant, is late. One that expired is, be it to the very millisecond."""
    return deadline_at is not None and (at > deadline_at or status is TaskStatus.EXPIRED)


def diagram() -> str:
    """The table as a Mermaid state diagram; docs/states.md shows it."""
    arrows: dict[tuple[TaskStatus, TaskStatus], list[str]] = {}
    for (source, move), target in MOVES.items():
        arrows.setdefault((source, target), []).append(move.value)
    order = list(TaskStatus)
    lines = ["stateDiagram-v2"]
    for source, target in sorted(arrows, key=lambda pair: (order.index(pair[0]), order.index(pair[1]))):
        lines.append(f"    {source} --> {target}: {', '.join(arrows[source, target])}")
    return "\n".join(lines)
