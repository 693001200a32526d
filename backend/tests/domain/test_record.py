"""The fold from the journal's events to a task's facts."""

import dataclasses
from typing import Any

import pytest

from rota.domain import record
from rota.domain.record import TaskFacts
from rota.domain.states import AttemptOutcome, TaskStatus


def facts(**values: Any) -> TaskFacts:
    base: dict[str, Any] = dict.fromkeys(
        field.name
        for field in dataclasses.fields(TaskFacts)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    )
    base |= {
        "id": "task_a",
        "queue": "q",
        "priority": 5,
        "status": TaskStatus.QUEUED,
        "number": 0,
        "lease": 0,
        "used": 0,
    }
    base |= {"deaths": 0, "rank": 1, "version": 1, "queued_at": 100}
    return TaskFacts(**(base | values))


def settlement(**values: Any) -> dict[str, Any]:
    return {"id": "task_a", "number": 1, "lease": "7", "outcome": "SUCCEEDED", "at": 150, "used": 1} | values


def test_a_start_and_an_end_are_one_attempt() -> None:
    task = facts()
    record.claimed(task, 1, 7, "w1", 120)
    record.settled(task, settlement(result=42), "w1")
    assert (task.status, task.finished_at, task.result, task.waits, task.runs) == (
        TaskStatus.SUCCEEDED,
        150,
        42,
        (20,),
        (30,),
    )
    assert (task.number, task.lease, task.worker_id, task.started_at) == (1, 7, "w1", 120)
    assert (task.starts, task.attempts) == (1, {}), "its own row tells all of it"
    assert record.counter_deltas([task]) == {("q", "QUEUED", 5): -1, ("q", "SUCCEEDED", 5): 1}


def test_an_end_whose_start_was_never_told_is_its_start_too() -> None:
    task = facts()
    record.settled(task, settlement(), "w1")
    assert task.status is TaskStatus.SUCCEEDED
    assert (task.number, task.worker_id, task.starts) == (1, "w1", 1)


def test_what_was_given_back_unbegun_was_no_attempt() -> None:
    task = facts()
    back = {"outcome": "RELEASED", "used": 0, "begun": False, "due": 150, "rank": 1}
    record.claimed(task, 1, 7, "w1", 120)
    record.settled(task, settlement(**back), "w1")
    assert (task.status, task.number, task.attempts) == (TaskStatus.QUEUED, 0, {})
    assert (task.started_at, task.worker_id) == (None, None)
    # Told once more it is the same; the next start is the first.
    record.claimed(task, 1, 7, "w1", 120)
    record.settled(task, settlement(**back), "w1")
    assert (task.status, task.number) == (TaskStatus.QUEUED, 0)
    record.claimed(task, 1, 9, "w2", 160)
    record.settled(task, settlement(lease="9", at=170), "w2")
    assert (task.status, task.number, task.lease, task.worker_id) == (TaskStatus.SUCCEEDED, 1, 9, "w2")


@pytest.mark.parametrize("ending", [{"outcome": "FAILED"}, {"due": 900, "rank": 1}])
def test_an_attempt_that_its_task_does_not_tell_of_is_kept_apart(ending: dict[str, Any]) -> None:
    task = facts()
    record.claimed(task, 1, 7, "w1", 120)
    record.settled(task, settlement(**ending), "w1")
    kept = record.EndedAttempt(1, 7, "w1", 120, AttemptOutcome(ending.get("outcome", "SUCCEEDED")), 150)
    assert task.attempts == {1: kept}


@pytest.mark.parametrize("is_one_batch", [True, False])
def test_a_success_is_kept_apart_where_the_task_tells_of_another_attempt(is_one_batch: bool) -> None:
    """An older copy of Redis gave out once more what had run."""
    task = facts()
    record.claimed(task, 1, 7, "w1", 120)
    record.settled(task, settlement(), "w1")
    if not is_one_batch:
        told = {"number": 1, "lease": 7, "worker_id": "w1", "started_at": 120, "finished_at": 150}
        task = facts(status=TaskStatus.SUCCEEDED, **told)
    record.claimed(task, 2, 8, "w2", 170)
    assert (task.status, task.number, task.lease, task.worker_id) == (TaskStatus.SUCCEEDED, 2, 8, "w1")
    assert task.attempts == {
        1: record.EndedAttempt(1, 7, "w1", 120, AttemptOutcome.SUCCEEDED, 150),
        2: record.EndedAttempt(2, 8, "w2", 170, AttemptOutcome.CANCELLED, 170),
    }


def test_a_success_is_kept_apart_where_something_else_was_refused_after_it() -> None:
    told = {"number": 1, "lease": 7, "worker_id": "w1", "started_at": 120, "finished_at": 150}
    task = facts(status=TaskStatus.SUCCEEDED, **told)
    record.late(task, settlement())
    assert task.attempts == {}, "told again"
    record.late(task, settlement(outcome="FAILED"))
    assert task.attempts == {1: record.EndedAttempt(1, 7, "w1", 120, AttemptOutcome.SUCCEEDED, 150)}


@pytest.mark.parametrize("token", [(1, 7), (1, 6), (0, 99)])
def test_a_start_that_is_recorded_changes_nothing(token: tuple[int, int]) -> None:
    task = facts(status=TaskStatus.RUNNING, number=1, lease=7)
    record.claimed(task, *token, "w2", 120)
    assert (task.is_changed, task.attempts) == (False, {})


@pytest.mark.parametrize("token", [(1, "8"), (0, "7")])
def test_another_token_is_late(token: tuple[int, str]) -> None:
    task = facts(status=TaskStatus.RUNNING, number=1, lease=7)
    record.settled(task, settlement(number=token[0], lease=token[1]), "w2")
    assert (task.status, task.is_changed) == (TaskStatus.RUNNING, False)
    assert [one.outcome for one in task.late] == ["SUCCEEDED"]


def test_a_death_counts_unless_it_was_anothers() -> None:
    task = facts(status=TaskStatus.RUNNING, number=1, lease=7, deaths=1)
    record.lost(task, 1, 7, record.Death.OF_ANOTHER, 150)
    assert (task.status, task.deaths) == (TaskStatus.QUEUED, 1)
    record.claimed(task, 2, 8, "w2", 160)
    record.lost(task, 2, 8, record.Death.COUNTS, 170)
    assert (task.status, task.deaths) == (TaskStatus.QUEUED, 2)
    record.claimed(task, 3, 9, "w3", 180)
    record.lost(task, 3, 9, record.Death.POISON, 190)
    assert (task.status, task.deaths) == (TaskStatus.FAILED, 3)


def test_a_task_that_was_moved_into_the_future_is_not_made_ready_by_an_old_word() -> None:
    task = facts(status=TaskStatus.SCHEDULED, due_at=500)
    record.promoted(task, 499)
    assert task.status is TaskStatus.SCHEDULED
    record.promoted(task, 500)
    assert (task.status, task.due_at, task.queued_at) == (TaskStatus.QUEUED, None, 500)


def test_what_waits_for_others_cannot_be_started() -> None:
    task = facts(status=TaskStatus.BLOCKED)
    record.claimed(task, 1, 7, "w1", 120)
    assert not task.is_changed


@pytest.mark.parametrize("status", [TaskStatus.CANCELLED, TaskStatus.EXPIRED])
def test_a_start_after_the_end_is_kept_as_an_attempt_and_its_number_counts(status: TaskStatus) -> None:
    task = facts(status=status)
    record.claimed(task, 1, 7, "w1", 120)
    assert (task.status, task.is_changed, task.number, task.lease) == (status, False, 1, 7)
    assert task.attempts[1].outcome.value == status.value


def test_a_task_comes_into_a_lane_and_into_another_and_out_of_it() -> None:
    task = facts(number=1)
    record.assigned(task, 1, "w1", 110)
    assert (task.status, task.worker_id, task.is_changed) == (TaskStatus.ASSIGNED, "w1", True)
    record.assigned(task, 1, "w2", 115)
    assert (task.status, task.worker_id) == (TaskStatus.ASSIGNED, "w2")
    record.unassigned(task, 1)
    assert (task.status, task.worker_id) == (TaskStatus.QUEUED, None)


def test_an_attempt_keeps_when_its_task_came_into_the_lane_that_it_was_taken_from() -> None:
    task = facts()
    record.assigned(task, 0, "w1", 110)
    record.assigned(task, 0, "w2", 115)
    record.claimed(task, 1, 7, "w2", 120)
    record.settled(task, settlement(outcome="FAILED", due=150, rank=9), "w2")
    record.claimed(task, 2, 8, "w3", 160)
    assert (task.attempts[1].assigned_at, task.assigned_at) == (115, None)


def test_who_was_given_back_by_a_lane_was_pulled() -> None:
    task = facts()
    record.assigned(task, 0, "w1", 110)
    record.unassigned(task, 0)
    record.claimed(task, 1, 7, "w1", 120)
    assert task.assigned_at is None


def test_what_ran_since_is_in_no_lane() -> None:
    """The journal is read again: its lane is long behind it."""
    task = facts(number=2)
    record.assigned(task, 1, "w1", 110)
    assert (task.status, task.worker_id, task.is_changed) == (TaskStatus.QUEUED, None, False)
    task = facts(number=2, status=TaskStatus.ASSIGNED, worker_id="w2")
    record.unassigned(task, 1)
    assert (task.status, task.worker_id) == (TaskStatus.ASSIGNED, "w2")


@pytest.mark.parametrize("status", [TaskStatus.RUNNING, TaskStatus.SCHEDULED, TaskStatus.CANCELLED, TaskStatus.BLOCKED])
def test_only_what_is_ready_comes_into_a_lane(status: TaskStatus) -> None:
    task = facts(status=status)
    record.assigned(task, 0, "w1", 110)
    record.unassigned(task, 0)
    assert (task.status, task.is_changed) == (status, False)


def test_another_worker_starts_what_it_stole() -> None:
    task = facts()
    record.assigned(task, 0, "w1", 110)
    record.claimed(task, 1, 7, "w2", 120)
    assert (task.status, task.worker_id, task.waits) == (TaskStatus.RUNNING, "w2", (20,))
    record.unassigned(task, 0)
    assert task.status is TaskStatus.RUNNING
