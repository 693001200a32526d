"""Attempts: told by their tasks' rows, or by rows of their own."""

from typing import Any

import pytest

from rota.domain.states import AttemptOutcome
from rota.store import attempts
from rota.store.database import Database
from tests.store.test_tasks import insert, row

RUN = {"number": 2, "lease": 5, "worker_id": "w1", "started_at": 40}


async def told(database: Database, task_id: str) -> list[tuple[Any, ...]]:
    async with database.read() as db:
        found = (await attempts.of(db, [task_id]))[task_id]
    return [(one.number, one.lease, one.outcome, one.late_outcome, one.finished_at) for one in found]


async def keep(database: Database, task_id: str, *rows: tuple[Any, ...]) -> None:
    async with database.transaction() as db:
        await attempts.insert(db, [attempts.row(task_id, *one) for one in rows])


async def close(database: Database, task_id: str) -> None:
    async with database.transaction() as db:
        await attempts.close(db, [task_id], AttemptOutcome.LOST, 90)


@pytest.mark.parametrize("status", ["RUNNING", "SUCCEEDED"])
async def test_a_task_tells_of_its_attempt(database: Database, status: str) -> None:
    finished_at = 60 if status == "SUCCEEDED" else None
    (task_id,) = await insert(database, row(status=status, finished_at=finished_at, **RUN))
    await keep(database, task_id, (1, 4, "w0", "FAILED", 10, 20, None))
    assert await told(database, task_id) == [(1, 4, "FAILED", None, 20), (2, 5, status, None, finished_at)]
    async with database.read() as db:
        last = (await attempts.of(db, [task_id]))[task_id][-1]
    assert (last.id, last.worker_id, last.started_at) == (f"attempt_{task_id[5:]}_2", "w1", 40)


async def test_each_attempt_keeps_when_it_was_assigned(database: Database) -> None:
    (task_id,) = await insert(database, row(status="RUNNING", assigned_at=35, **RUN))
    async with database.transaction() as db:
        await attempts.insert(db, [attempts.row(task_id, 1, 4, "w0", "FAILED", 10, 20, None, assigned_at=8)])
    for closed in (False, True):
        if closed:
            await close(database, task_id)
        async with database.read() as db:
            found = (await attempts.of(db, [task_id]))[task_id]
        assert [one.assigned_at for one in found] == [8, 35]


async def test_what_never_ran_has_none(database: Database) -> None:
    (task_id,) = await insert(database, row())
    assert await told(database, task_id) == []


async def test_only_what_runs_is_closed(database: Database) -> None:
    (task_id,) = await insert(database, row(status="SUCCEEDED", finished_at=60, **RUN))
    await close(database, task_id)
    assert await told(database, task_id) == [(2, 5, "SUCCEEDED", None, 60)]


async def test_of_the_same_number_the_later_lease_counts(database: Database) -> None:
    (task_id,) = await insert(database, row(status="RUNNING", **RUN))
    await keep(database, task_id, (2, 4, "w0", "CANCELLED", 10, 20, None))
    assert await told(database, task_id) == [(2, 5, "RUNNING", None, None)]
    await close(database, task_id)
    await keep(database, task_id, (2, 4, "w0", "CANCELLED", 10, 20, None))
    assert await told(database, task_id) == [(2, 5, "LOST", None, 90)]


async def test_a_row_of_what_ran_when_a_former_version_recorded_its_start_gives_way(database: Database) -> None:
    (task_id,) = await insert(database, row(status="RUNNING", **RUN))
    await keep(database, task_id, (2, 5, "w1", "RUNNING", 40, None, None))
    assert await told(database, task_id) == [(2, 5, "RUNNING", None, None)]
    await close(database, task_id)
    assert await told(database, task_id) == [(2, 5, "LOST", None, 90)]


async def test_a_success_has_a_row_where_something_was_refused_after_it(database: Database) -> None:
    (task_id,) = await insert(database, row(status="SUCCEEDED", finished_at=60, **RUN))
    await keep(database, task_id, (2, 5, "w1", "SUCCEEDED", 40, 60, None))
    async with database.transaction() as db:
        assert not await attempts.keep_late(db, task_id, 2, 5, "SUCCEEDED")
        assert await attempts.keep_late(db, task_id, 2, 5, "FAILED")
        assert not await attempts.keep_late(db, task_id, 2, 5, "TIMED_OUT")
    assert await told(database, task_id) == [(2, 5, "SUCCEEDED", "FAILED", 60)]
