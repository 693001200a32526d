"""However long a page, each kind of thing is asked for once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tortoise.backends.base.client import BaseDBAsyncClient

from rota.operations.platform import Platform
from rota.store import listing, tasks
from rota.store.selection import TaskQuery
from tests.graphql.conftest import Api

EVERYTHING = """query ($n: Int!) { tasks(first: $n) { totalCount pageInfo { hasNextPage } nodes {
  id function title args priority status deadline runAt dueAt tags progress result isLate createdAt version
  queue { name depth runningCount depthByPriority { depth } } owner { username } worker { name }
  dependsOn { id } attempts { number worker { name } } waiting { reason message position estimatedStart } } } }"""
WORKERS = "{ workers { name queues { name workers { name } } tasks(first: 5) { title } } queues { name workers { name } depth } }"


@contextmanager
def counted(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The SELECTs that were run inside."""
    statements: list[str] = []
    client: BaseDBAsyncClient = platform.database._client("reader")
    with monkeypatch.context() as patch:
        for name in ("execute_query", "execute_query_dict"):
            real = getattr(type(client), name)

            async def counting(self: object, query: str, values: object = None, real: object = real) -> object:
                statements.append(query)
                assert callable(real)
                return await real(self, query, values)

            patch.setattr(type(client), name, counting)
        yield statements


async def fill(api: Api, count: int) -> None:
    """Tasks of two owners, of every waiting kind, some with a worker, an attempt and what they depend on."""
    worker_ids = [await api.worker(f"worker-{index}") for index in range(5)]
    first = await api.submit("ann")
    for index in range(count - 1):
        by = ("ann", "bob")[index % 2]
        wishes: list[dict[str, Any]] = [{}, {"runAt": "2031-01-01T00:00:00Z"}, {"dependsOn": [first["id"]]}]
        await api.submit(by if index % 3 != 2 else "ann", title=f"task {index}", **wishes[index % 3])
    async with api.platform.database.transaction() as db:
        for index, row in enumerate((await listing.page(db, TaskQuery(), 200)).rows):
            row.worker_id = worker_ids[index % 5]
            await tasks.write(db, [row], ("worker_id",))


@pytest.mark.parametrize("document", [EVERYTHING, WORKERS], ids=["tasks", "workers"])
async def test_a_long_page_asks_no_more_than_a_short_one(
    api: Api, monkeypatch: pytest.MonkeyPatch, document: str
) -> None:
    await fill(api, 100)
    asked: dict[int, int] = {}
    for first in (10, 100):
        variables: dict[str, Any] = {"n": first} if document is EVERYTHING else {}
        with counted(api.platform, monkeypatch) as statements:
            found = await api.data(document, "root", **variables)
        asked[first] = len(statements)
        if document is EVERYTHING:
            nodes = found["tasks"]["nodes"]
            assert len(nodes) == first
            assert {node["owner"]["username"] for node in nodes} == {"ann", "bob"}
            assert all(node["worker"] for node in nodes)
            assert {node["waiting"]["reason"] for node in nodes} == {"NOT_BEFORE", "DEPENDENCY", "ALL_BUSY"}
        else:
            assert all(len(worker["tasks"]) == 5 for worker in found["workers"])
            assert len(found["queues"][0]["workers"]) == 5
    assert asked[10] == asked[100] <= 20
