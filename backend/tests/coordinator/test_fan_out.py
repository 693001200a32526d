"""What many tasks wait for: they go into line together, or end together, and the recorder is not kept by it."""

from collections import Counter
from typing import Any

import pytest

from rota import jsontext
from rota.operations import tasks as operations
from rota.operations.pushes import PUSH_AT_ONCE
from tests.support.broker import ids_of
from tests.support.rota import ALICE, Rota

COUNT = 2 * PUSH_AT_ONCE + 10


async def test_what_waited_for_one_task_goes_into_line_in_few_pushes(
    rota: Rota, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, other = await rota.submit(2)
    waiting = await rota.submit(COUNT, depends_on=(first.id,))
    (both,) = await rota.submit(depends_on=(first.id, other.id))
    claim = await rota.claim(2)
    push, sizes = rota.broker.push, list[int]()

    async def counted(queue: str, tasks: Any, age_ms: int = 0) -> int:
        sizes.append(len(tasks))
        return await push(queue, tasks, age_ms)

    monkeypatch.setattr(rota.platform.broker, "push", counted)
    await rota.settle_one(claim, ids_of(claim).index(first.id))
    await rota.record()
    assert sizes == [PUSH_AT_ONCE, PUSH_AT_ONCE, 10]
    assert Counter(task["status"] for task in await rota.all_tasks()) == {
        "SUCCEEDED": 1,
        "RUNNING": 1,
        "QUEUED": COUNT,
        "BLOCKED": 1,
    }
    assert sorted(ids_of(await rota.claim(COUNT))) == sorted(task.id for task in waiting)
    await rota.settle_one(claim, ids_of(claim).index(other.id))
    await rota.record()
    assert ids_of(await rota.claim(1)) == [both.id]
    await rota.check_counters()


async def test_what_waited_for_one_task_ends_with_it_all_the_way_down(rota: Rota) -> None:
    first, other = await rota.submit(2)
    waiting = await rota.submit(COUNT, depends_on=(first.id,))
    (last,) = await rota.submit(depends_on=(other.id, waiting[7].id))
    await rota.run(outcome="FAILED", want=1)
    ended = await rota.all_tasks()
    assert Counter(task["status"] for task in ended) == {"FAILED": 1, "QUEUED": 1, "CANCELLED": COUNT + 1}
    errors = {task["id"]: jsontext.loads(task["error"] or "{}").get("message") for task in ended}
    assert {errors[task.id] for task in waiting} == {f"The task {first.id}, which it depends on, ended as FAILED."}
    assert errors[last.id] == f"The task {waiting[7].id}, which it depends on, ended as CANCELLED."
    await rota.check_counters()


async def test_what_is_run_again_although_something_failed_waits_for_the_rest_and_runs(rota: Rota) -> None:
    first, other, third = await rota.submit(3)
    (last,) = await rota.submit(depends_on=(first.id, other.id, third.id))
    await rota.run(outcome="FAILED", want=1)
    await operations.retry(rota.platform, ALICE, last.id)
    assert await rota.status(last.id) == "BLOCKED"
    await rota.run(want=1)
    assert await rota.status(last.id) == "BLOCKED"
    await rota.run(want=1)
    assert await rota.status(last.id) == "QUEUED"
    # What fails from here on ends it as ever.
    await operations.cancel(rota.platform, ALICE, last.id)
    (fourth,) = await rota.submit()
    (after,) = await rota.submit(depends_on=(fourth.id,))
    await operations.cancel(rota.platform, ALICE, fourth.id)
    assert await rota.status(after.id) == "CANCELLED"
    await rota.check_counters()
