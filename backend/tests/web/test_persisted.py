"""Documents that are sent once and then named by their hash."""

import hashlib
from typing import Any

import pytest

from rota import jsontext
from rota.web import persisted as module
from rota.web.persisted import NotPersisted, Persisted
from tests.support.web import Account, Events, Served

QUERY = "query Who { viewer { username } }"


def named(text: str, **more: Any) -> dict[str, Any]:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}, **more}


async def test_a_document_is_sent_once_and_then_named(served: Served, alice: Account) -> None:
    async with served.http(alice) as client:
        unknown = await client.post("/graphql", json=named(QUERY))
        assert unknown.status_code == 200
        (error,) = unknown.json()["errors"]
        assert (error["message"], error["extensions"]["code"]) == (
            "PersistedQueryNotFound",
            "PERSISTED_QUERY_NOT_FOUND",
        )
        for fields in (named(QUERY, query=QUERY), named(QUERY)):
            answer = await client.post("/graphql", json=fields)
            assert answer.json() == {"data": {"viewer": {"username": alice.user.username}}}
        extensions = jsontext.dumps(named(QUERY)["extensions"])
        answer = await client.get("/graphql", params={"extensions": extensions})
        assert answer.json() == {"data": {"viewer": {"username": alice.user.username}}}


async def test_limits_hold_and_mutations_do_not_come_by_get(served: Served, alice: Account) -> None:
    deep = "{ " + " ".join(f"a{index}: __typename" for index in range(16)) + " }"
    logout = "mutation { logout { ok } }"
    async with served.http(alice) as client:
        for text in (deep, logout):
            kept = await client.post("/graphql", json=named(text, query=text, operationName="None such"))
            assert kept.json()["errors"]
        assert "aliases" in (await client.post("/graphql", json=named(deep))).json()["errors"][0]["message"]
        extensions = jsontext.dumps(named(logout)["extensions"])
        assert (await client.get("/graphql", params={"extensions": extensions})).status_code == 405


async def test_over_a_websocket_it_is_an_error_of_the_operation(served: Served, alice: Account) -> None:
    async with served.talk(alice) as talk:
        await talk.say(id="1", type="subscribe", payload=named(QUERY))
        refused = await talk.hear()
        assert (refused["id"], refused["type"]) == ("1", "error")
        assert refused["payload"][0]["message"] == "PersistedQueryNotFound"
        assert refused["payload"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
        for fields in (named(QUERY, query=QUERY), named(QUERY)):  # the id may be used again
            await talk.say(id="1", type="subscribe", payload=fields)
            assert await talk.next() == {"viewer": {"username": alice.user.username}}
            assert (await talk.hear())["type"] == "complete"
        await talk.say(id="1", type="subscribe", payload=named(QUERY, query="{ __typename }"))
        refused = await talk.hear()
        assert "not the SHA-256" in refused["payload"][0]["message"]
        assert refused["payload"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_stream_says_that_it_does_not_know_it(served: Served, alice: Account) -> None:
    accept = {"accept": "text/event-stream"}
    async with served.http(alice) as client:
        heard = []
        for fields in (named(QUERY), named(QUERY, query=QUERY), named(QUERY)):
            async with client.stream("POST", "/graphql/stream", json=fields, headers=accept) as response:
                assert response.headers["content-type"].startswith("text/event-stream")
                stream = Events(response)
                heard.append(await stream.hear())
                assert await stream.hear() == ("complete", None)
    assert [event for event, _ in heard] == ["next"] * 3
    assert heard[0][1]["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    assert heard[1][1] == heard[2][1] == {"data": {"viewer": {"username": alice.user.username}}}


@pytest.mark.parametrize(
    "asked", ["text", {}, {"version": 2, "sha256Hash": "0" * 64}, {"version": 1, "sha256Hash": "0" * 64}]
)
async def test_what_is_malformed_or_does_not_fit_is_refused(served: Served, alice: Account, asked: object) -> None:
    async with served.http(alice) as client:
        answer = await client.post("/graphql", json={"query": QUERY, "extensions": {"persistedQuery": asked}})
    assert answer.status_code == 400


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_CHARACTERS", 20)
    kept = Persisted()
    for text in ("{aaaaaaaa}", "{bbbbbbbb}"):
        kept.completed(named(text, query=text))
    assert kept.completed(named("{aaaaaaaa}"))["query"] == "{aaaaaaaa}"  # used last
    kept.completed(named("{cccccccc}", query="{cccccccc}"))
    with pytest.raises(NotPersisted):
        kept.completed(named("{bbbbbbbb}"))
    assert kept.completed(named("{aaaaaaaa}"))["query"] == "{aaaaaaaa}"
