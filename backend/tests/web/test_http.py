"""GraphQL over HTTP: what is taken, what is refused and how, who one is, and what a foreign page can do."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
import websockets

from rota import jsontext
from rota.domain.access import Role
from rota.operations import accounts
from rota.settings import Settings
from rota.web.requests import CLIENT_LEFT, MAX_BODY, Refused, accepted
from tests.support.rota import settings_for
from tests.support.web import Account, Served, eventually, open_served

VIEWER = "{ viewer { username } }"
RESULT = "application/graphql-response+json"
JSON = "application/json"
LOGIN = "mutation L($i: LoginInput!) { login(input: $i) { viewer { username } errors { message } } }"
PASSWORD = "correct horse battery staple"
BIG = 2**70 + 1


async def post(client: httpx.AsyncClient, body: Any, **headers: str) -> httpx.Response:
    return await client.post("/graphql", content=jsontext.dumpb(body), headers={"content-type": JSON, **headers})


async def test_a_session_comes_and_goes_with_its_cookie(served: Served) -> None:
    await accounts.register(served.platform, "ada", PASSWORD, None, [Role.CLIENT], None)
    async with served.http() as client:
        answer = await post(client, {"query": LOGIN, "variables": {"i": {"username": "ada", "password": PASSWORD}}})
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "secure" not in cookie
        # A session is prolonged with each use, its cookie is not: it must not end first.
        assert "max-age=34560000" in cookie
        assert (await post(client, {"query": VIEWER})).json() == {"data": {"viewer": {"username": "ada"}}}
        old = dict(client.cookies)
        assert (await post(client, {"query": "mutation { logout { ok } }"})).json() == {
            "data": {"logout": {"ok": True}}
        }
        assert not client.cookies
    async with served.http() as client:
        client.cookies.update(old)
        assert (await post(client, {"query": VIEWER})).json() == {"data": {"viewer": None}}


async def test_cookies_are_the_hosts_own_where_there_is_tls(sqlite_url: str, redis_url: str, tmp_path: Path) -> None:
    settings = settings_for(sqlite_url, redis_url, tmp_path, port=0, trust_forwarded="127.0.0.1")
    async with open_served(settings) as served:
        await accounts.register(served.platform, "ada", PASSWORD, None, [Role.CLIENT], None)
        async with served.http() as client:
            body = {"query": LOGIN, "variables": {"i": {"username": "ada", "password": PASSWORD}}}
            answer = await post(client, body, **{"x-forwarded-proto": "https"})
            cookie = answer.headers["set-cookie"]
            assert cookie.startswith("__Host-rota_session=")
            assert "; Secure" in cookie
            assert "Path=/" in cookie
            assert "strict-transport-security" in answer.headers
            secret = cookie.partition("=")[2].partition(";")[0]
            # Over TLS a cookie without the prefix, which a neighbouring host could plant, is nobody's.
            for name, username in (("__Host-rota_session", "ada"), ("rota_session", None)):
                answer = await post(
                    client, {"query": VIEWER}, cookie=f"{name}={secret}", **{"x-forwarded-proto": "https"}
                )
                assert ((answer.json()["data"]["viewer"]) or {}).get("username") == username


async def test_a_bearer_token_signs_in_and_a_bad_one_is_refused(served: Served, alice: Account) -> None:
    _, secret = await accounts.create_token(served.platform, alice.viewer, "mine", None)
    async with served.http() as client:
        good = await post(client, {"query": VIEWER}, authorization=f"Bearer {secret}")
        assert good.json()["data"]["viewer"]["username"] == alice.user.username
        for bad in ("Bearer rota_nothing", "Bearer", "Basic YTpi", f"Bearer {secret}x"):
            answer = await post(client, {"query": VIEWER}, authorization=bad)
            assert answer.status_code == 401, bad
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    # A token that is no good is not forgiven for a session that is.
    async with served.http(alice) as client:
        assert (await post(client, {"query": VIEWER}, authorization="Bearer rota_nothing")).status_code == 401


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"{", 400, "not JSON"),
        (b"", 400, "not JSON"),
        (b"[" * 100_000, 400, "not JSON"),
        (b"7", 400, "JSON object"),
        (b'[{"query":"{__typename}"}]', 400, "Batches are not taken"),
        (b"{}", 400, "query"),
        (b'{"query":7}', 400, "query"),
        (b'{"query":"{__typename}","variables":[]}', 400, "variables"),
        (b'{"query":"{__typename}","operationName":[]}', 400, "operationName"),
        (b'{"query":"subscription { metricsTicked { at } }"}', 400, "/graphql/stream"),
        (b'{"query":"' + b" " * MAX_BODY + b'"}', 413, "1024 KiB"),
    ],
)
async def test_a_bad_body_is_told_what_is_wrong(served: Served, body: bytes, status: int, words: str) -> None:
    async with served.http() as client:
        answer = await client.post("/graphql", content=body, headers={"content-type": JSON})
    assert answer.status_code == status
    (error,) = answer.json()["errors"]
    assert words in error["message"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "requestId": answer.headers["x-request-id"]}


async def test_a_body_without_a_length_is_cut_off_too(served: Served) -> None:
    async def endless() -> Any:
        for _ in range(40):
            yield b" " * 65_536

    async with served.http() as client:
        answer = await client.post("/graphql", content=endless(), headers={"content-type": JSON})
    assert answer.status_code == 413


async def test_who_leaves_within_a_body_leaves_no_error_behind(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    head = f"POST /graphql HTTP/1.1\r\nhost: {served.address[0]}\r\ncontent-type: {JSON}\r\ncontent-length: 99\r\n\r\n"
    with structlog.testing.capture_logs() as logs:
        _, writer = await asyncio.open_connection(*served.address)
        writer.write(head.encode() + b'{"query":')
        await writer.drain()
        writer.close()
        await eventually(lambda: [line["status"] for line in logs if line["event"] == "request"] == [CLIENT_LEFT])
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_get_reads_and_never_changes(served: Served, alice: Account) -> None:
    async with served.http(alice) as client:
        answer = await client.get("/graphql", params={"query": VIEWER})
        assert answer.json() == {"data": {"viewer": {"username": alice.user.username}}}
        answer = await client.get("/graphql", params={"query": "mutation { logout { ok } }"})
        assert answer.status_code == 405
        assert answer.headers["allow"] == "POST"
        assert (await client.get("/graphql", params={"query": VIEWER})).json()["data"]["viewer"] is not None
        assert (await client.get("/graphql")).status_code == 400
        assert (await client.get("/graphql", params={"query": VIEWER, "variables": "{"})).status_code == 400
        assert (await client.put("/graphql")).status_code == 405


@pytest.mark.parametrize(
    ("accept", "media", "status"),
    [
        (None, JSON, 200),
        ("*/*", JSON, 200),
        (JSON, JSON, 200),
        (RESULT, RESULT, 400),
        (f"{RESULT}, {JSON}", RESULT, 400),
        (f"{RESULT};q=0.5, {JSON}", JSON, 200),
        # urql's
        (f"{RESULT}, application/graphql+json, {JSON}, text/event-stream, multipart/mixed", RESULT, 400),
        ("text/html", JSON, 406),
        (f"{JSON};q=0", JSON, 406),
    ],
)
async def test_accept_chooses_the_form_and_the_status(
    served: Served, accept: str | None, media: str, status: int
) -> None:
    async with served.http() as client:
        client.headers.pop("accept")
        answer = await post(client, {"query": "{ nothing }"}, **({"accept": accept} if accept else {}))
    assert answer.status_code == status
    assert answer.headers["content-type"] == f"{media}; charset=utf-8"
    assert "data" not in answer.json()


def test_accept_with_a_broken_quality_counts_as_none() -> None:
    with pytest.raises(Refused):
        accepted("application/json;q=best", (JSON,), JSON)


FORMS = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "", "application/jsonp"]


@pytest.mark.parametrize("media", FORMS)
async def test_what_a_form_can_send_is_not_taken(served: Served, alice: Account, media: str) -> None:
    async with served.http(alice) as client:
        request = client.build_request("POST", "/graphql", content=b'{"query":"mutation { logout { ok } }"}')
        request.headers.pop("content-type", None)
        if media:
            request.headers["content-type"] = media
        assert (await client.send(request)).status_code == 415
        assert (await post(client, {"query": VIEWER})).json()["data"]["viewer"] is not None


async def test_other_character_sets_are_not_taken(served: Served) -> None:
    async with served.http() as client:
        for media, status in ((f"{JSON}; charset=utf-8", 200), (f"{JSON}; charset=utf-16", 415)):
            answer = await client.post("/graphql", content=b'{"query":"{__typename}"}', headers={"content-type": media})
            assert answer.status_code == status


FROM = [
    ({}, 200),
    ({"origin": "OWN"}, 200),
    ({"origin": "OWN", "sec-fetch-site": "same-origin"}, 200),
    ({"sec-fetch-site": "same-origin"}, 200),
    ({"sec-fetch-site": "none"}, 200),
    ({"origin": "https://friend.example"}, 200),
    ({"origin": "https://friend.example", "sec-fetch-site": "cross-site"}, 200),
    ({"origin": "https://friend.example.evil.example"}, 403),
    ({"origin": "https://evil.example"}, 403),
    ({"origin": "null"}, 403),
    ({"origin": ""}, 403),
    ({"origin": "http://127.0.0.1:1"}, 403),
    ({"origin": "http://[::1"}, 403),
    ({"sec-fetch-site": "cross-site"}, 403),
    ({"sec-fetch-site": "same-site"}, 403),
]


@pytest.mark.parametrize("way", ["POST", "GET", "STREAM", "SOCKET"])
async def test_foreign_pages_are_refused(sqlite_url: str, redis_url: str, tmp_path: Path, way: str) -> None:
    settings = settings_for(sqlite_url, redis_url, tmp_path, port=0, allowed_origins="https://friend.example/")
    async with open_served(settings) as served:
        account = await served.account()
        for headers, status in FROM:
            sent = {name: value.replace("OWN", served.url) for name, value in headers.items()}
            assert await _status(served, account, way, sent) == status, headers


async def _status(served: Served, account: Account, way: str, headers: dict[str, str]) -> int:
    if way == "SOCKET":
        return await _socket_status(served, account, headers)
    async with served.http(account) as client:
        if way == "POST":
            return (await post(client, {"query": VIEWER}, **headers)).status_code
        path = "/graphql" if way == "GET" else "/graphql/stream"
        return (await client.get(path, params={"query": VIEWER}, headers=headers)).status_code


async def _socket_status(served: Served, account: Account, headers: dict[str, str]) -> int:
    try:
        async with served.socket(account, **headers):
            return 200
    except websockets.InvalidStatus as refused:
        return refused.response.status_code


async def test_no_other_origin_may_read_unless_it_is_named(served: Served, settings: Settings) -> None:
    async with served.http() as client:
        headers = {"origin": "https://friend.example", "access-control-request-method": "POST"}
        answer = await client.options("/graphql", headers=headers)
        assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_a_named_origin_may_read(sqlite_url: str, redis_url: str, tmp_path: Path) -> None:
    settings = settings_for(sqlite_url, redis_url, tmp_path, port=0, allowed_origins="https://friend.example")
    async with open_served(settings) as served, served.http() as client:
        answer = await post(client, {"query": VIEWER}, origin="https://friend.example")
        assert answer.headers["access-control-allow-origin"] == "https://friend.example"
        headers = {"origin": "https://evil.example", "access-control-request-method": "POST"}
        assert "access-control-allow-origin" not in (await client.options("/graphql", headers=headers)).headers


async def test_every_answer_carries_an_id_and_keeps_a_browser_safe(served: Served) -> None:
    async with served.http() as client:
        for path in ("/graphql?query={__typename}", "/healthz", "/metrics", "/", "/tasks/7", "/no.js"):
            answer = await client.get(path)
            assert answer.headers["x-request-id"].startswith("req_")
            assert "unsafe" not in answer.headers["content-security-policy"]
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "server" not in answer.headers
        assert (await client.get("/healthz", headers={"x-request-id": "trace-12345"})).headers[
            "x-request-id"
        ] == "trace-12345"
        answer = await client.get("/healthz", headers={"x-request-id": "<script>"})
        assert answer.headers["x-request-id"].startswith("req_")


async def test_unexpected_errors_are_masked_and_found_by_their_id(
    served: Served, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr("rota.store.queues.all_queues", broken)
    async with served.http(alice) as client:
        with structlog.testing.capture_logs() as logs:
            answer = await post(client, {"query": "{ queues { name } }"})
    assert "swordfish" not in answer.text
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "INTERNAL", "requestId": answer.headers["x-request-id"]}
    [told] = [line for line in logs if line["log_level"] == "error"]
    assert told["request_id"] == error["extensions"]["requestId"]
    assert "swordfish" in str(told["exc_info"])


async def test_big_integers_are_exact_both_ways(served: Served, alice: Account) -> None:
    query = 'mutation S($a: JSON!) { submitTask(input: {function: "multiply", args: $a}) { task { args } errors { message } } }'
    answer = await served.ask(alice, query, a={"a": BIG, "b": 1})
    assert answer == {"data": {"submitTask": {"task": {"args": {"a": BIG, "b": 1}}, "errors": []}}}
