"""Whether the schema can be asked for, as a setting says; by whatever way it is asked for."""

from pathlib import Path

from graphql import get_introspection_query

from tests.support.rota import settings_for
from tests.support.web import Account, Events, Served, open_served

ASKING = (
    get_introspection_query(),
    "{ __schema { queryType { name } } }",
    '{ a: __type(name: "Task") { name } }',
    "{ ...F } fragment F on Query { __schema { types { name } } }",
)
NOT_ASKING = (
    "{ __typename # __schema\n viewer { __typename } }",
    '{ tasks(filter: {search: "__type"}) { totalCount } }',
)


async def test_it_can_be_asked_for(served: Served, alice: Account) -> None:
    for query in (*ASKING, *NOT_ASKING):
        assert "errors" not in await served.ask(alice, query)


async def test_it_can_be_kept_back(sqlite_url: str, redis_url: str, tmp_path: Path) -> None:
    settings = settings_for(sqlite_url, redis_url, tmp_path, port=0, introspection=False)
    async with open_served(settings) as served:
        alice = await served.account()
        for query in ASKING:
            body = await served.ask(alice, query)
            assert "data" not in body
            assert "ROTA_INTROSPECTION" in body["errors"][0]["message"]
            assert body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        for query in NOT_ASKING:
            assert "errors" not in await served.ask(alice, query)
        async with served.talk(alice) as talk:
            await talk.subscribe(ASKING[1])
            assert "ROTA_INTROSPECTION" in (await talk.hear())["payload"][0]["message"]
        async with (
            served.http(alice) as client,
            client.stream("POST", "/graphql/stream", json={"query": ASKING[1]}) as response,
        ):
            _, body = await Events(response).hear()
            assert "ROTA_INTROSPECTION" in body["errors"][0]["message"]
