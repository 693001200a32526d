"""Strategies and lanes through the API: set, seen as ASSIGNED with a worker, and told as the reason why a task waits."""

from typing import Any

from rota.coordinator.recorder import Recorder
from tests.graphql.conftest import Api
from tests.graphql.test_waiting import expect, push_all, waiting

SET = """mutation ($name: String!, $strategy: Strategy!) { setQueueStrategy(name: $name, strategy: $strategy) {
  queue { strategy } errors { code path } } }"""


async def set_strategy(api: Api, strategy: str, name: str = "default") -> dict[str, Any]:
    found: dict[str, Any] = (await api.data(SET, "root", name=name, strategy=strategy))["setQueueStrategy"]
    return found


async def recorded(api: Api) -> None:
    """Records what the journal of the queue tells."""
    recorder = Recorder(api.platform)
    await recorder.begin()
    await recorder._look_for_queues()
    while batches := await api.platform.journal.read(recorder._positions, 1, 1_000):
        for batch in batches:
            await recorder._record(batch)


async def assigned(api: Api, count: int) -> tuple[str, list[str]]:
    """A worker of two slots that waits for work, and tasks, two of them in its lane."""
    worker = await api.worker("worker-7", slots=2, running_count=2)
    assert (await set_strategy(api, "LEAST_LOADED"))["queue"] == {"strategy": "LEAST_LOADED"}
    await api.platform.broker.claim("default", worker, "c1", 2, 60_000, slots=2)
    tasks = [(await api.submit())["id"] for _ in range(count)]
    await push_all(api)
    await recorded(api)
    return worker, tasks


async def test_a_strategy_is_set_and_an_unknown_queue_is_not_found(api: Api) -> None:
    for strategy in ("ROUND_ROBIN", "LEAST_LOADED", "PRIORITY", "PRIORITY"):
        assert await set_strategy(api, strategy) == {"queue": {"strategy": strategy}, "errors": []}
    found = await set_strategy(api, "PRIORITY", "none")
    assert found == {"queue": None, "errors": [{"code": "NOT_FOUND", "path": ["name"]}]}


async def test_what_is_in_a_lane_is_assigned_and_says_so(api: Api) -> None:
    await expect(api, 10_000)
    worker, tasks = await assigned(api, 3)
    read = "query ($id: ID!) { task(id: $id) { status worker { id laneCount } } }"
    assert (await api.data(read, id=tasks[1]))["task"] == {
        "status": "ASSIGNED",
        "worker": {"id": worker, "laneCount": 2},
    }
    found = await waiting(api, tasks[1])
    assert (found["reason"], found["position"]) == ("IN_LANE", 2)
    assert found["message"] == "In the lane of worker-7, second in line there, should start in about 8 s."
    assert found["estimatedStart"] is not None
    assert (await waiting(api, tasks[2]))["reason"] == "ALL_BUSY"
    order = '{ tasks(orderBy: NEXT_TO_RUN) { nodes { id } } queue(name: "default") { depth } }'
    found = await api.data(order)
    assert [node["id"] for node in found["tasks"]["nodes"]] == tasks
    assert found["queue"] == {"depth": 3}


async def test_a_lane_that_is_given_back_leaves_the_tasks_queued(api: Api) -> None:
    _, tasks = await assigned(api, 2)
    await set_strategy(api, "PRIORITY")
    await recorded(api)
    read = "query ($id: ID!) { task(id: $id) { status worker { id } } }"
    assert (await api.data(read, id=tasks[0]))["task"] == {"status": "QUEUED", "worker": None}


async def test_what_is_in_a_lane_can_be_rescheduled_and_cancelled(api: Api) -> None:
    worker, tasks = await assigned(api, 2)
    await api.data("mutation ($id: ID!) { cancelTask(id: $id) { task { status } } }", id=tasks[0])
    moved = await api.data(
        'mutation ($id: ID!) { rescheduleTask(id: $id, runAt: "2031-01-01T00:00:00Z") { task { status worker { id } } } }',
        id=tasks[1],
    )
    assert moved["rescheduleTask"]["task"] == {"status": "SCHEDULED", "worker": None}
    await recorded(api)
    claim = await api.platform.broker.claim("default", worker, "c2", 2, 60_000, slots=2)
    assert claim.tasks == []
    states = "{ tasks(orderBy: OLDEST_FIRST) { nodes { status } } }"
    assert [node["status"] for node in (await api.data(states))["tasks"]["nodes"]] == ["CANCELLED", "SCHEDULED"]


async def test_a_new_priority_takes_a_task_out_of_its_lane_and_deals_it_anew(api: Api) -> None:
    _, tasks = await assigned(api, 2)
    await api.data("mutation ($id: ID!) { rescheduleTask(id: $id, priority: 10) { task { status } } }", id=tasks[1])
    await recorded(api)
    read = "query ($id: ID!) { task(id: $id) { status waiting { position } } }"
    assert (await api.data(read, id=tasks[1]))["task"] == {"status": "ASSIGNED", "waiting": {"position": 1}}


async def test_a_task_and_then_its_attempt_say_when_it_came_into_the_lane(api: Api) -> None:
    worker, tasks = await assigned(api, 3)
    read = "query ($id: ID!) { task(id: $id) { assignedAt attempts { assignedAt startedAt } } }"
    first, waits = [(await api.data(read, id=task_id))["task"] for task_id in (tasks[0], tasks[2])]
    assert first["assignedAt"] is not None
    assert (first["attempts"], waits) == ([], {"assignedAt": None, "attempts": []})
    await api.platform.broker.claim("default", worker, "c2", 2, 60_000, slots=2)
    await recorded(api)
    ran = (await api.data(read, id=tasks[0]))["task"]
    assert ran["assignedAt"] is None
    assert [attempt["assignedAt"] for attempt in ran["attempts"]] == [first["assignedAt"]]
    assert ran["attempts"][0]["startedAt"] >= first["assignedAt"]
