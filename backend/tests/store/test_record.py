"""What the recorder leaves out of a statement has not changed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.domain import record as fold
from rota.domain.errors import IllegalMove
from rota.domain.record import TaskFacts
from rota.domain.states import TaskStatus
from rota.store import record

AT = 1_000
Event = tuple[str, int, int, int]


def facts(status: TaskStatus = TaskStatus.QUEUED, number: int = 1, lease: int = 5) -> TaskFacts:
    return TaskFacts(
        id="task_x", queue="q", priority=5, status=status, number=number, lease=lease, used=1, deaths=0, rank=70,
        version=3, worker_id="w0", function="f", deadline_at=None, due_at=None, queued_at=60, assigned_at=62, started_at=65,
        progress=0.5, progress_message="half",
    )  # fmt: skip


def happens(task: TaskFacts, event: Event) -> None:
    kind, number, lease, at = event
    body: dict[str, Any] = {"id": task.id, "number": number, "lease": str(lease), "at": at, "used": 2}
    if kind == "claimed":
        fold.claimed(task, number, lease, f"w{lease}", at)
    elif kind == "SUCCEEDED":
        fold.settled(task, {**body, "outcome": kind, "result": 1, "exit": 0}, "w1")
    elif kind == "FAILED":
        fold.settled(task, {**body, "outcome": kind, "error": {"type": "E", "message": "m"}}, "w1")
    elif kind in ("again", "later"):
        due_at = at + 50 if kind == "later" else at
        fold.settled(task, {**body, "outcome": "FAILED", "due": due_at, "rank": at + 9}, "w1")
    elif kind in ("lost", "poison"):
        fold.lost(task, number, lease, fold.Death.POISON if kind == "poison" else fold.Death.COUNTS, at)
    elif kind == "progress":
        fold.progressed(task, number, lease, 0.7, f"at {at}")
    elif kind == "promoted":
        fold.promoted(task, at)
    elif kind == "assigned":
        fold.assigned(task, number, "w8", at)
    elif kind == "unassigned":
        fold.unassigned(task, number)
    else:
        fold.expired(task, at)


KINDS = (
    "claimed",
    "claimed",
    "SUCCEEDED",
    "FAILED",
    "again",
    "later",
    "lost",
    "poison",
    "progress",
    "promoted",
    "expired",
    "assigned",
    "unassigned",
)
events = st.tuples(st.sampled_from(KINDS), st.integers(1, 3), st.integers(5, 7), st.integers(AT, AT + 200))


@given(st.sampled_from(list(TaskStatus)), st.lists(events, max_size=8))
def test_only_what_has_not_changed_is_left_out(status: TaskStatus, happened: list[Event]) -> None:
    task = facts(status)
    before = dict(zip(record._MOVED, record._moved_row(task, AT), strict=True))
    for event in happened:
        try:
            happens(task, event)
        except IllegalMove:
            continue
    if task.is_changed:
        after = dict(zip(record._MOVED, record._moved_row(task, AT), strict=True))
        left_out = set(record._MOVED) - set(record._shape_of(task).columns)
        assert {name: before[name] for name in left_out} == {name: after[name] for name in left_out}


@pytest.mark.parametrize(
    ("status", "happened", "shape"),
    [
        (TaskStatus.QUEUED, [("claimed", 2, 6, AT)], record._STARTED),
        (TaskStatus.RUNNING, [("progress", 1, 5, AT)], record._STARTED),
        (TaskStatus.RUNNING, [("SUCCEEDED", 1, 5, AT)], record._ENDED),
        (TaskStatus.QUEUED, [("claimed", 2, 6, AT), ("SUCCEEDED", 2, 6, AT)], record._RAN),
        (TaskStatus.RUNNING, [("lost", 1, 5, AT), ("claimed", 2, 6, AT)], record._WHOLE),
    ],
)
def test_common_moves_are_written_narrowly(status: TaskStatus, happened: list[Event], shape: Any) -> None:
    task = facts(status)
    for event in happened:
        happens(task, event)
    assert record._shape_of(task) is shape
