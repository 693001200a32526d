"""GraphQL over WebSocket: the protocol's letter, malformed frames, rights, limits, and a client that others wrote."""

import asyncio
import logging
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
import websockets
from gql import Client, gql
from gql.transport.websockets import WebsocketsTransport
from websockets.typing import Subprotocol

from rota.domain.access import Role
from rota.domain.events import Change
from rota.operations import accounts
from rota.settings import Settings
from rota.store import users
from rota.web import edge, server, sockets
from rota.web.together import Frame, Take
from rota.web.wire import WIRE
from tests.support.web import PROTOCOL, Account, Served, Talk, eventually, open_served, told_of_all

PASSWORD = "correct horse battery staple"
VIEWER = "{ viewer { username } }"
METRICS = "subscription { metricsTicked { activeWorkers } }"
QUEUES = "subscription { queuesChanged { name } }"
CHANGES = "subscription { tasksChanged { tasks { id status args } cursor isReset } }"
BIG = 2**70 + 1


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", 4400),
        ("null", 4400),
        ("7", 4400),
        ('"text"', 4400),
        ("[]", 4400),
        ("{}", 4400),
        ('{"type":null}', 4400),
        ('{"type":7}', 4400),
        ('{"type":"nothing"}', 4400),
        ('{"type":"start","id":"1","payload":{}}', 4400),
        ('{"type":"subscribe"}', 4400),
        ('{"type":"subscribe","id":"","payload":{"query":"{__typename}"}}', 4400),
        ('{"type":"subscribe","id":7,"payload":{"query":"{__typename}"}}', 4400),
        ('{"type":"subscribe","id":"1"}', 4400),
        ('{"type":"subscribe","id":"1","payload":[]}', 4400),
        ('{"type":"subscribe","id":"1","payload":{}}', 4400),
        ('{"type":"subscribe","id":"1","payload":{"query":7}}', 4400),
        ('{"type":"subscribe","id":"1","payload":{"query":"{__typename}","variables":7}}', 4400),
        ('{"type":"complete"}', 4400),
        ('{"type":"connection_init"}', 4429),
        ("[" * 50_000, 4400),
        (b"{}", 4400),
    ],
)
async def test_a_bad_message_closes_with_the_protocols_code(
    served: Served, caplog: pytest.LogCaptureFixture, frame: str | bytes, code: int
) -> None:
    async with served.talk() as talk:
        await talk.connection.send(frame)
        assert (await talk.closed())[0] == code
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_message_that_is_too_long_closes(served: Served) -> None:
    async with served.talk() as talk:
        await talk.connection.send("x" * 1_100_000)
        assert (await talk.closed())[0] == 1009


async def test_only_the_newer_protocol_is_spoken(served: Served) -> None:
    for offered in ([Subprotocol("graphql-ws")], None):
        async with websockets.connect(
            served.url.replace("http", "ws") + "/graphql", subprotocols=offered, proxy=None
        ) as connection:
            assert (await Talk(connection).closed())[0] == 4406


async def test_nothing_is_done_before_the_init(served: Served, alice: Account) -> None:
    async with served.socket(alice) as connection:
        talk = Talk(connection)
        await talk.say(type="ping")
        assert await talk.hear() == {"type": "pong"}
        await talk.subscribe(VIEWER)
        assert await talk.closed() == (4401, "Unauthorized")


async def test_a_silent_client_is_let_go(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "INIT_TIMEOUT_S", 0.05)
    async with served.socket() as connection:
        assert (await Talk(connection).closed())[0] == 4408


async def test_ping_pong_query_and_complete(served: Served, alice: Account) -> None:
    async with served.talk(alice) as talk:
        await talk.say(type="ping", payload={"any": "thing"})
        assert await talk.hear() == {"type": "pong"}
        await talk.say(type="pong")
        for operation in ("1", "1", 'q"\\'):  # an id may be used again, and hold anything
            await talk.subscribe(VIEWER, operation)
            assert await talk.hear() == {
                "id": operation,
                "type": "next",
                "payload": {"data": {"viewer": {"username": alice.user.username}}},
            }
            assert await talk.hear() == {"id": operation, "type": "complete"}


async def test_who_one_is_comes_from_the_cookie_or_the_payload(served: Served, alice: Account) -> None:
    _, secret = await accounts.create_token(served.platform, alice.viewer, "mine", None)
    async with served.socket() as connection:
        talk = Talk(connection)
        await talk.say(type="connection_init", payload={"authorization": f"Bearer {secret}"})
        assert (await talk.hear())["type"] == "connection_ack"
        await talk.subscribe(VIEWER)
        assert (await talk.next())["viewer"]["username"] == alice.user.username
    for payload in ({"authorization": "Bearer rota_nothing"}, {"authorization": 7}, {"authorization": ""}):
        async with served.socket(alice) as connection:
            talk = Talk(connection)
            await talk.say(type="connection_init", payload=payload)
            assert (await talk.closed())[0] == 4403
    async with served.socket(alice) as connection:
        talk = Talk(connection)
        await talk.say(type="connection_init", payload=[])
        assert (await talk.closed())[0] == 4400


async def test_sessions_begin_only_where_a_cookie_can_be_set(served: Served) -> None:
    await accounts.register(served.platform, "ada", PASSWORD, None, [Role.CLIENT], None)
    given = f'username: "ada", password: "{PASSWORD}"'
    fresh = f'username: "bob", password: "{PASSWORD}", roles: [CLIENT]'
    for query in (f"mutation {{ login(input: {{{given}}}) {{ viewer {{ id }} errors {{ code message }} }} }}",
                  f"mutation {{ register(input: {{{fresh}}}) {{ viewer {{ id }} errors {{ code message }} }} }}"):  # fmt: skip
        async with served.talk() as talk:
            await talk.subscribe(query)
            (payload,) = (await talk.next()).values()
        async with served.http() as client:
            streamed = await client.post("/graphql/stream", json={"query": query})
        assert payload["viewer"] is None
        assert payload["errors"][0]["code"] == "INVALID"
        assert "POST to /graphql" in payload["errors"][0]["message"]
        assert "POST to /graphql" in streamed.text
        assert "set-cookie" not in streamed.headers
    async with served.platform.database.read() as db:
        (sessions,) = await db.rows("SELECT count(*) AS n FROM sessions")
        assert sessions["n"] == 0
        assert await users.by_name(db, "bob") is None


async def test_errors_end_the_operation_and_not_the_connection(served: Served, alice: Account) -> None:
    async with served.talk() as talk:
        for query, code in (
            ("{ nothing }", "BAD_USER_INPUT"),
            ("{", "BAD_USER_INPUT"),
            ("query A { __typename } query B { __typename }", "BAD_USER_INPUT"),
            ("subscription { nothing }", "BAD_USER_INPUT"),
            ("subscription ($id: ID!) { taskChanged(id: $id) { id } }", "BAD_USER_INPUT"),
        ):
            await talk.subscribe(query)
            message = await talk.hear()
            assert message["type"] == "error", message
            assert message["payload"][0]["extensions"]["code"] == code
            assert message["payload"][0]["extensions"]["requestId"].startswith("req_")
        for query in (METRICS, CHANGES, QUEUES):
            await talk.subscribe(query)
            message = await talk.hear()
            assert message["payload"]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
            assert (await talk.hear())["type"] == "complete"
        await talk.subscribe("{ __typename }")
        assert await talk.next() == {"__typename": "Query"}


async def test_complete_ends_a_subscription(served: Served, alice: Account) -> None:
    async with served.talk(alice) as talk:
        await talk.subscribe(QUEUES)
        assert await talk.next() == {"queuesChanged": [{"name": "default"}]}
        await talk.say(id="1", type="complete")
        await served.settled(watching=0)
        await talk.subscribe(QUEUES)
        assert await talk.next() == {"queuesChanged": [{"name": "default"}]}
        await talk.subscribe(QUEUES)
        assert await talk.closed() == (4409, "Subscriber for 1 already exists")


async def test_nothing_is_written_at_once_for_an_operation_that_is_to_end() -> None:
    written: list[bytes] = []

    def write(parts: Sequence[bytes]) -> bool:
        written.append(b"".join(parts))
        return True

    websocket: Any = SimpleNamespace(scope={"extensions": {WIRE: {"write": write}}})
    unused: Any = None
    taking: asyncio.Future[Take] = asyncio.get_running_loop().create_future()

    async def operate() -> None:
        taking.set_result(sockets._Connection(unused, unused, websocket)._take('"1"'))
        await asyncio.Event().wait()

    operation = asyncio.create_task(operate())
    take = await taking
    assert take(Frame("next", b"{}"))
    assert written == [b'{"id":"1","type":"next","payload":{}}']
    assert not take(Frame("error", b"[]"))
    # Its client may use its id again from here on.
    operation.cancel()
    assert not take(Frame("next", b"{}"))
    assert len(written) == 1
    await asyncio.gather(operation, return_exceptions=True)


async def test_a_client_that_leaves_is_forgotten(served: Served, alice: Account) -> None:
    async with served.talk(alice) as talk:
        await talk.subscribe(QUEUES)
        await talk.next()
        await served.settled(watching=1)
        talk.connection.transport.abort()
    await served.settled(watching=0)


async def test_a_client_that_takes_nothing_is_let_go(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "STALLED_S", 0.3)
    real = server._config

    def without_pings(*given: Any) -> uvicorn.Config:
        config = real(*given)
        # The server's own pings would let it go too, after forty seconds.
        config.ws_ping_interval = config.ws_ping_timeout = None
        return config

    monkeypatch.setattr(server, "_config", without_pings)
    async with open_served(settings) as served:
        alice = await served.account()
        tasks = await served.rota.submit(100, by=alice.viewer, args={"a": 10**4_000, "b": 1})
        async with served.talk(alice) as talk, served.talk(alice) as other:
            talk.connection.transport.pause_reading()
            # The client's own pings, whose answers it does not read, would end it too.
            assert talk.connection.keepalive_task is not None
            talk.connection.keepalive_task.cancel()
            await talk.subscribe(CHANGES)
            await other.subscribe(CHANGES)
            await served.settled(watching=2)

            heard = 0

            async def hear() -> None:
                nonlocal heard
                while True:
                    assert (await other.next())["tasksChanged"]["tasks"]
                    heard += 1

            hearing = asyncio.create_task(hear())
            async with asyncio.timeout(60):
                while await served.metric("rota_subscriptions") > 1:
                    served.platform.announcer.tell(Change(tuple(task.id for task in tasks)))
            # Who takes what comes still hears.
            await told_of_all(served.platform, served.hub)
            before = heard
            served.platform.announcer.tell(Change((tasks[0].id,)))
            await eventually(lambda: heard > before)
            assert await served.metric("rota_subscriptions") == 1
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)
            talk.connection.transport.abort()


async def test_operations_of_a_connection_are_bounded(
    served: Served, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "OPERATIONS_PER_CONNECTION", 2)
    async with served.talk(alice) as talk:
        for number in "12":
            await talk.subscribe(QUEUES, number)
            await talk.next()
        await talk.subscribe(QUEUES, "3")
        message = await talk.hear()
        assert (message["id"], message["type"]) == ("3", "error")
        assert message["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
        await talk.say(id="1", type="complete")
        await served.settled(watching=1)
        await talk.subscribe(QUEUES, "3")
        assert await talk.next()


async def test_connections_of_a_user_are_bounded(
    served: Served, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "CONNECTIONS_PER_USER", 1)
    async with served.talk(alice):
        async with served.socket(alice) as connection:
            talk = Talk(connection)
            await talk.say(type="connection_init")
            assert (await talk.closed())[0] == 4429
        async with served.http(alice) as client:
            answer = await client.get("/graphql/stream", params={"query": QUEUES})
            assert answer.status_code == 429
            assert answer.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
        async with served.talk(await served.account()):
            pass


async def test_streams_end_with_their_session(served: Served, alice: Account) -> None:
    async with served.talk(alice) as talk:
        await talk.subscribe(METRICS)
        await talk.next()
        await served.ask(alice, "mutation { logout { ok } }")
        assert await talk.closed() == (4401, "The session has ended.")


async def test_streams_end_with_their_token(served: Served, alice: Account) -> None:
    token, secret = await accounts.create_token(served.platform, alice.viewer, "mine", None)
    async with served.socket() as connection:
        talk = Talk(connection)
        await talk.say(type="connection_init", payload={"authorization": f"Bearer {secret}"})
        await talk.subscribe(METRICS)
        assert (await talk.hear())["type"] == "connection_ack"
        await accounts.revoke_token(served.platform, alice.viewer, token.id)
        assert (await talk.closed())[0] == 4401


async def test_streams_end_where_roles_change(served: Served, alice: Account) -> None:
    async with served.talk(alice) as talk:
        async with served.platform.database.transaction() as db:
            await db.run("UPDATE users SET roles = 'WORKER' WHERE id = $1", alice.user.id)
            assert (await users.get(db, alice.user.id)) is not None
        # Not 4401: a client that takes that for the end shall come again with its new rights.
        assert (await talk.closed())[0] == 4403


async def test_big_integers_are_exact(served: Served, alice: Account) -> None:
    (task,) = await served.submit(by=alice.viewer, args={"a": BIG, "b": -BIG})
    async with served.talk(alice) as talk:
        await talk.subscribe("query ($id: ID!) { task(id: $id) { args } }", id=task.id)
        assert await talk.next() == {"task": {"args": {"a": BIG, "b": -BIG}}}
        await talk.hear()
        await talk.subscribe(CHANGES)
        await served.settled(watching=1)
        served.platform.announcer.tell(Change((task.id,)))
        changes = (await talk.next())["tasksChanged"]
        assert changes["tasks"][0]["args"] == {"a": BIG, "b": -BIG}
        await talk.subscribe(
            'mutation ($a: JSON!) { submitTask(input: {function: "multiply", args: $a}) { task { args } } }',
            "2",
            a={"a": BIG, "b": 2},
        )
        assert await talk.next() == {"submitTask": {"task": {"args": {"a": BIG, "b": 2}}}}


async def test_a_client_that_others_wrote_gets_on(served: Served, alice: Account) -> None:
    _, secret = await accounts.create_token(served.platform, alice.viewer, "mine", None)
    (task,) = await served.submit(by=alice.viewer)
    transport = WebsocketsTransport(
        url=served.url.replace("http", "ws") + "/graphql",
        init_payload={"authorization": f"Bearer {secret}"},
        subprotocols=[PROTOCOL],
    )
    seen = []
    async with Client(transport=transport) as session, asyncio.timeout(60):
        assert await session.execute(gql(VIEWER)) == {"viewer": {"username": alice.user.username}}
        query = gql("subscription ($id: ID!) { taskChanged(id: $id) { status version } }")
        query.variable_values = {"id": task.id}
        async for answer in session.subscribe(query):
            seen.append(answer["taskChanged"]["status"])
            if len(seen) == 1:
                await served.rota.run()
    assert seen[0] == "QUEUED"
    assert seen[-1] == "SUCCEEDED"


@pytest.mark.usefixtures("endless_grace")
async def test_all_are_told_to_come_again_at_shutdown(served: Served, alice: Account) -> None:
    async with served.talk(alice) as talk:
        await talk.subscribe(METRICS)
        await talk.next()
        served.stop.set()
        assert (await talk.closed())[0] == 1012
        await eventually(served.ended.is_set)
