"""Why a task waits: each reason in words, with its place and when it should start."""

import re
from typing import Any

from rota.broker.scripts import Push
from rota.broker.values import functions_text
from rota.domain.forecast import MINUTE
from rota.domain.payload import Payload, build
from rota.store import counters, functions, queues, tasks, workers
from rota.store.models import Function
from tests.graphql.conftest import Api

READ = "query ($id: ID!) { task(id: $id) { waiting { reason message position estimatedStart } } }"


async def waiting(api: Api, task_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await api.data(READ, id=task_id))["task"]["waiting"]
    return found


async def expect(api: Api, ms: int) -> None:
    """What one attempt of `multiply` is expected to take."""
    async with api.platform.database.transaction() as db:
        await Function.filter(name="multiply").using_db(db.client).update(expected_ms=ms)
        assert (await functions.get(db, "multiply")).expected_ms == ms  # type: ignore[union-attr]


async def push_all(api: Api) -> None:
    await api.platform.submission.drain()


async def test_nobody_takes_from_its_queue(api: Api) -> None:
    task = await api.submit()
    await push_all(api)
    assert await waiting(api, task["id"]) == {
        "reason": "NO_WORKER",
        "message": "No worker takes from the queue default, first in line.",
        "position": 1,
        "estimatedStart": None,
    }
    await api.worker(status="PAUSED")
    assert (await waiting(api, task["id"]))["reason"] == "NO_WORKER"


async def has(api: Api, worker_id: str, *names: str) -> None:
    """A worker tells which functions it has."""
    await api.platform.broker.claim("default", worker_id, "1", 0, 60_000, functions=functions_text(names))


async def reasons(api: Api) -> dict[str, int]:
    """Why how many wait in the queue."""
    found = (await api.data('{ queue(name: "default") { waiting { reason count } } }'))["queue"]
    return {one["reason"]: one["count"] for one in found["waiting"]}


async def test_nobody_in_its_queue_has_its_function(api: Api) -> None:
    divides, adds = [await api.worker(), await api.worker()]
    await has(api, divides, "divide")
    await has(api, adds, "divide", "add")
    task = await api.submit()
    await push_all(api)
    found = await waiting(api, task["id"])
    assert found["reason"] == "NO_WORKER"
    assert found["message"] == "No worker of the queue default has the function multiply."
    assert found["position"] == 1
    assert await reasons(api) == {"NO_WORKER": 1}
    multiplies = await api.worker(running_count=2)
    # Of one that has not told it is not known what it lacks.
    assert (await waiting(api, task["id"]))["reason"] == "ALL_BUSY"
    assert await reasons(api) == {"ALL_BUSY": 1}
    await has(api, multiplies, "multiply")
    assert await reasons(api) == {"ALL_BUSY": 1}
    # The free slots are others'.
    words = "Waiting for a free slot of a worker that has multiply, first in line."
    assert (await waiting(api, task["id"]))["message"] == words
    # It is gone; what it told is still there for a moment.
    async with api.platform.database.transaction() as db:
        await workers.end(db, multiplies, "LOST", api.platform.clock.now_ms())
    assert (await waiting(api, task["id"]))["reason"] == "NO_WORKER"
    assert await reasons(api) == {"NO_WORKER": 1}


async def test_what_others_can_do_is_told_apart_from_what_nobody_can(api: Api) -> None:
    first, second = [await api.worker(), await api.worker()]
    await has(api, first, "divide")
    await has(api, second, "add")
    for _ in range(3):
        await api.submit()
    await push_all(api)
    await api.platform.broker.push("default", [Push("task_x", build(Payload("add", "{}", created_at=1)), 1)])
    async with api.platform.database.transaction() as db:
        await counters.add(db, "test", {("default", "QUEUED", 5): 1})
    assert await reasons(api) == {"ALL_BUSY": 1, "NO_WORKER": 3}


async def test_its_worker_is_late_with_its_sign_of_life(api: Api) -> None:
    worker_id = await api.worker()
    register, info = api.platform.workers, {"lease_ms": 15_000}
    task = await api.submit()
    await push_all(api)
    await register.register(worker_id, info, [], 15_000)
    assert (await waiting(api, task["id"]))["message"].endswith("should start in a moment.")
    await register.register(worker_id, info, [], 4_600)
    found = await waiting(api, task["id"])
    assert re.sub(r"\d+", "N", found["message"]) == (
        "Waiting for a free slot, first in line; its worker has given no sign of life for about N s."
    )
    assert (found["reason"], found["estimatedStart"]) == ("ALL_BUSY", None)
    # Another one is there.
    other = await api.worker()
    await register.register(other, info, [], 15_000)
    assert (await waiting(api, task["id"]))["message"].endswith("should start in a moment.")


async def test_all_slots_are_busy(api: Api) -> None:
    await api.worker(slots=2, running_count=2)
    await expect(api, 10_000)
    found = [await api.submit(priority=priority) for priority in (5, 5, 9)]
    await push_all(api)
    third = await waiting(api, found[1]["id"])
    assert (third["reason"], third["position"]) == ("ALL_BUSY", 3)
    assert third["message"] == "Waiting for a free slot, third in line, should start in about 12 s."
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT.*Z", third["estimatedStart"])
    assert (await waiting(api, found[2]["id"]))["position"] == 1


async def runs(api: Api, worker_id: str, since_ms: int, queue: str = "default") -> None:
    """Another task has been running with this worker for so long."""
    task = await api.submit()
    await api.platform.submission.drain()
    await api.platform.broker.drop("default", [task["id"]])
    async with api.platform.database.transaction() as db:
        [row] = await tasks.lock(db, [task["id"]])
        row.status, row.worker_id, row.queue = "RUNNING", worker_id, queue
        row.started_at = api.platform.clock.now_ms() - since_ms
        await tasks.write(db, [row], ("status", "worker_id", "queue", "started_at"))


async def test_it_waits_for_what_runs(api: Api) -> None:
    worker_id = await api.worker(slots=1)
    await expect(api, 60 * MINUTE)
    await runs(api, worker_id, 40 * MINUTE)
    task = await api.submit()
    await push_all(api)
    # Its worker has not told yet that it runs anything.
    assert (await waiting(api, task["id"]))["message"].endswith("first in line, should start in about 20 min.")
    await api.worker("gone", status="PAUSED")
    await expect(api, 10 * MINUTE)
    assert (await waiting(api, task["id"]))["message"].endswith("first in line, should start in about 30 min.")


async def test_it_waits_for_what_its_limit_counts(api: Api) -> None:
    worker_id = await api.worker(slots=9)
    await expect(api, 60 * MINUTE)
    await runs(api, worker_id, 40 * MINUTE)
    await runs(api, worker_id, 59 * MINUTE, "other")
    document = "mutation ($i: LimitInput!) { setLimit(input: $i) { errors { message } } }"
    await api.data(document, "root", i={"queue": "default", "function": "multiply", "maxRunning": 1})
    task = await api.submit()
    await push_all(api)
    await api.platform.broker.redis.hset("rota:{default}:counts", "f:multiply", 1)
    claimed = await api.platform.broker.claim("default", worker_id, "c1", 1, 9_000)
    assert claimed.tasks == []
    found = await waiting(api, task["id"])
    assert (found["reason"], found["message"].split(", ")[-1]) == ("LIMIT", "should start in about 20 min.")


async def test_what_lies_in_lanes_starts_before_it(api: Api) -> None:
    await api.worker(slots=2, running_count=2)
    await expect(api, 10_000)
    task = await api.submit()
    await push_all(api)
    async with api.platform.database.transaction() as db:
        await counters.add(db, "test", {("default", "ASSIGNED", 5): 2, ("other", "ASSIGNED", 5): 7})
    assert (await waiting(api, task["id"]))["message"].endswith("first in line, should start in about 2 s.")
    async with api.platform.database.transaction() as db:
        await queues.set_strategy(db, "default", "ROUND_ROBIN")
    assert (await waiting(api, task["id"]))["message"].endswith("first in line, should start in about 12 s.")


async def test_nothing_is_said_of_when_where_nothing_is_known(api: Api) -> None:
    await api.worker(slots=1, running_count=1)
    task = await api.submit()
    await push_all(api)
    found = await waiting(api, task["id"])
    assert found["message"] == "Waiting for a free slot, first in line."
    assert found["estimatedStart"] is None


async def test_a_free_slot_takes_it_at_once(api: Api) -> None:
    await api.worker(slots=1, running_count=0)
    task = await api.submit()
    await push_all(api)
    found = await waiting(api, task["id"])
    assert found["message"] == "Waiting for a free slot, first in line, should start in a moment."


async def test_its_queue_is_paused(api: Api) -> None:
    await api.worker()
    task = await api.submit()
    await push_all(api)
    await api.data('mutation { pauseQueue(name: "default") { queue { isPaused } } }', "root")
    found = await waiting(api, task["id"])
    assert (found["reason"], found["message"]) == ("QUEUE_PAUSED", "The queue default is paused, first in line.")
    assert found["estimatedStart"] is None


async def test_its_instant_has_not_come_or_it_backs_off(api: Api) -> None:
    task = await api.submit(runAt="2031-01-01T00:00:00Z")
    found = await waiting(api, task["id"])
    assert (found["reason"], found["estimatedStart"]) == ("NOT_BEFORE", "2031-01-01T00:00:00.000Z")
    assert found["message"].startswith("Not before its time, which comes in about ")
    async with api.platform.database.transaction() as db:
        row = await tasks.get(db, task["id"])
        assert row is not None
        row.used, row.number, row.run_at = 1, 1, None
        row.due_at = api.platform.clock.now_ms() + 7_400
        await tasks.write(db, [row], ("used", "number", "run_at", "due_at"))
    found = await waiting(api, task["id"])
    assert found["reason"] == "BACKING_OFF"
    assert found["message"] == "Attempt 1 of 3 failed, the next should start in about 7 s."


async def test_it_waits_for_others(api: Api) -> None:
    first, second = await api.submit(), await api.submit()
    task = await api.submit(dependsOn=[first["id"], second["id"]])
    found = await waiting(api, task["id"])
    assert (found["reason"], found["message"]) == ("DEPENDENCY", "Waiting for 2 other tasks to succeed.")


async def test_what_has_ended_does_not_wait(api: Api) -> None:
    task = await api.submit()
    await api.data("mutation ($id: ID!) { cancelTask(id: $id) { task { id } } }", id=task["id"])
    assert await waiting(api, task["id"]) is None
