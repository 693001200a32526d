"""Limits through the API: set, seen, removed, and told as the reason why a task waits."""

import re
from typing import Any

import pytest

from tests.graphql.conftest import Api
from tests.graphql.test_waiting import expect, push_all, waiting

SET = """mutation ($i: LimitInput!) { setLimit(input: $i) {
  limit { id queue { name } function perKey maxRunning maxStarts periodSeconds runningCount heldBackCount }
  errors { code message path } } }"""
REMOVE = "mutation ($id: ID!) { removeLimit(id: $id) { id errors { code path } } }"
READ = "{ limits { id function perKey maxRunning runningCount heldBackCount } }"


async def put(api: Api, **wanted: Any) -> dict[str, Any]:
    payload = (await api.data(SET, "root", i={"queue": "default", **wanted}))["setLimit"]
    assert payload["errors"] == []
    limit: dict[str, Any] = payload["limit"]
    return limit


async def claim(api: Api, want: int = 10) -> list[str]:
    """What a worker gets."""
    found = await api.platform.broker.claim("default", "worker_1", f"{want}-{id(object())}", want, 60_000)
    return [task.id for task in found.tasks]


async def test_a_limit_is_set_changed_and_removed(api: Api) -> None:
    first = await put(api, function="multiply", maxRunning=3, maxStarts=5, periodSeconds=1.5)
    assert {name: first[name] for name in first if name != "id"} == {
        "queue": {"name": "default"}, "function": "multiply", "perKey": False, "maxRunning": 3, "maxStarts": 5,
        "periodSeconds": 1.5, "runningCount": 0, "heldBackCount": 0,
    }  # fmt: skip
    again = await put(api, function="multiply", maxRunning=4)
    assert (again["id"], again["maxRunning"], again["maxStarts"]) == (first["id"], 4, None)
    whole, keys = await put(api, maxRunning=9), await put(api, function="multiply", perKey=True, maxRunning=1)
    assert [limit["id"] for limit in (await api.data(READ))["limits"]] == [whole["id"], first["id"], keys["id"]]
    node = await api.data("query ($id: ID!) { node(id: $id) { ... on Limit { maxRunning } } }", id=whole["id"])
    assert node == {"node": {"maxRunning": 9}}
    for limit in (whole, first, keys):
        assert (await api.data(REMOVE, "root", id=limit["id"]))["removeLimit"] == {"id": limit["id"], "errors": []}
    gone = await api.data(REMOVE, "root", id=whole["id"])
    assert gone["removeLimit"] == {"id": None, "errors": [{"code": "NOT_FOUND", "path": ["id"]}]}
    assert (await api.data(READ))["limits"] == []


@pytest.mark.parametrize(
    ("wanted", "code", "path"),
    [
        ({}, "INVALID", "maxRunning"),
        ({"maxRunning": 0}, "INVALID", "maxRunning"),
        ({"maxRunning": 1, "perKey": True}, "INVALID", "function"),
        ({"maxStarts": 1}, "INVALID", "periodSeconds"),
        ({"maxStarts": 1_001, "periodSeconds": 1}, "INVALID", "maxStarts"),
        ({"maxStarts": 1, "periodSeconds": 0.01}, "INVALID", "periodSeconds"),
        ({"maxRunning": 1, "queue": "none"}, "NOT_FOUND", "queue"),
        ({"maxRunning": 1, "function": "none"}, "UNKNOWN_FUNCTION", "function"),
        ({"maxRunning": 1, "function": 'a"b'}, "INVALID", "function"),
    ],
)
async def test_what_is_no_limit_is_refused(api: Api, wanted: dict[str, Any], code: str, path: str) -> None:
    payload = (await api.data(SET, "root", i={"queue": "default", **wanted}))["setLimit"]
    assert payload["limit"] is None
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [(code, ["input", path])]


async def test_limits_are_told_to_redis_at_once(api: Api) -> None:
    limit = await put(api, function="multiply", maxRunning=1)
    tasks = [(await api.submit())["id"] for _ in range(4)]
    await push_all(api)
    assert await claim(api) == tasks[:1]
    (seen,) = (await api.data(READ))["limits"]
    assert (seen["runningCount"], seen["heldBackCount"]) == (1, 3)
    await put(api, function="multiply", maxRunning=2)
    assert await claim(api) == tasks[1:2]
    await api.data(REMOVE, "root", id=limit["id"])
    assert await claim(api) == tasks[2:]


async def test_what_a_limit_holds_back_says_so(api: Api) -> None:
    await api.worker(slots=5, running_count=1)
    await expect(api, 10_000)
    await put(api, function="multiply", maxRunning=1)
    tasks = [(await api.submit())["id"] for _ in range(4)]
    await push_all(api)
    await claim(api)
    found = await waiting(api, tasks[2])
    assert (found["reason"], found["position"]) == ("LIMIT", None)
    assert found["message"] == (
        "At most 1 of multiply may run at once, second of those that it holds back, should start in about 15 s."
    )
    assert re.fullmatch(r"\d{4}-.*Z", found["estimatedStart"])


async def test_a_limit_of_the_queue_and_of_a_key_and_of_a_period_say_so(api: Api) -> None:
    await api.worker(slots=5)
    await put(api, maxRunning=2)
    await put(api, function="multiply", perKey=True, maxStarts=1, periodSeconds=7_200)
    tasks = [(await api.submit(limitKey=key))["id"] for key in ("a", "a", "b", "c")]
    await push_all(api)
    assert await claim(api) == [tasks[0], tasks[2]]
    found = [await waiting(api, task_id) for task_id in (tasks[1], tasks[3])]
    assert found[0]["message"] == (
        "At most 1 of multiply with the limit key a may start in 7,200 s, first of those that it holds back, "
        "should start in about 2 h."
    )
    assert found[1]["message"] == "At most 2 of the queue default may run at once, first in line."
    assert [one["reason"] for one in found] == ["LIMIT", "LIMIT"]


async def test_a_limit_key_is_kept_shown_and_checked(api: Api) -> None:
    document = "mutation ($i: SubmitTaskInput!) { submitTask(input: $i) { task { limitKey } errors { code path } } }"
    wish = {"function": "multiply", "args": {"a": 6, "b": 7}}
    for key in ('customer "7"\\', "ключ"):
        answer = await api.data(document, i={**wish, "limitKey": key})
        assert answer["submitTask"] == {"task": {"limitKey": key}, "errors": []}
    for key in ("", "x" * 201, "a\nb"):
        answer = await api.data(document, i={**wish, "limitKey": key})
        assert answer["submitTask"]["errors"] == [{"code": "INVALID", "path": ["input", "limitKey"]}]


async def test_a_queue_says_why_what_waits_in_it_waits(api: Api) -> None:
    document = '{ queue(name: "default") { keptDays limits { function maxRunning } waiting { reason count } } }'

    async def reasons() -> dict[str, int]:
        found = (await api.data(document, "ann"))["queue"]
        return {one["reason"]: one["count"] for one in found["waiting"]}

    assert await reasons() == {}
    blocker = await api.submit("ann")
    await api.submit("ann", dependsOn=[blocker["id"]])
    await api.submit("ann", runAt="2035-01-01T00:00:00Z")
    await api.platform.submission.drain()
    assert await reasons() == {"NO_WORKER": 1, "DEPENDENCY": 1, "NOT_BEFORE": 1}
    await api.worker()
    assert await reasons() == {"ALL_BUSY": 1, "DEPENDENCY": 1, "NOT_BEFORE": 1}
    pause = 'mutation { pauseQueue(name: "default") { errors { code } } }'
    await api.data(pause, "root")
    assert await reasons() == {"QUEUE_PAUSED": 1, "DEPENDENCY": 1, "NOT_BEFORE": 1}


async def test_a_name_that_no_queue_can_have_is_none_of_a_queue(api: Api) -> None:
    document = "mutation ($n: String!) { setQueueStrategy(name: $n, strategy: PRIORITY) { errors { code } } }"
    assert (await api.data(document, "root", n="q" * 61))["setQueueStrategy"]["errors"] == [{"code": "NOT_FOUND"}]
