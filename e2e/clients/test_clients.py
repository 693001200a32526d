"""Query, mutation, subscription with a cut, errors and sign-in, as users of each client write them."""

import asyncio
import os
import shutil
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from e2e.clients.conftest import PASSWORD, Ada
from rota import jsontext
from tests.support.web import PROTOCOL, eventually

HERE = Path(__file__).parent
WITHIN_S = 60

VIEWER = "{ viewer { username } }"
SUBMIT = "mutation ($i: SubmitTaskInput!) { submitTask(input: $i) { task { id status } errors { code message path } } }"
WISH = {"i": {"function": "multiply", "args": {"a": 6, "b": 7}}}
CHANGES = "subscription ($after: String) { tasksChanged(after: $after) { cursor isReset tasks { id } } }"

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def told_by(script: str, ada: Ada) -> dict[str, Any]:
    """What a client written in JavaScript found."""
    needs = HERE.parent / "node_modules" / "graphql-sse"
    assert needs.is_dir(), "its packages are not installed: npx -y rust-just audit"
    told = await _run("node", str(HERE / script), ada.url, env={"TOKEN": ada.token, "COOKIE": ada.cookie})
    found: dict[str, Any] = jsontext.loads(told)
    assert found["viewer"] == found["by cookie"] == ada.name
    assert found["nobody"] is None
    assert found["submitted"]["task"]["status"] == "QUEUED"
    assert found["submitted"]["errors"] == []
    assert found["wrong"][0]["code"] == "INVALID"
    assert found["wrong"][0]["path"] == ["input", "args", "b"]
    assert found["followed"] == found["submitted"]["task"]
    resumed = found["resumed"]
    assert [task for task in resumed["told"] if task in resumed["missed"]] == resumed["missed"]
    assert len(set(resumed["told"])) == len(resumed["told"])
    assert not resumed["isReset"]
    return found


def code_of(error: Any) -> str:
    assert error["extensions"]["requestId"].startswith("req_")
    code: str = error["extensions"]["code"]
    return code


async def test_graphql_ws(ada: Ada) -> None:
    found = await told_by("graphql-ws.mjs", ada)
    # What is no valid document ends its operation with the protocol's `error`: the client throws a list.
    assert code_of(found["invalid"]["thrown"][0]) == "BAD_USER_INPUT"
    assert code_of(found["refused"]["errors"][0]) == "BAD_USER_INPUT"
    assert found["cut"] == 4499
    assert found["bad token"] == {"code": 4403, "reason": "Forbidden"}
    assert found["came back"] == [{"name": "default"}]
    assert found["not persisted"][0]["message"] == "PersistedQueryNotFound"
    assert code_of(found["not persisted"][0]) == "PERSISTED_QUERY_NOT_FOUND"
    assert found["persisted"] == ada.name


async def test_graphql_sse(ada: Ada) -> None:
    found = await told_by("graphql-sse.mjs", ada)
    # This protocol has no message for it: errors come as an answer without data.
    assert code_of(found["invalid"]["errors"][0]) == "BAD_USER_INPUT"
    assert code_of(found["refused"]["errors"][0]) == "BAD_USER_INPUT"
    assert found["bad token"] == 401


async def test_urql(ada: Ada) -> None:
    found = await told_by("urql.mjs", ada)
    for name in ("invalid", "refused"):
        assert code_of(found[name]["thrown"]["errors"][0]) == "BAD_USER_INPUT"
        assert "network" not in found[name]["thrown"]
    assert found["cut"] == 4499
    # By its hash, with the document when that was not known, from then on by its hash.
    assert found["sent"] == [
        "extensions operationName variables",
        "extensions operationName query variables",
        "extensions operationName variables",
    ]
    assert found["bad token"]["status"] == 401


async def test_pythons_gql(ada: Ada) -> None:
    by_token = {"authorization": f"Bearer {ada.token}"}
    for headers in (by_token, {"cookie": ada.cookie}):
        async with Client(transport=HTTPXAsyncTransport(f"{ada.url}/graphql", headers=headers)) as session:
            assert await session.execute(gql(VIEWER)) == {"viewer": {"username": ada.name}}
            made = (await session.execute(_given(SUBMIT, WISH)))["submitTask"]
            assert made["errors"] == []
            with pytest.raises(TransportQueryError) as caught:
                await session.execute(gql("{ nothing }"))
            assert caught.value.errors is not None
            assert code_of(caught.value.errors[0]) == "BAD_USER_INPUT"
    bad = HTTPXAsyncTransport(f"{ada.url}/graphql", headers={"authorization": "Bearer rota_nothing"})
    with pytest.raises(TransportQueryError) as refused:
        async with Client(transport=bad) as session:
            await session.execute(gql(VIEWER))
    assert refused.value.errors is not None
    assert code_of(refused.value.errors[0]) == "UNAUTHENTICATED"
    # With its schema fetched, it checks documents itself.
    async with Client(
        transport=HTTPXAsyncTransport(f"{ada.url}/graphql", headers=by_token), fetch_schema_from_transport=True
    ) as session:
        assert await session.execute(gql(VIEWER))

    cursor = await _first_cursor(ada)
    missed = await ada.submit(2)
    told: list[str] = []
    async with _listening(ada) as session:
        async for answer in session.subscribe(_given(CHANGES, {"after": cursor})):
            assert not answer["tasksChanged"]["isReset"]
            told += [task["id"] for task in answer["tasksChanged"]["tasks"]]
            if len(told) >= len(missed):
                break
    assert sorted(told) == sorted(missed)


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
async def test_curl(ada: Ada, tmp_path: Path) -> None:
    jar = str(tmp_path / "cookies")
    body = {"query": "mutation ($i: LoginInput!) { login(input: $i) { viewer { username } errors { message } } }"}
    login = {**body, "variables": {"i": {"username": ada.name, "password": PASSWORD}}}
    assert await _curl(ada, login, "--cookie-jar", jar) == {
        "data": {"login": {"viewer": {"username": ada.name}, "errors": []}}
    }
    assert await _curl(ada, {"query": VIEWER}) == {"data": {"viewer": None}}
    by_token = ("--header", f"Authorization: Bearer {ada.token}")
    for signed_in in (("--cookie", jar), by_token):
        assert await _curl(ada, {"query": VIEWER}, *signed_in) == {"data": {"viewer": {"username": ada.name}}}
        made = await _curl(ada, {"query": SUBMIT, "variables": WISH}, *signed_in)
        assert made["data"]["submitTask"]["task"]["status"] == "QUEUED"
    wrong = await _curl(ada, {"query": "{ nothing }"}, *by_token)
    assert code_of(wrong["errors"][0]) == "BAD_USER_INPUT"

    cursor = await ada.served.platform.changes.latest()
    missed = await ada.submit(2)
    told: list[str] = []
    async for answer in _streamed(ada, {"query": CHANGES, "variables": {"after": cursor}}, *by_token):
        told += [task["id"] for task in answer["data"]["tasksChanged"]["tasks"]]
        if len(told) >= len(missed):
            break
    assert sorted(told) == sorted(missed)


async def _first_cursor(ada: Ada) -> str:
    """Of a subscription that ends after its first answer."""
    watching = ada.served.hub.watching
    async with _listening(ada) as session:
        stream = session.subscribe(gql(CHANGES))
        first = asyncio.ensure_future(anext(stream))
        await eventually(lambda: ada.served.hub.watching > watching)
        await ada.submit()
        cursor: str = (await first)["tasksChanged"]["cursor"]
        await stream.aclose()
    return cursor


def _listening(ada: Ada) -> Client:
    """A session over WebSocket."""
    transport = WebsocketsTransport(
        url=f"{ada.url.replace('http', 'ws')}/graphql",
        init_payload={"authorization": f"Bearer {ada.token}"},
        subprotocols=[PROTOCOL],
    )
    return Client(transport=transport)


def _given(query: str, variables: dict[str, Any]) -> Any:
    document = gql(query)
    document.variable_values = variables
    return document


async def _curl(ada: Ada, body: Any, *more: str) -> Any:
    return jsontext.loads(await _run(*_curls(f"{ada.url}/graphql", body, *more)))


def _curls(address: str, body: Any, *more: str) -> tuple[str, ...]:
    data = ("--header", "Content-Type: application/json", "--data", jsontext.dumps(body))
    return ("curl", "--silent", "--show-error", "--no-buffer", "--noproxy", "*", *data, *more, address)


async def _streamed(ada: Ada, body: Any, *more: str) -> AsyncIterator[Any]:
    """The answers of an event stream, as they come out of curl."""
    process = await asyncio.create_subprocess_exec(*_curls(f"{ada.url}/graphql/stream", body, *more), stdout=PIPE)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(WITHIN_S):
            while line := await process.stdout.readline():
                if line.startswith(b"data: {"):
                    yield jsontext.loads(line.removeprefix(b"data: "))
    finally:
        process.kill()
        await process.communicate()


async def _run(*command: str, env: Mapping[str, str] | None = None) -> str:
    """What a program says; fails with its complaint."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=PIPE, stderr=PIPE, env={**os.environ, **(env or {})}
    )
    said, complained = await asyncio.wait_for(process.communicate(), WITHIN_S)
    assert process.returncode == 0, complained.decode()
    return said.decode()
