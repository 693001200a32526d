"""Workers, queues, functions and numbers through the schema."""

import pytest

from rota import ids
from rota.store import listing, tasks, ticks
from rota.store.selection import TaskQuery
from tests.graphql.conftest import MULTIPLY, Api

READ = """{ workers { id name kind status slots runningCount laneCount stealing isStuck host pid
  startedAt heartbeatAt endedAt queues { name } } }"""


async def test_workers_that_are_there_come_before_those_that_left_lately(api: Api) -> None:
    now = api.platform.clock.now_ms()
    await api.worker("old", started_at=now - 1000)
    await api.worker("new", started_at=now, status="DRAINING")
    await api.worker("gone", status="LOST", ended_at=now - 60_000)
    await api.worker("long gone", status="OFFLINE", ended_at=now - 3_600_000)
    found = (await api.data(READ))["workers"]
    assert [(worker["name"], worker["status"]) for worker in found] == [
        ("old", "ONLINE"),
        ("new", "DRAINING"),
        ("gone", "LOST"),
    ]
    assert found[0]["queues"] == [{"name": "default"}]
    assert (found[0]["host"], found[0]["pid"], found[0]["slots"], found[0]["endedAt"]) == ("host-1", 42, 2, None)


async def test_a_worker_is_asked_to_pause_to_go_on_and_to_end(api: Api) -> None:
    worker_id = await api.worker()
    for verb, desired in (("pauseWorker", "PAUSED"), ("resumeWorker", "ONLINE"), ("stopWorker", "DRAINING")):
        document = f"mutation ($id: ID!) {{ {verb}(id: $id) {{ worker {{ id }} errors {{ code }} }} }}"
        payload = (await api.data(document, "root", id=worker_id))[verb]
        assert payload == {"worker": {"id": worker_id}, "errors": []}
        await api.platform.workers.register(worker_id, {"name": "w"}, [], 60_000)
        assert (await api.platform.workers.beat(worker_id, {"name": "w"}, 60_000)).desired == desired


async def test_a_worker_is_asked_to_steal_or_not(api: Api) -> None:
    worker_id = await api.worker()
    document = "mutation ($id: ID!, $s: Boolean!) { setWorkerStealing(id: $id, stealing: $s) { worker { id } errors { code } } }"
    await api.platform.workers.register(worker_id, {"name": "w"}, [], 60_000)
    for wanted in (False, True):
        payload = (await api.data(document, "root", id=worker_id, s=wanted))["setWorkerStealing"]
        assert payload == {"worker": {"id": worker_id}, "errors": []}
        assert (await api.platform.workers.beat(worker_id, {"name": "w"}, 60_000)).stealing is wanted


async def test_who_has_ended_or_is_about_to_is_not_asked(api: Api) -> None:
    ended = await api.worker(status="LOST", ended_at=1)
    draining = await api.worker(status="DRAINING")
    document = "mutation ($id: ID!) { resumeWorker(id: $id) { worker { id } errors { code path } } }"
    for worker_id in (ended, draining):
        payload = (await api.data(document, "root", id=worker_id))["resumeWorker"]
        assert payload == {"worker": None, "errors": [{"code": "CONFLICT", "path": ["id"]}]}


async def test_a_workers_tasks_are_seen_by_who_may_see_them(api: Api) -> None:
    worker_id = await api.worker()
    titles = {"ann": ["a1", "a2", "a3"], "bob": ["b1"]}
    for by, wanted in titles.items():
        for title in wanted:
            await api.submit(by, title=title)
    async with api.platform.database.transaction() as db:
        for row in (await listing.page(db, TaskQuery(), 200)).rows:
            row.worker_id = worker_id
            await tasks.write(db, [row], ("worker_id",))
    document = "query ($id: ID!, $n: Int) { worker(id: $id) { tasks(first: $n) { title } } }"
    for by, first, expected in (
        ("ann", 20, ["a3", "a2", "a1"]),
        ("ann", 2, ["a3", "a2"]),
        ("bob", None, ["b1"]),
        ("root", 20, ["b1", "a3", "a2", "a1"]),
        ("wil", 20, []),
    ):
        found = (await api.data(document, by, id=worker_id, n=first))["worker"]["tasks"]
        assert [task["title"] for task in found] == expected
    assert (await api.refusal(document, id=worker_id, n=201))[0] == "BAD_USER_INPUT"


async def test_anything_has_a_node(api: Api) -> None:
    worker_id = await api.worker()
    queue = (await api.data('{ queue(name: "default") { id } }'))["queue"]["id"]
    document = "query ($id: ID!) { node(id: $id) { __typename id } }"
    for node_id, kind in ((worker_id, "Worker"), (queue, "Queue")):
        assert (await api.data(document, id=node_id))["node"] == {"__typename": kind, "id": node_id}
    for kind in (ids.WORKER, ids.QUEUE, ids.USER, ids.TOKEN, ids.TASK, ids.POOL):
        assert (await api.data(document, id=ids.new_id(kind)))["node"] is None
    assert (await api.data(document, id="attempt_01h455vb4pex5vsknk084sn02q_1"))["node"] is None
    assert (await api.refusal(document, id="nothing"))[0] == "BAD_USER_INPUT"


async def test_queues_tell_their_depth_from_the_counters(api: Api) -> None:
    await api.worker()
    for priority in (1, 5, 5, 10):
        await api.submit(priority=priority)
    await api.submit(runAt="2031-01-01T00:00:00Z")
    document = "{ queues { name kind strategy isPaused depth depthByPriority { priority depth } runningCount workers { name } } }"
    default, other = (await api.data(document))["queues"]
    depths = [1, 0, 0, 0, 2, 0, 0, 0, 0, 1]
    assert default == {
        "name": "default",
        "kind": "POOL",
        "strategy": "PRIORITY",
        "isPaused": False,
        "depth": 4,
        "depthByPriority": [{"priority": index, "depth": depth} for index, depth in enumerate(depths, 1)],
        "runningCount": 0,
        "workers": [{"name": "worker-1"}],
    }
    assert (other["name"], other["depth"], len(other["depthByPriority"]), other["workers"]) == ("other", 0, 10, [])


async def test_pausing_a_queue_that_is_not_there(api: Api) -> None:
    payload = await api.data('mutation { pauseQueue(name: "no") { queue { id } errors { code path } } }', "root")
    assert payload["pauseQueue"] == {"queue": None, "errors": [{"code": "NOT_FOUND", "path": ["name"]}]}


async def test_functions_come_with_their_schema(api: Api) -> None:
    document = """{ functions { name } function(name: "multiply") { name description argsSchema example queue { name }
      defaultPriority maxAttempts timeoutSeconds executor expectedSeconds } }"""
    found = await api.data(document)
    assert [function["name"] for function in found["functions"]] == ["echo", "multiply"]
    assert found["function"] == {
        "name": "multiply",
        "description": "Multiplies.",
        "argsSchema": MULTIPLY["args_schema"],
        "example": {"a": 6, "b": 7},
        "queue": {"name": "default"},
        "defaultPriority": 5,
        "maxAttempts": 3,
        "timeoutSeconds": None,
        "executor": "ASYNC",
        "expectedSeconds": None,
    }


async def test_what_workers_offer_differently_is_told_at_the_function(api: Api) -> None:
    await api.platform.workers.note_conflicts({"multiply": "a and b differ."})
    found = (await api.data("{ functions { name conflict } }"))["functions"]
    assert found == [{"name": "echo", "conflict": None}, {"name": "multiply", "conflict": "a and b differ."}]


async def test_the_numbers_are_those_of_the_counters_and_ticks(api: Api) -> None:
    await api.worker(slots=4, running_count=3)
    for _ in range(3):
        await api.submit(priority=7)
    async with api.platform.database.transaction() as db:
        tally = ticks.Tally(api.platform.clock.now_ms() // 1000 - 10, submitted=60, finished=30, failed=6)
        for ms in (10, 100, 1000):
            tally.waited([ms])
        await ticks.save(db, "test", tally)
    document = """{ metrics { countsByStatus { status count } activeWorkers totalSlots busySlots submittedPerSecond
      finishedPerSecond failedPerSecond waitSeconds { p50 p95 p99 } runSeconds { p50 } depthByPriority { depth } }
      metricsHistory(seconds: 60) { at seconds submitted finished failed waitSeconds { p50 } } }"""
    found = await api.data(document)
    metrics = found["metrics"]
    counts = {entry["status"]: entry["count"] for entry in metrics["countsByStatus"]}
    assert len(counts) == 9
    assert {status: count for status, count in counts.items() if count} == {"QUEUED": 3}
    assert (metrics["activeWorkers"], metrics["totalSlots"], metrics["busySlots"]) == (1, 4, 3)
    assert metrics["submittedPerSecond"] >= 1.0
    assert (metrics["finishedPerSecond"], metrics["failedPerSecond"]) == (0.5, 0.1)
    assert abs(metrics["waitSeconds"]["p50"] - 0.1) < 0.01
    assert abs(metrics["waitSeconds"]["p99"] - 1.0) < 0.1
    assert metrics["runSeconds"]["p50"] is None
    assert metrics["depthByPriority"][6] == {"depth": 3}
    history = found["metricsHistory"]
    assert len(history) == 60
    assert [point["at"] for point in history] == sorted(point["at"] for point in history)
    assert [(point["submitted"], point["finished"], point["failed"]) for point in history if point["finished"]] == [
        (60, 30, 6)
    ]


async def test_ready_tasks_are_told_by_age_for_each_queue_and_for_all(api: Api) -> None:
    await api.submit(priority=7)
    document = """{ metrics { depthByPriority { ...D } } queues { depthByPriority { ...D } } }
      fragment D on PriorityDepth { priority depth fresh waiting atRisk oldestReadyAt isExact }"""
    found = await api.data(document)
    expected = {"priority": 7, "depth": 1, "fresh": 1, "waiting": 0, "atRisk": 0, "isExact": True}
    for depths in (found["metrics"]["depthByPriority"], found["queues"][0]["depthByPriority"]):
        assert [depth["priority"] for depth in depths] == list(range(1, 11))
        assert depths[6].pop("oldestReadyAt")
        assert depths[6] == expected
        assert depths[0]["oldestReadyAt"] is None


async def test_ages_are_read_only_where_they_are_asked_for(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(_: object) -> None:
        pytest.fail("nobody asked for ages")

    monkeypatch.setattr("rota.operations.backlog.read", never)
    await api.data("{ metrics { depthByPriority { priority depth } } queues { depthByPriority { depth } } }")


async def test_a_long_history_comes_in_at_most_300_points(api: Api) -> None:
    document = "query ($s: Int!) { metricsHistory(seconds: $s) { seconds at } }"
    for seconds in (60, 299, 300, 301, 3600, 86_400):
        points = (await api.data(document, s=seconds))["metricsHistory"]
        width = points[0]["seconds"]
        assert abs(len(points) * width - seconds) <= width
        assert len(points) <= 300
    for wrong in (0, 59, 86_401):
        assert (await api.refusal(document, s=wrong))[0] == "BAD_USER_INPUT"


async def test_anybody_may_know_the_version(api: Api) -> None:
    assert (await api.data("{ server { registrationOpen } viewer { id } }", "nobody")) == {
        "server": {"registrationOpen": True},
        "viewer": None,
    }
