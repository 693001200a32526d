"""GraphQL over server-sent events: results, the end, keep-alives, rights, and clients that leave or take nothing."""

import asyncio

import pytest

from rota.domain.events import Change
from rota.web import streams
from tests.support.web import Account, Served, events, eventually

QUEUES = "subscription { queuesChanged { name } }"
METRICS = "subscription { metricsTicked { activeWorkers } }"
BIG = 2**70 + 1


async def test_a_query_is_one_event(served: Served, alice: Account) -> None:
    async with served.http(alice) as client, events(client, "{ viewer { username } }") as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        assert stream.response.headers["cache-control"] == "no-store"
        assert await stream.hear() == ("next", {"data": {"viewer": {"username": alice.user.username}}})
        assert await stream.hear() == ("complete", None)
        assert await stream.hear() == ("end", None)


async def test_a_subscription_goes_on_until_its_task_ends(served: Served, alice: Account) -> None:
    (task,) = await served.submit(by=alice.viewer, args={"a": BIG, "b": 1})
    query = "subscription ($id: ID!) { taskChanged(id: $id) { status args result } }"
    async with served.http(alice) as client, events(client, query, id=task.id) as stream:
        name, first = await stream.hear()
        assert (name, first["data"]["taskChanged"]["args"]) == ("next", {"a": BIG, "b": 1})
        await served.rota.run()
        seen = []
        while (heard := await stream.hear())[0] == "next":
            seen.append(heard[1]["data"]["taskChanged"]["status"])
        assert heard == ("complete", None)
        assert seen[-1] == "SUCCEEDED"


async def test_a_browsers_event_source_reads_by_get(served: Served, alice: Account) -> None:
    async with (
        served.http(alice) as client,
        client.stream(
            "GET", "/graphql/stream", params={"query": QUEUES}, headers={"accept": "text/event-stream"}
        ) as response,
    ):
        lines = response.aiter_lines()
        seen = [await anext(lines) for _ in range(4)]
        assert seen == [":", "", "event: next", 'data: {"data":{"queuesChanged":[{"name":"default"}]}}']


async def test_what_cannot_come_this_way_is_refused(served: Served, alice: Account) -> None:
    async with served.http(alice) as client:
        answer = await client.get("/graphql/stream", params={"query": "mutation { logout { ok } }"})
        assert answer.status_code == 405
        answer = await client.post("/graphql/stream", json={"query": QUEUES}, headers={"accept": "application/json"})
        assert answer.status_code == 406
        answer = await client.post("/graphql/stream", content=b"{", headers={"content-type": "application/json"})
        assert answer.status_code == 400
        answer = await client.post("/graphql/stream", content=b"query={__typename}")
        assert answer.status_code == 415


async def test_errors_come_as_a_result_without_data(served: Served) -> None:
    async with served.http() as client:
        for query, code in (("{ nothing }", "BAD_USER_INPUT"), (METRICS, "UNAUTHENTICATED")):
            async with events(client, query) as stream:
                name, body = await stream.hear()
                assert name == "next"
                assert not body.get("data")
                assert body["errors"][0]["extensions"]["code"] == code
                assert await stream.hear() == ("complete", None)


async def test_a_quiet_stream_is_kept_alive(served: Served, alice: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "KEEP_ALIVE_S", 0.01)
    query = "subscription { tasksChanged { cursor } }"
    async with (
        served.http(alice) as client,
        client.stream("POST", "/graphql/stream", json={"query": query}) as response,
    ):
        lines = response.aiter_lines()
        assert [await anext(lines) for _ in range(6)] == [":", ""] * 3


async def test_a_client_that_leaves_is_forgotten(served: Served, alice: Account) -> None:
    async with served.http(alice) as client, events(client, QUEUES) as stream:
        await stream.hear()
        await served.settled(watching=1)
    await served.settled(watching=0)


async def test_a_client_that_takes_nothing_is_let_go(
    served: Served, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "STALLED_S", 0.3)
    tasks = await served.submit(100, by=alice.viewer, args={"a": 10**4_000, "b": 1})
    _, writer = await asyncio.open_connection(*served.address, limit=1024)
    try:
        body = '{"query":"subscription { tasksChanged { tasks { args } } }"}'
        head = (
            "POST /graphql/stream HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            f"cookie: rota_session={alice.secret}\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        writer.write((head + body).encode())
        await served.settled(watching=1)

        async def shout() -> None:
            while served.hub.watching:
                served.platform.announcer.tell(Change(tuple(task.id for task in tasks)))
                await asyncio.sleep(0.02)

        async with asyncio.timeout(60):
            await shout()
        assert served.hub.watching == 0
    finally:
        writer.transport.abort()


async def test_a_stream_ends_with_its_session(served: Served, alice: Account) -> None:
    async with served.http(alice) as client, events(client, METRICS) as stream:
        await stream.hear()
        await served.ask(alice, "mutation { logout { ok } }")
        while (heard := await stream.hear())[0] == "next" and "errors" not in heard[1]:
            pass
        assert heard[1]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert await stream.hear() == ("complete", None)


@pytest.mark.usefixtures("endless_grace")
async def test_an_open_stream_does_not_hold_up_the_end(served: Served, alice: Account) -> None:
    async with served.http(alice) as client, events(client, METRICS) as stream:
        await stream.hear()
        served.stop.set()
        await eventually(served.ended.is_set)
        # No `complete`: a client is to connect again.
        while (heard := await stream.hear())[0] == "next":
            pass
        assert heard == ("end", None)
