"""From the journal into SQL: once, in order, with the position, and fenced."""

import asyncio
from typing import Any

import pytest
import structlog.testing

from rota import jsontext
from rota.coordinator import recorder as module
from rota.coordinator.reconciler import Reconciler
from rota.coordinator.recorder import Recorder
from rota.operations import tasks as operations
from rota.operations.pushes import push_of
from rota.store import record
from rota.store.models import Task
from rota.store.record import PositionMoved
from rota.wiring import running
from tests.support.broker import ids_of, settlement, until
from tests.support.rota import ALICE, Rota


async def snapshot(rota: Rota) -> list[dict[str, Any]]:
    """All that the recorder writes but the instants at which it did."""
    async with rota.platform.database.read() as db:
        tasks = await db.rows("SELECT * FROM tasks ORDER BY id")
        rows = await db.rows("SELECT * FROM attempts ORDER BY id")
        counts = await db.rows("SELECT * FROM counters WHERE amount <> 0 ORDER BY id")
    return [*tasks, *rows, *counts]


async def stored(rota: Rota) -> dict[str, str]:
    async with rota.platform.database.read() as db:
        return await record.positions(db)


async def test_a_task_is_recorded_step_by_step(rota: Rota) -> None:
    (task,) = await rota.submit()
    claim = await rota.claim()
    await rota.record()
    running = await rota.task(task.id)
    assert (running.status, running.number, running.lease, running.worker_id, running.started_at) == (
        "RUNNING", 1, claim.lease, "w1", claim.at,
    )  # fmt: skip
    (attempt,) = await rota.attempts(task.id)
    assert (attempt.outcome, attempt.lease, attempt.finished_at) == ("RUNNING", claim.lease, None)
    await rota.settle(claim, result={"n": 12345678901234567890123}, at=claim.at + 7, exit=0)
    await rota.record()
    done = await rota.task(task.id)
    assert (done.status, done.finished_at, done.result, done.exit_code, done.used) == (
        "SUCCEEDED", claim.at + 7, '{"n":12345678901234567890123}', 0, 1,
    )  # fmt: skip
    assert done.version == running.version + 1
    (attempt,) = await rota.attempts(task.id)
    assert (attempt.outcome, attempt.finished_at) == ("SUCCEEDED", claim.at + 7)
    assert await rota.redis.xlen(rota.key("journal")) == 0
    await rota.check_counters()


async def test_what_the_database_does_not_take_of_one_task_holds_up_no_other(rota: Rota) -> None:
    odd, fine, last = await rota.submit(3)
    (need,) = await rota.submit(depends_on=(odd.id, fine.id))
    claim = await rota.claim(5)
    settlements = [
        settlement(claim.tasks[0], claim.lease, "FAILED", due_at=10**20),
        settlement(claim.tasks[1], claim.lease, result=1),
    ]
    await rota.broker.settle(rota.queue, "w1", "both", settlements)
    with structlog.testing.capture_logs() as logs:
        await rota.record()
    assert [(line["event"], line["task_id"]) for line in logs if line["log_level"] == "error"] == [
        ("what is told of a task cannot be kept", odd.id)
    ]
    ended = await rota.task(odd.id)
    assert (ended.status, jsontext.loads(ended.error or "")["type"]) == ("FAILED", "Unkept")
    assert [await rota.status(task.id) for task in (fine, last, need)] == ["SUCCEEDED", "RUNNING", "CANCELLED"]
    await rota.settle_one(claim, 2)
    await rota.record()
    assert await rota.status(last.id) == "SUCCEEDED"
    assert await rota.redis.xlen(rota.key("journal")) == 0
    await rota.check_counters()


async def test_a_failure_goes_on_and_the_last_one_ends(rota: Rota) -> None:
    (task,) = await rota.submit()
    error = {"type": "ValueError", "message": "no\0pe"}
    due_at = await rota.now() + 60_000
    await rota.run(outcome="FAILED", error=error, due_at=due_at, at=await rota.now())
    waiting = await rota.task(task.id)
    assert (waiting.status, waiting.due_at, waiting.used, waiting.error) == ("SCHEDULED", due_at, 1, None)
    await rota.make_due()
    await rota.broker.sweep(rota.queue)
    await rota.record()
    assert (
        await rota.status(task.id) == "SCHEDULED"
    )  # by SQL's instant it is not due yet: only the test set Redis' back
    await rota.run(outcome="TIMED_OUT", error=error)
    failed = await rota.task(task.id)
    assert (failed.status, failed.used, "ValueError" in failed.error) == ("FAILED", 2, True)
    assert [(one.number, one.outcome) for one in await rota.attempts(task.id)] == [(1, "FAILED"), (2, "TIMED_OUT")]
    await rota.check_counters()


async def test_a_due_task_is_ready_when_the_journal_says_so(rota: Rota) -> None:
    due_at = await rota.now() + 300
    (task,) = await rota.submit(run_at=due_at)
    assert task.status == "SCHEDULED"

    async def is_promoted() -> bool:
        return (await rota.broker.sweep(rota.queue)).promoted == 1

    await until(is_promoted, "the instant")
    await rota.record()
    ready = await rota.task(task.id)
    assert (ready.status, ready.due_at) == ("QUEUED", None)
    assert ready.queued_at is not None
    assert ready.queued_at >= due_at
    await rota.check_counters()


async def test_a_lost_run_waits_again_and_its_late_outcome_changes_nothing(rota: Rota) -> None:
    (task,) = await rota.submit()
    first = await rota.claim()
    await rota.end_leases()
    await rota.broker.sweep(rota.queue)
    await rota.record()
    lost = await rota.task(task.id)
    assert (lost.status, lost.deaths, lost.used) == ("QUEUED", 1, 0)
    second = await rota.claim(worker="w2")
    await rota.record()
    assert await rota.settle(first, result="late") == [False]
    await rota.record()
    running = await rota.task(task.id)
    assert (running.status, running.number, running.lease, running.result) == ("RUNNING", 2, second.lease, None)
    await rota.settle(second, worker="w2", result="right")
    await rota.record()
    assert (await rota.task(task.id)).result == '"right"'
    assert [(one.outcome, one.late_outcome) for one in await rota.attempts(task.id)] == [
        ("LOST", "SUCCEEDED"),
        ("SUCCEEDED", None),
    ]
    await rota.check_counters()


async def test_an_outcome_that_redis_let_pass_is_fenced_in_sql_too(rota: Rota) -> None:
    """As if settle had no fence: the recorder checks the token again."""
    (task,) = await rota.submit()
    first = await rota.claim()
    await rota.end_leases()
    await rota.broker.sweep(rota.queue)
    second = await rota.claim(worker="w2")
    await rota.record()
    forged = f'[{{"id":"{task.id}","number":1,"lease":"{first.lease}","outcome":"SUCCEEDED","at":9,"used":1,"result":"old"}}]'
    stale = forged.replace('"number":1', '"number":2')
    for body in (forged, stale):
        await rota.redis.xadd(rota.key("journal"), {"k": "settled", "at": 1, "w": "w1", "l": 0, "b": body})
    await rota.record()
    running = await rota.task(task.id)
    assert (running.status, running.lease, running.result) == ("RUNNING", second.lease, None)
    await rota.settle(second, worker="w2", result="right")
    await rota.record()
    before = await snapshot(rota)
    await rota.redis.xadd(rota.key("journal"), {"k": "settled", "at": 1, "w": "w1", "l": 0, "b": forged})
    await rota.record()
    assert await snapshot(rota) == before
    assert (await rota.task(task.id)).result == '"right"'


@pytest.mark.parametrize("outcome", ["SUCCEEDED", "FAILED"])
async def test_what_an_older_copy_of_redis_runs_once_more_changes_nothing(rota: Rota, outcome: str) -> None:
    """The copy does not know that it ever ran: its second run has the number of the first, and a later lease."""
    (task,) = await rota.submit()
    await rota.run(outcome=outcome)
    before = await snapshot(rota)
    await rota.push(push_of(task, None, None))
    again = await rota.claim(worker="w2")
    assert [one.number for one in again.tasks] == [1]
    await rota.settle(again, worker="w2", result="another")
    await rota.record()
    assert await snapshot(rota) == before


async def test_three_deaths_end_a_task_as_failed(rota: Rota) -> None:
    (task,) = await rota.submit()
    for _ in range(3):
        await rota.begin(await rota.claim())
        await rota.end_leases()
        await rota.broker.sweep(rota.queue)
        await rota.record()
    failed = await rota.task(task.id)
    assert (failed.status, failed.deaths) == ("FAILED", 3)
    assert "Poison" in failed.error
    assert [one.outcome for one in await rota.attempts(task.id)] == ["LOST"] * 3
    await rota.check_counters()


async def test_a_deadline_that_passed_is_recorded(rota: Rota) -> None:
    (task,) = await rota.submit(deadline_at=rota.clock.now_ms() + 60_000)
    await rota.pass_deadlines()
    await rota.broker.sweep(rota.queue)
    await rota.record()
    expired = await rota.task(task.id)
    assert (expired.status, expired.started_at) == ("EXPIRED", None)
    assert await rota.attempts(task.id) == []


@pytest.mark.parametrize("way", ["retried", "rescheduled"])
async def test_what_was_given_another_deadline_before_its_end_was_recorded_does_not_expire(
    rota: Rota, way: str
) -> None:
    now = rota.clock.now_ms()
    (task,) = await rota.submit(deadline_at=now + 60_000)
    await rota.pass_deadlines()
    await rota.broker.sweep(rota.queue)
    if way == "retried":
        await operations.cancel(rota.platform, ALICE, task.id)
        await operations.retry(rota.platform, ALICE, task.id)
    else:
        await operations.reschedule(rota.platform, ALICE, task.id, deadline_at=now + 600_000)
    await rota.record()
    assert await rota.status(task.id) == "QUEUED"
    # Redis had let go of it: what is rescheduled then is put into line by the next look at what is missing.
    reconciler = Reconciler(rota.platform, rota.recorder)
    (queue,) = await reconciler._queues()
    assert await reconciler.push_missing(queue, 0) == (way == "rescheduled")
    assert ids_of(await rota.claim()) == [task.id]


async def test_progress_is_kept_and_a_later_word_does_not_wipe_it(rota: Rota) -> None:
    (task,) = await rota.submit()
    claim = await rota.claim()
    token = [task.id, 1, claim.lease]
    await rota.broker.progress(rota.queue, "w1", [[*token, 0.4, "a\0b" + "x" * 600]])
    await rota.record()
    await rota.broker.progress(rota.queue, "w1", [[*token, None, "on it"]])
    await rota.record()
    await rota.broker.progress(rota.queue, "w1", [[*token, 7.0, None], [task.id, 1, claim.lease - 1, 0.1, "stale"]])
    await rota.record()
    running = await rota.task(task.id)
    assert (running.progress, running.progress_message) == (1.0, "on it")
    await rota.broker.progress(rota.queue, "w1", [[*token, 0.4, "a\0b" + "x" * 600]])
    await rota.record()
    assert len((await rota.task(task.id)).progress_message or "") == 500


async def test_applied_twice_is_applied_once(rota: Rota) -> None:
    """Every kind of event, then the whole journal again as if no position had been kept."""
    first, second, third, fourth = await rota.submit(4, deadline_at=rota.clock.now_ms() + 600_000)
    copy: list[tuple[Any, Any]] = []

    async def keep() -> None:
        copy.extend(await rota.redis.xrange(rota.key("journal")))
        await rota.record()

    claim = await rota.claim(3)
    assert ids_of(claim) == [first.id, second.id, third.id]
    await rota.broker.progress(rota.queue, "w1", [[first.id, 1, claim.lease, 0.5, "half"]])
    await keep()
    assert await rota.settle_one(claim, 0, result=1)
    assert await rota.settle_one(claim, 1, outcome="FAILED", due_at=await rota.now() + 60_000, at=await rota.now())
    await rota.end_leases(third.id)
    await rota.broker.sweep(rota.queue)
    assert not await rota.settle_one(claim, 2, result=3)
    await rota.pass_deadlines()
    await rota.broker.sweep(rota.queue)
    await keep()
    assert await rota.status(fourth.id) == "EXPIRED"
    before = await snapshot(rota)
    for _, fields in copy:
        await rota.redis.xadd(rota.key("journal"), fields)
    await rota.record()
    assert await snapshot(rota) == before
    await rota.check_counters()


async def test_the_position_moves_with_the_rows_or_not_at_all(rota: Rota, monkeypatch: pytest.MonkeyPatch) -> None:
    (task,) = await rota.submit()
    await rota.record()
    await rota.claim()
    before = await snapshot(rota)
    async with rota.platform.database.read() as db:
        position = await record.positions(db)

    async def crash(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(record, "learn", crash)
        with pytest.raises(RuntimeError):
            await rota.record()
    assert await snapshot(rota) == before
    async with rota.platform.database.read() as db:
        assert await record.positions(db) == position
    await rota.record()
    assert await rota.status(task.id) == "RUNNING"
    async with rota.platform.database.read() as db:
        assert await record.positions(db) != position


async def test_of_two_recorders_one_records(rota: Rota) -> None:
    await rota.submit(20)
    await rota.record()
    await rota.recorder.store_positions()
    other = Recorder(rota.platform)
    await other.begin()
    await rota.claim(20)
    (batch,) = await rota.journal.read(other._positions, 1, 200)
    results = await asyncio.gather(rota.recorder._record(batch), other._record(batch), return_exceptions=True)
    assert [type(result) for result in results if result] == [PositionMoved]
    assert {task["version"] for task in await rota.all_tasks()} == {2}
    await rota.check_counters()


async def test_the_first_position_is_taken_by_one(rota: Rota) -> None:
    await rota.submit()
    await rota.claim()
    (batch,) = await rota.journal.read({rota.queue: ""}, 1, 200)
    recorders = [Recorder(rota.platform) for _ in range(2)]
    results = await asyncio.gather(*(one._record(batch) for one in recorders), return_exceptions=True)
    assert [type(result) for result in results if result] == [PositionMoved]


class Statements:
    """Counts the write transactions of a database."""

    def __init__(self, rota: Rota, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun = 0
        transaction = rota.platform.database.transaction

        def begin() -> Any:
            self.begun += 1
            return transaction()

        monkeypatch.setattr(rota.platform.database, "transaction", begin)


async def tell_pushed(rota: Rota, task: Task, at: int = 0, due: int = 0) -> None:
    """Journals that a task was pushed; `due` -1: its instant had passed."""
    body = f'[["{task.id}",{due}]]'
    await rota.redis.xadd(rota.key("journal"), {"k": "pushed", "at": at, "w": "", "l": 0, "b": body})


async def test_what_was_only_pushed_needs_no_transaction_and_is_told_of_once(
    rota: Rota, monkeypatch: pytest.MonkeyPatch
) -> None:
    (first,) = await rota.submit()
    (later,) = await rota.submit(run_at=rota.clock.now_ms() + 600_000)
    missing = await rota.broker.missing(rota.queue, [])
    writes = Statements(rota, monkeypatch)
    await rota.record()
    assert writes.begun == 0
    (second,) = await rota.submit()
    await tell_pushed(rota, second)
    end = await rota.broker.missing(rota.queue, [])
    writes.begun = 0
    await rota.record()
    assert writes.begun == 0
    assert [await rota.wait_announced(task.id) for task in (first, later, second)] == [True] * 3
    (last,) = await rota.submit()
    await rota.wait_announced(last.id)
    # Who pushed it told of it: whoever follows the announcements hears of each once.
    assert await rota.announced() == [first.id, later.id, second.id, last.id]
    # All of it is in SQL: who waits for that goes on, though the position is not stored yet.
    await asyncio.wait_for(rota.recorder.passed(rota.queue, end.epoch, end.journal_id), 5)
    assert missing.epoch == end.epoch
    assert await stored(rota) != rota.recorder._positions
    assert await rota.redis.xlen(rota.key("journal")) == 3, "only what is stored is trimmed"
    await rota.recorder.store_positions()
    assert await stored(rota) == rota.recorder._positions
    assert await rota.redis.xlen(rota.key("journal")) == 0
    writes.begun = 0
    await rota.recorder.store_positions()
    assert writes.begun == 0


async def test_of_one_batch_what_was_read_after_the_last_write_is_kept(
    rota: Rota, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trim comes with the write; it must not take along what the same batch only announced after it."""
    monkeypatch.setattr(module, "EVENTS_AT_ONCE", 1)
    await rota.submit()
    await rota.claim()
    (task,) = await rota.submit()
    await tell_pushed(rota, task)
    await rota.record()
    journal = await rota.redis.xrange(rota.key("journal"))
    assert [fields[b"k"] for _, fields in journal] == [b"pushed"], "what is not stored is not trimmed"
    follower = Recorder(rota.platform)
    await follower.begin()
    (batch,) = await rota.journal.read(follower._positions, 1, 200)
    assert [task.id in str(entry.body) for entry in batch.entries] == [True]


async def test_a_push_that_made_a_task_ready_sooner_is_recorded(rota: Rota) -> None:
    (task,) = await rota.submit(run_at=rota.clock.now_ms() + 600_000)
    await rota.record()
    await tell_pushed(rota, task, rota.clock.now_ms() + 700_000, due=-1)
    await rota.record()
    assert await rota.status(task.id) == "QUEUED"
    await rota.check_counters()


async def test_who_follows_reads_what_was_read_and_not_stored(rota: Rota) -> None:
    await rota.submit()
    await rota.run()
    (task,) = await rota.submit()
    await tell_pushed(rota, task)
    await rota.record()
    claim = await rota.claim()
    follower = Recorder(rota.platform)
    await follower.begin()
    (batch,) = await rota.journal.read(follower._positions, 1, 200)
    assert [entry.kind for entry in batch.entries] == ["pushed", "claimed"]
    await follower._record(batch)
    assert (await rota.task(task.id)).lease == claim.lease
    # The one before did not store how far it had read: it is fenced like any other.
    await rota.settle(claim)
    with pytest.raises(PositionMoved):
        await rota.record()
    (late,) = await rota.submit()
    rota.recorder._positions = {rota.queue: follower._positions[rota.queue]}
    with pytest.raises(PositionMoved):
        await rota.recorder.store_positions()
    rota.recorder = follower
    await rota.record()
    assert [await rota.status(one.id) for one in (task, late)] == ["SUCCEEDED", "QUEUED"]


async def test_a_journal_that_began_anew_is_stored_at_once(rota: Rota) -> None:
    """Else an older copy of Redis could grow past the old position before anybody had read it."""
    await rota.submit()
    await rota.run()
    await rota.redis.flushdb()
    await rota.submit()
    await rota.record()
    assert rota.recorder.was_reset.is_set()
    assert await stored(rota) == rota.recorder._positions


async def test_a_running_recorder_stores_how_far_it_has_read(rota: Rota, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STORED_EVERY_S", 0.01)
    monkeypatch.setattr(module, "BLOCK_MS", 10)
    await rota.submit()
    async with running(rota.recorder.run()):

        async def is_trimmed() -> bool:
            return bool(await rota.redis.xlen(rota.key("journal")) == 0)

        await until(is_trimmed, "the stored position")
    assert await stored(rota) == rota.recorder._positions != {}


async def test_an_emptied_redis_is_noticed_and_recorded_from_its_start(rota: Rota) -> None:
    (first,) = await rota.submit()
    await rota.record()
    await rota.redis.flushdb()
    assert not rota.recorder.was_reset.is_set()
    (second,) = await rota.submit()
    await rota.run()
    assert rota.recorder.was_reset.is_set()
    assert [await rota.status(task.id) for task in (first, second)] == ["QUEUED", "SUCCEEDED"]


async def test_large_entries_are_recorded_in_parts(rota: Rota, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVENTS_AT_ONCE", 30)
    await rota.submit(100)
    for _ in range(10):
        await rota.settle(await rota.claim(10))
    await rota.record()
    assert {task["status"] for task in await rota.all_tasks()} == {"SUCCEEDED"}
    await rota.check_counters()


async def test_what_makes_no_sense_does_not_stop_the_journal(rota: Rota) -> None:
    (task,) = await rota.submit()
    claim = await rota.claim()
    journal = rota.key("journal")
    released = f'[{{"id":"{task.id}","number":1,"lease":"{claim.lease}","outcome":"RELEASED","at":1,"used":0}}]'
    for kind, body in (
        ("settled", "[{}]"),
        ("claimed", "[[1]]"),
        ("odd", "[1]"),
        ("settled", "no json"),
        ("settled", released),
    ):
        await rota.redis.xadd(journal, {"k": kind, "at": 1, "w": "w1", "l": 0, "b": body})
    (other,) = await rota.submit()
    await rota.run()
    assert await rota.status(other.id) == "SUCCEEDED"


async def test_a_task_that_is_gone_is_passed_over(rota: Rota) -> None:
    gone, kept = await rota.submit(2)
    async with rota.platform.database.transaction() as db:
        await db.run("DELETE FROM tasks WHERE id = $1", gone.id)
    await rota.run()
    assert await rota.status(kept.id) == "SUCCEEDED"


async def test_what_was_recorded_is_announced_and_counted(rota: Rota) -> None:
    (task,) = await rota.submit()
    await rota.run(at=await rota.now() + 40)
    assert await rota.wait_announced(task.id)
    async with rota.platform.database.read() as db:
        (ticks,) = await db.rows("SELECT sum(finished) AS n, sum(failed) AS f FROM ticks")
        (function,) = await db.rows("SELECT expected_ms FROM functions")
    assert (ticks["n"], ticks["f"]) == (1, 0)
    assert function["expected_ms"] > 0


@pytest.mark.parametrize(
    ("was", "measured", "now"),
    [
        (0, [0, 0], 1),  # the quickest is known too: 0 says that nothing was measured
        (0, [4, 5, 5], 5),
        (100, [50], 90),
        (3, [6], 4),  # it rises by less than 1, too
        (1, [0], 1),
    ],
)
async def test_run_times_are_learnt(rota: Rota, was: int, measured: list[int], now: int) -> None:
    async with rota.platform.database.transaction() as db:
        await db.run("UPDATE functions SET expected_ms = $1", was)
        await record.learn(db, {"multiply": measured})
        (function,) = await db.rows("SELECT expected_ms FROM functions WHERE name = 'multiply'")
    assert function["expected_ms"] == now


async def test_waiting_for_the_recorder_ends_only_when_it_has_passed(rota: Rota) -> None:
    """Also where nothing was recorded before: the reconciler would push what merely awaits its record."""
    await rota.submit()
    await rota.settle(await rota.claim())
    missing = await rota.broker.missing(rota.queue, [])
    recorder = rota.recorder
    assert not recorder._is_past(rota.queue, missing.epoch, missing.journal_id)
    waiting = asyncio.create_task(recorder.passed(rota.queue, missing.epoch, missing.journal_id))
    await asyncio.sleep(0)
    assert not waiting.done()
    await rota.record()
    await asyncio.wait_for(waiting, 60)
    assert recorder._is_past(rota.queue, "", "")  # there was no journal
    older = str(int(missing.epoch) - 1)
    assert recorder._is_past(rota.queue, older, missing.journal_id)  # it began anew since then
    newer = str(int(missing.epoch) + 1)
    assert not recorder._is_past(rota.queue, newer, missing.journal_id)


async def test_what_follows_is_read_meanwhile_and_recorded_once(rota: Rota, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a batch is written the next is read: one that fails is read and written again, and nothing is left out."""
    monkeypatch.setattr(module, "BLOCK_MS", 10)
    monkeypatch.setattr(module, "ENTRIES_AT_ONCE", 2)
    await rota.submit(40)
    for _ in range(20):
        await rota.settle(await rota.claim(2))
    learn, learnt, crashes = record.learn, 0, 0

    async def learn_now_and_then(*args: Any) -> None:
        nonlocal learnt
        await learn(*args)
        learnt += 1
        if learnt % 3 == 2:
            raise RuntimeError("killed in the middle of a batch")

    async def is_recorded() -> bool:
        return {task["status"] for task in await rota.all_tasks()} == {"SUCCEEDED"}

    monkeypatch.setattr(record, "learn", learn_now_and_then)
    while not await is_recorded():
        recording = asyncio.create_task(Recorder(rota.platform).run())
        while not recording.done() and not await is_recorded():
            await asyncio.sleep(0.005)
        recording.cancel()
        (ended,) = await asyncio.gather(recording, return_exceptions=True)
        crashes += isinstance(ended, RuntimeError)
    assert crashes > 2
    assert [len(await rota.attempts(task["id"])) for task in await rota.all_tasks()] == [1] * 40
    await rota.check_counters()


async def test_of_much_what_was_claimed_last_is_left_for_the_next_batch(rota: Rota) -> None:
    """By then it has mostly ended: its row is written once."""
    *first, last, rest = await rota.submit(5)
    recorder = rota.recorder
    await recorder.begin()
    await recorder._look_for_queues()

    async def read_and_recorded() -> int:
        count = 0
        for batch, parts in await recorder._read({}):
            await recorder._record_parts(batch, parts)
            count += len(batch.entries)
        return count

    for _ in first:
        await rota.settle(await rota.claim(1))
    claim = await rota.claim(1)
    assert await read_and_recorded() == 7  # the first push says that Redis was empty
    assert [await rota.status(task.id) for task in (*first, last)] == ["SUCCEEDED"] * 3 + ["QUEUED"]
    await rota.settle(claim)
    await rota.claim(1)
    assert await read_and_recorded() == 3  # where there is little, a start is recorded at once
    ended, running = await rota.task(last.id), await rota.task(rest.id)
    assert (ended.status, ended.version, running.status) == ("SUCCEEDED", last.version + 1, "RUNNING")
    await recorder._trim_stored()
    assert await rota.redis.xlen(rota.key("journal")) == 0
    await rota.check_counters()


@pytest.mark.parametrize("over_ms", [-1, 1])
async def test_what_may_finish_after_its_deadline_is_marked_as_late(rota: Rota, over_ms: int) -> None:
    deadline_at = rota.clock.now_ms() + 600_000
    (task,) = await rota.submit(deadline_at=deadline_at, on_deadline="FINISH_LATE")
    claim = await rota.claim()
    assert await rota.settle_one(claim, at=deadline_at + over_ms)
    await rota.record()
    found = await rota.task(task.id)
    assert (found.status, found.is_late) == ("SUCCEEDED", over_ms > 0)
