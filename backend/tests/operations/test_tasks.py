"""Cancelling, retrying and rescheduling in every state, by whom it may be done."""

import random
from typing import Any

import pytest

from rota.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from rota.operations import queues, tasks
from rota.store import listing
from rota.store.selection import TaskQuery
from tests.support.broker import ids_of
from tests.support.rota import ADMIN, ALICE, BOB, Rota

STATES = ("QUEUED", "SCHEDULED", "BLOCKED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED")


async def in_state(rota: Rota, state: str) -> str:
    """A task of Alice's that is in this state."""
    if state == "BLOCKED":
        (first,) = await rota.submit(run_at=rota.clock.now_ms() + 3_600_000)
        (task,) = await rota.submit(depends_on=(first.id,))
        return str(task.id)
    soon = rota.clock.now_ms() + 3_600_000
    more: dict[str, Any] = {"SCHEDULED": {"run_at": soon}, "EXPIRED": {"deadline_at": soon}}.get(state, {})
    (task,) = await rota.submit(**more)
    if state == "RUNNING":
        await rota.claim()
    elif state in ("SUCCEEDED", "FAILED"):
        await rota.run(outcome=state)
    elif state == "CANCELLED":
        await tasks.cancel(rota.platform, ALICE, task.id)
    elif state == "EXPIRED":
        await rota.pass_deadlines()
        await rota.broker.sweep(rota.queue)
    await rota.record()
    assert await rota.status(task.id) == state
    return str(task.id)


@pytest.mark.parametrize("state", STATES)
async def test_cancel(rota: Rota, state: str) -> None:
    task_id = await in_state(rota, state)
    if state in ("SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED"):
        with pytest.raises(Conflict, match=f"as {state}"):
            await tasks.cancel(rota.platform, ALICE, task_id)
    else:
        task = await tasks.cancel(rota.platform, ALICE, task_id)
        assert task.status == "CANCELLED"
        stored = await rota.task(task_id)
        assert (stored.status, stored.version, "alice" in stored.error) == ("CANCELLED", task.version, True)
        assert await rota.redis.hexists(rota.key("tasks"), task_id) == 0
        assert await rota.wait_announced(task_id)
    if state == "RUNNING":
        assert await rota.wakes("w1") == [f'{{"cancel":["{task_id}"]}}']
        assert [attempt.outcome for attempt in await rota.attempts(task_id)] == ["CANCELLED"]
    await rota.check_counters()


@pytest.mark.parametrize("state", STATES)
async def test_retry(rota: Rota, state: str) -> None:
    task_id = await in_state(rota, state)
    if state not in ("FAILED", "CANCELLED", "EXPIRED"):
        with pytest.raises(Conflict):
            await tasks.retry(rota.platform, ALICE, task_id)
        assert await rota.status(task_id) == state
        return
    before = await rota.task(task_id)
    task = await tasks.retry(rota.platform, ALICE, task_id)
    assert (task.status, task.used, task.error, task.finished_at) == ("QUEUED", 0, None, None)
    assert (await rota.task(task_id)).version == before.version + 1
    claim = await rota.run()
    assert [(one.id, one.number) for one in claim.tasks] == [(task_id, before.number + 1)]
    assert await rota.status(task_id) == "SUCCEEDED"
    assert await rota.left_over() == {}
    await rota.check_counters()


@pytest.mark.parametrize("state", STATES)
async def test_reschedule(rota: Rota, state: str) -> None:
    task_id = await in_state(rota, state)
    later = rota.clock.now_ms() + 7_200_000
    if state not in ("QUEUED", "SCHEDULED", "BLOCKED"):
        with pytest.raises(Conflict):
            await tasks.reschedule(rota.platform, ALICE, task_id, priority=9)
        return
    task = await tasks.reschedule(rota.platform, ALICE, task_id, priority=9, run_at=later, deadline_at=later + 1)
    assert (task.priority, task.due_at, task.deadline_at) == (9, later, later + 1)
    assert (task.status, task.rank) == ("BLOCKED" if state == "BLOCKED" else "SCHEDULED", later + 1)
    if state != "BLOCKED":
        assert await rota.redis.zscore(rota.key("scheduled"), task_id) == later
        assert await rota.redis.zscore(rota.key("deadlines"), task_id) == later + 1
        task = await tasks.reschedule(rota.platform, ALICE, task_id, run_at=rota.clock.now_ms())
        assert (task.status, task.due_at) == ("QUEUED", None)
        assert await rota.redis.zscore(rota.key("ready"), task_id) == task.rank
    await rota.check_counters()


async def test_a_higher_priority_overtakes(rota: Rota) -> None:
    first, second = await rota.submit(2)
    await tasks.reschedule(rota.platform, ALICE, second.id, priority=6)
    assert ids_of(await rota.claim(2)) == [second.id, first.id]


async def test_the_order_that_is_shown_is_the_one_in_which_workers_take(rota: Rota) -> None:
    """Of priorities, deadlines, equals, what was moved, given back, and backs off no longer."""
    dice = random.Random(7)
    async with rota.platform.database.transaction() as db:
        await db.run("UPDATE functions SET expected_ms = $1 WHERE name = 'multiply'", 90_000)
    rota.platform.catalogue.forget()
    soon = rota.clock.now_ms() + 60_000
    await rota.submit(3, priority=4)  # equals, of one moment
    for _ in range(20):
        late = soon + dice.randint(1, 30) * 3_600_000
        await rota.submit(priority=dice.randint(1, 10), deadline_at=dice.choice([None, soon + 3_600_000, late]))
    moved = await rota.submit(2, priority=1)
    await tasks.reschedule(rota.platform, ALICE, moved[0].id, priority=10)
    await tasks.reschedule(rota.platform, ALICE, moved[1].id, deadline_at=soon)
    claim = await rota.claim(4)
    await rota.settle_one(claim, 0, outcome="RELEASED", due_at=await rota.now(), at=await rota.now())
    await rota.settle_one(claim, 1, outcome="FAILED", due_at=await rota.now() + 60_000, at=await rota.now())
    await rota.make_due()
    await rota.broker.sweep(rota.queue)
    await rota.record()
    async with rota.platform.database.read() as db:
        shown = await listing.page(db, TaskQuery(order="NEXT_TO_RUN"), 100)
    taken = [(await rota.claim()).tasks[0].id for _ in range(len(shown.rows))]
    assert [task.id for task in shown.rows] == taken
    assert len(taken) == 23


async def test_what_is_wrong_in_a_reschedule_is_named(rota: Rota) -> None:
    (task,) = await rota.submit()
    for wrong, path in (({"priority": 0}, "priority"), ({"deadline_at": 1}, "deadline")):
        with pytest.raises(Invalid) as caught:
            await tasks.reschedule(rota.platform, ALICE, task.id, **wrong)
        assert caught.value.path == (path,)
    assert (await rota.task(task.id)).version == 1


async def test_a_new_deadline_must_lie_after_the_start_that_is_set(rota: Rota) -> None:
    due = rota.clock.now_ms() + 3_600_000
    (task,) = await rota.submit(run_at=due)
    for deadline in (due - 1, due):
        with pytest.raises(Invalid, match="after the instant at which the task is to start") as caught:
            await tasks.reschedule(rota.platform, ALICE, task.id, deadline_at=deadline)
        assert caught.value.path == ("deadline",)
    await tasks.reschedule(rota.platform, ALICE, task.id, deadline_at=due - 1, run_at=due - 2)
    moved = await tasks.reschedule(rota.platform, ALICE, task.id, deadline_at=due)
    assert (moved.due_at, moved.deadline_at) == (due - 2, due)


@pytest.mark.parametrize("act", [tasks.cancel, tasks.retry, tasks.reschedule])
async def test_anothers_task_and_none_look_alike(rota: Rota, act: Any) -> None:
    (task,) = await rota.submit(by=ALICE)
    for task_id in (task.id, "task_01h455vb4pex5vsknk084sn02q"):
        with pytest.raises(NotFound):
            await act(rota.platform, BOB, task_id)
    assert await rota.status(task.id) == "QUEUED"
    async with rota.platform.database.read() as db:
        assert await tasks.visible(db, BOB, task.id) is None
        assert await tasks.visible(db, ADMIN, task.id) is not None
    await tasks.cancel(rota.platform, ADMIN, task.id)


async def test_dependants_of_a_cancelled_task_are_cancelled(rota: Rota) -> None:
    (first,) = await rota.submit()
    (second,) = await rota.submit(depends_on=(first.id,))
    (third,) = await rota.submit(depends_on=(second.id,))
    await tasks.cancel(rota.platform, ALICE, first.id)
    assert [await rota.status(task.id) for task in (second, third)] == ["CANCELLED"] * 2
    assert await rota.wait_announced(third.id)
    await rota.check_counters()


async def test_the_late_outcome_of_a_cancelled_run_is_refused_and_kept(rota: Rota) -> None:
    (task,) = await rota.submit()
    claim = await rota.claim()
    await rota.record()
    await tasks.cancel(rota.platform, ALICE, task.id)
    before = await rota.task(task.id)
    assert await rota.settle(claim, result=42) == [False]
    await rota.record()
    after = await rota.task(task.id)
    (attempt,) = await rota.attempts(task.id)
    assert (attempt.outcome, attempt.late_outcome) == ("CANCELLED", "SUCCEEDED")
    assert (after.status, after.error, after.finished_at, after.result) == (
        "CANCELLED",
        before.error,
        before.finished_at,
        None,
    )
    assert after.version == before.version + 1


async def test_a_cancellation_quicker_than_the_record_of_the_start(rota: Rota) -> None:
    (task,) = await rota.submit()
    claim = await rota.claim()  # not recorded yet
    await tasks.cancel(rota.platform, ALICE, task.id)
    await rota.record()
    (attempt,) = await rota.attempts(task.id)
    assert (attempt.number, attempt.outcome, attempt.worker_id) == (1, "CANCELLED", "w1")
    await rota.settle(claim)
    await rota.record()
    assert (await rota.attempts(task.id))[0].late_outcome == "SUCCEEDED"
    assert await rota.status(task.id) == "CANCELLED"


async def test_cancelled_and_retried_before_the_start_was_recorded(rota: Rota) -> None:
    """Both runs have number 1; the later lease counts."""
    (task,) = await rota.submit()
    first = await rota.claim()
    await tasks.cancel(rota.platform, ALICE, task.id)
    await tasks.retry(rota.platform, ALICE, task.id)
    second = await rota.claim(worker="w2")
    assert [one.number for one in (*first.tasks, *second.tasks)] == [1, 1]
    assert await rota.settle(first, outcome="FAILED") == [False]
    assert await rota.settle(second, worker="w2", result=42) == [True]
    await rota.record()
    stored = await rota.task(task.id)
    assert (stored.status, stored.result, stored.worker_id) == ("SUCCEEDED", "42", "w2")
    assert [(one.outcome, one.late_outcome) for one in await rota.attempts(task.id)] == [("SUCCEEDED", None)]
    await rota.check_counters()


async def test_a_queue_is_paused_and_resumed_by_administrators(rota: Rota) -> None:
    with pytest.raises(NotAllowed):
        await queues.set_paused(rota.platform, ALICE, "default", True)
    with pytest.raises(NotFound):
        await queues.set_paused(rota.platform, ADMIN, "nowhere", True)
    assert (await queues.set_paused(rota.platform, ADMIN, "default", True)).is_paused
    await rota.submit()
    assert (await rota.claim()).tasks == []
    assert not (await queues.set_paused(rota.platform, ADMIN, "default", False)).is_paused
    assert len((await rota.claim()).tasks) == 1
