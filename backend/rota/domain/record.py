"""What the journal's events make of a task: the pure fold from known facts to new ones.

Events may come twice (a position that was not stored) or too late (a task that was cancelled meanwhile); applied
twice is applied once, and what has ended does not move.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from rota.domain.lines import Lines, Said, bounded, checked_level
from rota.domain.states import ENDING_MOVE, FINAL, WAITING, AttemptOutcome, Move, TaskStatus, is_late, may, moved

MAX_PROGRESS_MESSAGE = 500  # characters

POISON_ERROR = {
    "type": "Poison",
    "message": "Its worker died under it three times; it is not tried again.",
}
# Ended by others than a worker, perhaps before its start was recorded.
_STOPPED = frozenset({TaskStatus.CANCELLED, TaskStatus.EXPIRED})
_OUTCOMES = {outcome.value: outcome for outcome in AttemptOutcome}
EXPIRED_ERROR = {"type": "Expired", "message": "Its deadline passed before it was started."}


@dataclass(slots=True)
class EndedAttempt:
    """An attempt that ended otherwise than well. Of one that runs, or that succeeded, its task tells all."""

    number: int
    lease: int
    worker_id: str
    started_at: int
    outcome: AttemptOutcome
    finished_at: int
    error: dict[str, Any] | None = None
    # When it came into the lane from which it was taken; None where a worker pulled it.
    assigned_at: int | None = None


@dataclass(frozen=True, slots=True)
class LateOutcome:
    """What was refused because its lease had ended."""

    number: int
    lease: int
    outcome: str


@dataclass(slots=True)
class TaskFacts:
    """What SQL knows of a task, and what the events made of it."""

    id: str
    queue: str
    priority: int
    status: TaskStatus
    number: int
    lease: int
    used: int
    deaths: int
    rank: int
    version: int
    worker_id: str | None
    function: str | None
    deadline_at: int | None
    due_at: int | None
    queued_at: int | None
    # When it came into the lane that it is in, or that its last attempt was taken from.
    assigned_at: int | None
    started_at: int | None
    progress: float | None
    progress_message: str | None
    finished_at: int | None = None
    exit_code: int | None = None
    is_late: bool = False
    result: Any = None
    has_result: bool = False
    error: dict[str, Any] | None = None
    # What changed: nothing is written where both stay empty.
    was: TaskStatus = TaskStatus.QUEUED
    place_was: tuple[Any, ...] = ()
    run_was: tuple[Any, ...] = ()
    is_changed: bool = False
    attempts: dict[int, EndedAttempt] = field(default_factory=dict)
    late: tuple[LateOutcome, ...] = ()
    lines: tuple[Lines, ...] = ()
    # For the clocks on the dashboard: ms waited before each start, ms run by each attempt that succeeded.
    waits: tuple[int, ...] = ()
    runs: tuple[int, ...] = ()
    starts: int = 0

    def __post_init__(self) -> None:
        self.was = self.status
        self.place_was = (self.deaths, self.rank, self.queued_at)
        self.run_was = self._run

    @property
    def is_final(self) -> bool:
        return self.status in FINAL

    @property
    def kept_place(self) -> bool:
        """Whether deaths, rank and queued_at are what SQL has."""
        return (self.deaths, self.rank, self.queued_at) == self.place_was

    @property
    def kept_run(self) -> bool:
        """Whether number, lease, worker, assignment, start and the last word on progress are what SQL has."""
        return self._run == self.run_was

    @property
    def _run(self) -> tuple[Any, ...]:
        return (self.number, self.lease, self.worker_id, self.assigned_at, self.started_at, self.progress_message)

    def holds(self, number: int, lease: int) -> bool:
        """Whether this token is the one that runs it."""
        return self.status is TaskStatus.RUNNING and self.number == number and self.lease == lease

    def move(self, move: Move) -> None:
        """Makes a move of the table. Raises IllegalMove."""
        self.status = moved(self.status, move)
        self.is_changed = True


def promoted(task: TaskFacts, at: int) -> None:
    """Its instant has come. One that was moved into the future since then waits on."""
    if task.status is TaskStatus.SCHEDULED and (task.due_at or 0) <= at:
        task.move(Move.READY)
        task.queued_at, task.due_at = at, None


def assigned(task: TaskFacts, number: int, worker: str, at: int) -> None:
    """It is in a worker's lane, or in another's than before. `number`: how often it had run by then."""
    if task.number != number or task.status not in (TaskStatus.QUEUED, TaskStatus.ASSIGNED):
        return
    if task.status is TaskStatus.QUEUED:
        task.move(Move.ASSIGN)
    task.worker_id, task.assigned_at, task.is_changed = worker, at, True


def unassigned(task: TaskFacts, number: int) -> None:
    """Its lane gave it back unstarted."""
    if task.number == number and task.status is TaskStatus.ASSIGNED:
        task.move(Move.REQUEUE)
        task.worker_id = None


def claimed(task: TaskFacts, number: int, lease: int, worker: str, at: int) -> None:
    """A worker holds its lease. What was recorded already changes nothing; what came after the ending is kept as an attempt.

    Of one number the later lease counts: after a cancellation that was quicker than the record of a start, the
    task's next run has the same number again.
    """
    if (number, lease) <= (task.number, task.lease):
        return
    status = task.status
    if status in FINAL:
        # Of the same number, an older copy of Redis gave out once more what had run: that attempt stays as it ended.
        if number > task.number or status in _STOPPED:
            _start_in_vain(task, number, lease, worker, at)
        return
    if status is TaskStatus.RUNNING:  # its loss was never told: Redis was emptied in between
        _close(task, AttemptOutcome.LOST, at, None)
        task.move(Move.REQUEUE)
    if not may(task.status, Move.START):
        return
    if task.status is not TaskStatus.ASSIGNED:
        task.assigned_at = None
    task.waits += (max(at - (task.queued_at or at), 0),)
    task.move(Move.START)
    task.number, task.lease, task.worker_id = number, lease, worker
    task.started_at, task.due_at = at, None
    task.progress = task.progress_message = None
    task.starts += 1


def settled(task: TaskFacts, body: dict[str, Any], worker: str) -> None:
    """An attempt ended: the task ends too, or goes on where the settlement says when."""
    number, lease, at = body["number"], int(body["lease"]), body["at"]
    if number > task.number and task.status not in FINAL:  # its start was never told
        claimed(task, number, lease, worker, at)
    if not task.holds(number, lease):
        late(task, body)
        return
    if body.get("begun") is False:
        _come_back(task, body["due"], body["rank"], at)
        return
    outcome = _OUTCOMES[body["outcome"]]
    error = body.get("error")
    if outcome is AttemptOutcome.SUCCEEDED:
        task.runs += (max(at - (task.started_at or at), 0),)
    if outcome is not AttemptOutcome.SUCCEEDED or "due" in body:
        _close(task, outcome, at, error)
    task.used = body["used"]
    if "due" in body:
        _go_on(task, body["due"], body["rank"], at)
    else:
        _end(task, ENDING_MOVE[outcome], at, error)
        task.exit_code = body.get("exit")
        if "result" in body:
            task.result, task.has_result = body["result"], True


def late(task: TaskFacts, body: dict[str, Any]) -> None:
    """An outcome that came with an old lease: refused, and kept with its attempt where it is of that lease."""
    number, lease, outcome = body["number"], int(body["lease"]), _OUTCOMES[body["outcome"]]
    if outcome is not AttemptOutcome.SUCCEEDED and (number, lease) == (task.number, task.lease):
        _keep_success(task)
    task.late += (LateOutcome(number, lease, outcome.value),)


class Death(IntEnum):
    """What it means for a task that its worker vanished; the values are the journal's."""

    COUNTS = 0
    POISON = 1  # once too often
    OF_ANOTHER = 2  # it had not begun: it waited to run alone


def lost(task: TaskFacts, number: int, lease: int, death: Death, at: int) -> None:
    """Its worker vanished under it."""
    if not task.holds(number, lease):
        return
    task.deaths += death != Death.OF_ANOTHER
    _close(task, AttemptOutcome.LOST, at, None)
    if death == Death.POISON:
        _end(task, Move.FAIL, at, POISON_ERROR)
    else:
        task.move(Move.REQUEUE)
        task.queued_at = at


def expired(task: TaskFacts, at: int) -> None:
    """Its deadline passed while it waited. One that was given a later deadline since then, or none, waits on."""
    if task.status in WAITING and task.deadline_at is not None and task.deadline_at <= at:
        _end(task, Move.EXPIRE, at, EXPIRED_ERROR)


def progressed(task: TaskFacts, number: int, lease: int, progress: float | None, message: str | None) -> None:
    """A running attempt told how far it is."""
    if not task.holds(number, lease):
        return
    if progress is not None:
        task.progress = min(max(float(progress), 0.0), 1.0)
    if message is not None:
        # PostgreSQL's texts know no NUL.
        task.progress_message = message.replace("\0", "")[:MAX_PROGRESS_MESSAGE]
    task.is_changed = True


def said(task: TaskFacts, number: int, lease: int, first: int, lines: Sequence[Sequence[Any]], left_out: int) -> None:
    """An attempt said something. What it says when it does not hold the task any more is kept, and marked as late."""
    kept = tuple(Said(int(at), checked_level(level), bounded(message)) for at, level, message in lines)
    task.lines += (Lines(number, lease, first, kept, int(left_out), is_late=not task.holds(number, lease)),)


def counter_deltas(tasks: Sequence[TaskFacts]) -> dict[tuple[str, str, int], int]:
    """What the moves add to the counts by queue, status and priority; nothing where they cancel out."""
    moves = Counter([(task.queue, task.was, task.status, task.priority) for task in tasks])
    deltas: Counter[tuple[str, str, int]] = Counter()
    for (queue, was, status, priority), amount in moves.items():
        deltas[queue, was.value, priority] -= amount
        deltas[queue, status.value, priority] += amount
    return {key: amount for key, amount in deltas.items() if amount}


def _start_in_vain(task: TaskFacts, number: int, lease: int, worker: str, at: int) -> None:
    """It was started after it had ended: cancelled, say, before its start was recorded. Numbers go on from here."""
    outcome = AttemptOutcome.EXPIRED if task.status is TaskStatus.EXPIRED else AttemptOutcome.CANCELLED
    _keep_success(task)
    task.number, task.lease = number, lease
    task.starts += 1
    task.attempts[number] = EndedAttempt(number, lease, worker, at, outcome, at)


def _come_back(task: TaskFacts, due_at: int, rank: int, at: int) -> None:
    """Its worker gave it back without having begun it: that was no attempt, and the next one has this one's number."""
    task.number -= 1
    if task.number == 0:
        task.started_at = task.worker_id = None
    _go_on(task, due_at, rank, at)


def _go_on(task: TaskFacts, due_at: int, rank: int, at: int) -> None:
    task.rank = rank
    if due_at > at:
        task.move(Move.RETRY_LATER)
        task.due_at = due_at
    else:
        task.move(Move.REQUEUE)
        task.queued_at = at


def _end(task: TaskFacts, move: Move, at: int, error: dict[str, Any] | None) -> None:
    task.move(move)
    task.finished_at, task.error, task.due_at = at, error, None
    task.is_late = is_late(task.status, task.deadline_at, at)
    if task.status is TaskStatus.SUCCEEDED:
        task.progress = None if task.progress is None else 1.0


def _keep_success(task: TaskFacts) -> None:
    """Makes the attempt of a task that succeeded one of those that are kept apart: the task is about to tell of another."""
    if task.status is TaskStatus.SUCCEEDED and task.number not in task.attempts:
        _close(task, AttemptOutcome.SUCCEEDED, task.finished_at or 0, task.error)


def _close(task: TaskFacts, outcome: AttemptOutcome, at: int, error: dict[str, Any] | None) -> None:
    started_at = task.started_at or at
    task.attempts[task.number] = EndedAttempt(
        task.number, task.lease, task.worker_id or "", started_at, outcome, at, error, task.assigned_at
    )
