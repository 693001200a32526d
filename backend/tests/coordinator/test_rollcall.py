"""Heartbeats become rows: workers come, are lost, leave; functions and queues appear."""

from typing import Any

import pytest
import structlog.testing

from rota.coordinator import rollcall
from rota.coordinator.rollcall import RollCall
from rota.domain.events import Change
from rota.operations import health
from rota.store import functions, queues, workers
from tests.support.rota import INFO, MULTIPLY, Rota


async def worker_row(rota: Rota) -> Any:
    async with rota.platform.database.read() as db:
        return await workers.get(db, "worker_1")


async def test_a_worker_comes_changes_and_leaves(rota: Rota) -> None:
    register, call = rota.platform.workers, RollCall(rota.platform)
    offers = [MULTIPLY, {**MULTIPLY, "name": "divide", "queue": "more"}]
    await register.register("worker_1", INFO, offers, 60_000)
    await call.call()
    row = await worker_row(rota)
    assert (row.name, row.status, row.queues, row.slots, row.ended_at) == (
        "w@host",
        "ONLINE",
        '["default","maths"]',
        10,
        None,
    )
    async with rota.platform.database.read() as db:
        assert [queue.name for queue in await queues.all_queues(db)] == ["default", "maths", "more"]
        assert [function.name for function in await functions.all_functions(db)] == ["divide", "multiply"]
    assert len(await rota.submit(function="divide")) == 1
    await register.beat("worker_1", {**INFO, "running_count": 3}, 60_000)
    await call.call()
    assert (await worker_row(rota)).running_count == 3
    await register.leave("worker_1")
    await call.call()
    row = await worker_row(rota)
    assert (row.status, row.running_count, row.ended_at is not None) == ("OFFLINE", 0, True)


async def test_what_the_database_does_not_take_of_one_worker_holds_up_no_other(rota: Rota) -> None:
    register = rota.platform.workers
    vast = {**INFO, "name": "w\0" * 200, "host": "h" * 200, "slots": 10**20, "running_count": 10**10, "pid": 2**40}
    odd = [{**MULTIPLY, "name": "odd", "max_attempts": 10**20}, {**MULTIPLY, "name": "even"}]
    await register.register("worker_1", vast, odd, 60_000)
    await register.register("worker_2", INFO, [{**MULTIPLY, "name": "last"}], 60_000)
    call = RollCall(rota.platform)
    with structlog.testing.capture_logs() as logs:
        await call.call()
        await call.call()
    assert [(line["event"], line["function"]) for line in logs] == [("a function cannot be kept", "odd")]
    async with rota.platform.database.read() as db:
        assert [function.name for function in await functions.all_functions(db)] == ["even", "last", "multiply"]
        assert [worker.id for worker in await workers.here(db)] == ["worker_1", "worker_2"]
    row = await worker_row(rota)
    assert (row.name, row.host) == ("w\ufffd" * 60, "h" * 120)
    assert (row.slots, row.running_count, row.pid) == (rollcall.MOST, rollcall.MOST, rollcall.MOST)


async def test_signs_of_life_are_told_now_and_then(rota: Rota, monkeypatch: pytest.MonkeyPatch) -> None:
    register, call, told = rota.platform.workers, RollCall(rota.platform), list[Change]()
    monkeypatch.setattr(rota.platform.announcer, "tell", told.append)
    await call.call()
    assert told == []
    await register.register("worker_1", INFO, [], 60_000)
    await call.call()
    told.clear()
    await call.call()
    assert told == []
    monkeypatch.setattr(rollcall, "TOLD_EVERY_MS", 0)
    await call.call()
    assert told == [Change(workers=True)]


async def test_a_worker_that_is_silent_is_lost_and_forgotten(rota: Rota) -> None:
    register, call = rota.platform.workers, RollCall(rota.platform)
    await register.register("worker_1", INFO, [], 60_000)
    await call.call()
    await rota.claim(5, worker="worker_1")
    await rota.redis.zadd(rota.broker.keys.workers("seen"), {"worker_1": 1})
    await call.call()
    assert (await worker_row(rota)).status == "LOST"
    assert (await register.roll())[1] == []
    assert await rota.redis.hlen(rota.key("idle")) == 0
    await call.call()
    assert (await worker_row(rota)).status == "LOST"


async def test_an_offer_is_taken_once_and_again_when_it_changes(rota: Rota) -> None:
    register, call = rota.platform.workers, RollCall(rota.platform)
    await register.register("worker_1", INFO, [MULTIPLY], 60_000)
    await call.call()
    async with rota.platform.database.read() as db:
        before = await functions.get(db, "multiply")
        assert before is not None
        assert await functions.offer(db, [MULTIPLY], 5) == 0
    changed = {**MULTIPLY, "description": "New.", "timeout_ms": 5_000}
    await register.register("worker_1", {**INFO, "catalogue_hash": "h2"}, [changed], 60_000)
    await call.call()
    async with rota.platform.database.read() as db:
        after = await functions.get(db, "multiply")
    assert after is not None
    assert (after.description, after.timeout_ms) == ("New.", 5_000)


async def test_old_rows_are_pruned(rota: Rota) -> None:
    await rota.submit(3)
    call = RollCall(rota.platform)
    async with rota.platform.database.transaction() as db:
        await workers.save(db, [])
        await db.run(
            "INSERT INTO workers (id, name, kind, status, queues, slots, running_count, stealing, is_stuck, host, pid, started_at, ended_at) "
            "VALUES ('worker_old', 'o', 'POOL', 'LOST', '[]', 1, 0, $1, $2, 'h', 1, 1, 1)",
            True,
            False,
        )
        await db.run(
            "INSERT INTO ticks (id, second, submitted, finished, failed, waits, runs) VALUES ('1|s', 1, 1, 1, 1, '{}', '{}')"
        )
    await call._prune()
    async with rota.platform.database.read() as db:
        assert await db.rows("SELECT id FROM workers") == []
        assert await db.rows("SELECT id FROM ticks WHERE second = 1") == []
    await rota.check_counters()


async def test_what_two_workers_offer_differently_is_told_while_both_are_there(rota: Rota) -> None:
    register, call = rota.platform.workers, RollCall(rota.platform)
    other = {**MULTIPLY, "args_schema": {"type": "object"}, "queue": "maths"}
    alone = {**MULTIPLY, "name": "alone"}
    worded = {**MULTIPLY, "description": "In other words.", "max_attempts": 7}
    words = (
        "new@far (process 8) offers it with other arguments and another queue (maths, not default) than w@host (process 7); "
        "what the last of them to come says holds."
    )
    await register.register("worker_2", {**INFO, "name": "new@far", "pid": 8, "started_at": 9}, [other, alone], 60_000)
    await register.register("worker_1", INFO, [MULTIPLY], 60_000)
    await register.register("worker_3", {**INFO, "name": "same@far", "started_at": 8}, [worded], 60_000)
    with structlog.testing.capture_logs() as logs:
        await call.call()
        await call.call()
    told = [line for line in logs if line["event"] == "a function is offered differently"]
    assert [(line["function"], line["reason"]) for line in told] == [("multiply", words)]
    assert await register.conflicts() == {"multiply": words}
    parts = {part.name: part for part in (await health.look(rota.platform)).parts}
    assert parts[health.PartName.WORKERS][1:3] == (health.PartState.WARNING, f"multiply: {words}")
    # What was kept is gone with Redis, and is there again.
    await rota.redis.delete(rota.broker.keys.workers("conflicts"))
    await call.call()
    assert await register.conflicts() == {"multiply": words}
    # It is over when one of them is gone, for another leader too; when it comes again that is told again.
    await register.leave("worker_2")
    await RollCall(rota.platform).call()
    assert await register.conflicts() == {}
    await call.call()
    await register.register("worker_2", {**INFO, "name": "new@far", "pid": 8, "started_at": 9}, [other, alone], 60_000)
    with structlog.testing.capture_logs() as logs:
        await call.call()
    assert [line["reason"] for line in logs] == [words]
    assert await register.conflicts() == {"multiply": words}
