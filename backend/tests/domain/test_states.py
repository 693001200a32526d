"""The table of moves."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.domain.errors import IllegalMove
from rota.domain.states import (
    ENDING_MOVE,
    FINAL,
    LIVE,
    MOVES,
    WAITING,
    AttemptOutcome,
    Move,
    TaskStatus,
    is_late,
    may,
    moved,
    sources,
)

REVIVALS = {Move.REVIVE, Move.REVIVE_LATER, Move.REVIVE_BLOCKED}


def test_every_status_is_waiting_running_or_final() -> None:
    assert frozenset(TaskStatus) == LIVE | FINAL
    assert not LIVE & FINAL
    assert LIVE - WAITING == {TaskStatus.RUNNING}


@pytest.mark.parametrize(("status", "move"), list(itertools.product(sorted(FINAL), Move)))
def test_what_has_ended_moves_only_by_revival(status: TaskStatus, move: Move) -> None:
    revivable = move in REVIVALS and status is not TaskStatus.SUCCEEDED
    assert may(status, move) == revivable


def test_every_status_can_be_reached_and_left() -> None:
    reached = {TaskStatus.QUEUED, TaskStatus.BLOCKED, TaskStatus.SCHEDULED}  # where a submit may put a task
    for _ in TaskStatus:
        reached |= {target for (source, _), target in MOVES.items() if source in reached}
    assert reached == set(TaskStatus)
    for status in LIVE:
        assert FINAL & {target for (source, _), target in MOVES.items() if source is status}


def test_an_illegal_move_says_what_was_wrong() -> None:
    with pytest.raises(IllegalMove, match="SUCCEEDED cannot start"):
        moved(TaskStatus.SUCCEEDED, Move.START)


def test_each_ending_outcome_ends_a_running_task() -> None:
    assert set(ENDING_MOVE) == set(AttemptOutcome) - {AttemptOutcome.RUNNING, AttemptOutcome.RELEASED}
    for move in ENDING_MOVE.values():
        assert moved(TaskStatus.RUNNING, move) in FINAL


def test_sources_are_the_table_read_backwards() -> None:
    assert sources(Move.CANCEL) == LIVE
    assert sources(Move.SUCCEED) == {TaskStatus.RUNNING}


@pytest.mark.parametrize(
    ("status", "deadline_at", "at", "expected"),
    [
        (TaskStatus.SUCCEEDED, None, 100, False),
        (TaskStatus.SUCCEEDED, 100, 100, False),
        (TaskStatus.SUCCEEDED, 100, 101, True),
        (TaskStatus.CANCELLED, 100, 101, True),
        (TaskStatus.EXPIRED, 100, 100, True),  # on the very millisecond, by a worker's timer
    ],
)
def test_what_ends_after_its_deadline_is_late(
    status: TaskStatus, deadline_at: int | None, at: int, *, expected: bool
) -> None:
    assert is_late(status, deadline_at, at) is expected


@given(st.lists(st.sampled_from(list(Move)), max_size=40))
def test_any_walk_ends_at_most_once_for_each_revival(walk: list[Move]) -> None:
    status, endings, revivals = TaskStatus.QUEUED, 0, 0
    for move in walk:
        if not may(status, move):
            continue
        status = moved(status, move)
        endings += status in FINAL
        revivals += move in REVIVALS
    assert endings - revivals in (0, 1)
    assert (status in FINAL) == (endings == revivals + 1)
