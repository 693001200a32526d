"""A task's lines through the API: pages, and live without a gap or a double."""

from pathlib import Path
from typing import Any

import pytest

from rota.store.models import LogLine
from tests.graphql.conftest import Api
from tests.support.rota import settings_for
from tests.support.web import Account, Served, Talk, open_served

LOGS = """query ($id: ID!, $n: Int, $a: String) { task(id: $id) { logs(first: $n, after: $a) {
    nodes { number level message isLate at } edges { cursor } leftOut pageInfo { hasNextPage hasPreviousPage endCursor }
} } }"""
LIVE = "subscription ($id: ID!, $a: String) { taskLogged(id: $id, after: $a) { lines { message } leftOut cursor } }"


async def write(api: Api, task_id: str, count: int) -> None:
    async with api.platform.database.transaction() as db:
        for seq in range(1, count + 1):
            await LogLine.create(
                using_db=db.client, task_id=task_id, seq=seq, number=1, at=seq, level="INFO", message=f"line {seq}",
                is_late=seq == 3,
            )  # fmt: skip


async def test_lines_come_in_pages(api: Api) -> None:
    task = await api.submit()
    empty = (await api.data(LOGS, id=task["id"]))["task"]["logs"]
    assert empty == {
        "nodes": [], "edges": [], "leftOut": 0,
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "endCursor": None},
    }  # fmt: skip
    await write(api, task["id"], 5)
    first = (await api.data(LOGS, id=task["id"], n=3))["task"]["logs"]
    assert [node["message"] for node in first["nodes"]] == ["line 1", "line 2", "line 3"]
    assert first["nodes"][2] == {
        "number": 1, "level": "INFO", "message": "line 3", "isLate": True, "at": "1970-01-01T00:00:00.003Z",
    }  # fmt: skip
    assert first["pageInfo"]["hasNextPage"]
    rest = (await api.data(LOGS, id=task["id"], n=3, a=first["pageInfo"]["endCursor"]))["task"]["logs"]
    assert [node["message"] for node in rest["nodes"]] == ["line 4", "line 5"]
    assert (rest["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasPreviousPage"]) == (False, True)


async def test_cursors_are_checked(api: Api) -> None:
    one, other = await api.submit(), await api.submit()
    await write(api, one["id"], 1)
    cursor = (await api.data(LOGS, id=one["id"]))["task"]["logs"]["pageInfo"]["endCursor"]
    for task_id, after in ((other["id"], cursor), (one["id"], "rubbish")):
        code, message = await api.refusal(LOGS, id=task_id, a=after)
        assert code == "BAD_USER_INPUT"
        assert "after is no cursor of this" in message
    assert (await api.refusal(LOGS, id=one["id"], n=201))[0] == "BAD_USER_INPUT"


@pytest.fixture
async def served(database_url: str, redis_url: str, tmp_path: Path) -> Any:
    async with open_served(settings_for(database_url, redis_url, tmp_path, port=0)) as served:
        yield served


async def heard(talk: Talk, count: int) -> tuple[list[str], Any]:
    """So many lines, and the last event."""
    found: list[str] = []
    event: Any = None
    while len(found) < count:
        event = (await talk.next())["taskLogged"]
        found += [line["message"] for line in event["lines"]]
    return found, event


async def test_lines_are_told_live_once_and_go_on_from_a_cursor(served: Served, alice: Account) -> None:
    (task,) = await served.submit(by=alice.viewer)
    claim = await served.rota.claim()

    async def say(first: int, count: int, left_out: int = 0) -> None:
        said = [[first + index, "INFO", str(first + index)] for index in range(count)]
        entry = [task.id, 1, str(claim.lease), first, said, left_out]
        await served.rota.broker.progress("default", "w1", (), [entry])
        await served.rota.record()

    await say(1, 250)  # more than go into one event
    async with served.talk(alice) as talk, served.talk(alice) as other:
        await talk.subscribe(LIVE, id=task.id)
        found, event = await heard(talk, 250)
        await other.subscribe(LIVE, id=task.id, a=event["cursor"])
        await served.settled(watching=2)
        await say(251, 2, left_out=4)
        more, event = await heard(talk, 2)
        assert found + more == [str(number) for number in range(1, 253)]
        assert event["leftOut"] == 4
        assert await heard(other, 2) == (["251", "252"], event)
        await say(253, 0, left_out=9)  # nothing is kept any more; that is told
        assert (await talk.next())["taskLogged"] == {"lines": [], "leftOut": 9, "cursor": event["cursor"]}
    await served.settled(watching=0)
    await say(253, 1)
    async with served.talk(alice) as talk:
        await talk.subscribe(LIVE, id=task.id, a=event["cursor"])
        assert (await heard(talk, 1))[0] == ["253"]
        await served.rota.settle(claim)
        await say(254, 1)
        assert (await heard(talk, 1))[0] == ["254"]


async def test_a_foreign_tasks_lines_are_nobodys(served: Served, alice: Account) -> None:
    (task,) = await served.submit()
    async with served.talk(alice) as talk:
        await talk.subscribe(LIVE, id=task.id)
        assert (await talk.hear())["payload"]["errors"][0]["extensions"]["code"] == "NOT_FOUND"
