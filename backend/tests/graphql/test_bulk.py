"""Actions on many tasks through the API: asked for, read and watched by whom they concern."""

from pathlib import Path
from typing import Any

import pytest

from rota.coordinator import bulk as loop
from rota.domain.access import Role
from tests.graphql.conftest import Api
from tests.support.rota import settings_for
from tests.support.web import Account, Served, open_served

ACTION = "action { id kind status total done failed owner { username } } errors { code message path }"
CANCEL = f"mutation ($ids: [ID!], $f: TaskFilter) {{ cancelTasks(ids: $ids, filter: $f) {{ {ACTION} }} }}"
READ = "query ($id: ID!) { bulkAction(id: $id) { status total done failed failures { taskId code message } } }"


async def rest(_: float) -> None: ...


async def finish(api: Api) -> None:
    while await loop.turn(api.platform, rest):
        pass


async def test_an_action_is_asked_for_and_read(api: Api) -> None:
    one, two = await api.submit(), await api.submit()
    await api.submit("bob")
    asked = (await api.data(CANCEL, ids=[one["id"]]))["cancelTasks"]
    assert asked["errors"] == []
    assert asked["action"] | {"id": ""} == {
        "id": "", "kind": "CANCEL", "status": "RUNNING", "total": 1, "done": 0, "failed": 0, "owner": {"username": "ann"},
    }  # fmt: skip
    by_filter = (await api.data(CANCEL, f={"status": ["QUEUED"]}))["cancelTasks"]["action"]
    await finish(api)
    found = (await api.data(READ, id=asked["action"]["id"]))["bulkAction"]
    assert found == {"status": "DONE", "total": 1, "done": 1, "failed": 0, "failures": []}
    # Only her own, and of those only what was not cancelled by then.
    found = (await api.data(READ, id=by_filter["id"]))["bulkAction"]
    assert found == {"status": "DONE", "total": 1, "done": 1, "failed": 0, "failures": []}
    assert (await api.data("query ($id: ID!) { task(id: $id) { status } }", id=two["id"]))["task"][
        "status"
    ] == "CANCELLED"
    assert (await api.data(READ, "bob", id=by_filter["id"]))["bulkAction"] is None
    assert (await api.data(READ, "root", id=by_filter["id"]))["bulkAction"] is not None
    node = "query ($id: ID!) { node(id: $id) { ... on BulkAction { kind } } }"
    assert (await api.data(node, id=by_filter["id"]))["node"] == {"kind": "CANCEL"}
    assert (await api.data(node, "bob", id=by_filter["id"]))["node"] is None


async def test_the_others_do_what_they_say(api: Api) -> None:
    task = await api.submit()
    for document in (
        f"mutation ($ids: [ID!]) {{ rescheduleTasks(ids: $ids, priority: 9) {{ {ACTION} }} }}",
        f"mutation ($ids: [ID!]) {{ cancelTasks(ids: $ids) {{ {ACTION} }} }}",
        f"mutation ($ids: [ID!]) {{ retryTasks(ids: $ids) {{ {ACTION} }} }}",
        f"mutation ($ids: [ID!]) {{ cancelTasks(ids: $ids) {{ {ACTION} }} }}",
        f"mutation ($ids: [ID!]) {{ deleteTasks(ids: $ids) {{ {ACTION} }} }}",
    ):
        (answer,) = (await api.data(document, ids=[task["id"]])).values()
        assert answer["errors"] == []
        await finish(api)
        found = (await api.data(READ, id=answer["action"]["id"]))["bulkAction"]
        assert (found["done"], found["failures"]) == (1, [])
    assert (await api.data("query ($id: ID!) { task(id: $id) { id } }", id=task["id"]))["task"] is None


async def test_one_task_is_deleted_when_it_has_ended(api: Api) -> None:
    task = await api.submit()
    document = "mutation ($id: ID!) { deleteTask(id: $id) { id errors { code message } } }"
    refused = (await api.data(document, id=task["id"]))["deleteTask"]
    assert (refused["id"], refused["errors"][0]["code"]) == (None, "CONFLICT")
    await api.data("mutation ($id: ID!) { cancelTask(id: $id) { errors { code } } }", id=task["id"])
    assert (await api.data(document, "bob", id=task["id"]))["deleteTask"]["errors"][0]["code"] == "NOT_FOUND"
    assert (await api.data(document, id=task["id"]))["deleteTask"] == {"id": task["id"], "errors": []}


async def test_wishes_without_sense_are_told(api: Api) -> None:
    answer = (await api.data(CANCEL))["cancelTasks"]
    assert answer["action"] is None
    assert (answer["errors"][0]["code"], answer["errors"][0]["path"]) == ("INVALID", ["ids"])
    assert (await api.refusal(CANCEL, ids=["nothing"]))[0] == "BAD_USER_INPUT"
    assert (await api.refusal(READ, id="task_01h455vb4pex5vsknk084sn02q"))[0] == "BAD_USER_INPUT"


@pytest.fixture
async def served(database_url: str, redis_url: str, tmp_path: Path) -> Any:
    async with open_served(settings_for(database_url, redis_url, tmp_path, port=0)) as served:
        yield served


async def test_an_action_is_watched_to_its_end(served: Served) -> None:
    alice: Account = await served.account(Role.CLIENT)
    other = await served.account()
    tasks = await served.submit(3, by=alice.viewer)
    asked = await served.ask(alice, CANCEL, ids=[task.id for task in tasks])
    action_id = asked["data"]["cancelTasks"]["action"]["id"]
    live = "subscription ($id: ID!) { bulkActionChanged(id: $id) { status done } }"
    async with served.talk(alice) as talk, served.talk(other) as stranger:
        await stranger.subscribe(live, id=action_id)
        assert (await stranger.hear())["payload"]["errors"][0]["extensions"]["code"] == "NOT_FOUND"
        await talk.subscribe(live, id=action_id)
        assert (await talk.next())["bulkActionChanged"] == {"status": "RUNNING", "done": 0}
        await loop.turn(served.platform, rest)
        while (found := (await talk.next())["bulkActionChanged"])["status"] == "RUNNING":
            assert found["done"] == 0
        assert found == {"status": "DONE", "done": 3}
        assert (await talk.hear())["type"] == "complete"
    await served.settled(watching=0)


async def test_lists_are_read_anew_after_a_deletion(served: Served) -> None:
    alice = await served.account()
    (task,) = await served.submit(by=alice.viewer)
    await served.rota.run()
    async with served.talk(alice) as talk:
        await talk.subscribe("subscription { tasksChanged { tasks { id } isReset } }")
        await served.settled(watching=1)
        await served.ask(alice, "mutation ($id: ID!) { deleteTask(id: $id) { errors { code } } }", id=task.id)
        while not (found := (await talk.next())["tasksChanged"])["isReset"]:
            assert found["tasks"]  # what was announced before
