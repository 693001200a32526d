"""On a loopback address only loopback names are answered: a foreign name that leads here may be any site's."""

from pathlib import Path

import pytest
import websockets

from rota.settings import load_settings
from rota.web.hosts import OwnNames, is_loopback
from tests.support.rota import settings_for
from tests.support.web import Account, Served, open_served

FOREIGN = ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "evil@127.0.0.1", "10.0.0.1", "[::2]"]


@pytest.mark.parametrize("host", FOREIGN)
async def test_a_foreign_name_is_refused_whatever_the_path(served: Served, alice: Account, host: str) -> None:
    port = served.address[1]
    named = {"host": f"{host}:{port}", "origin": f"http://{host}:{port}"}
    async with served.http(alice) as client:
        for answer in (
            await client.post("/graphql", json={"query": "{ viewer { username } }"}, headers=named),
            await client.get("/", headers={"host": named["host"]}),
            await client.get("/metrics", headers={"host": host}),
        ):
            assert answer.status_code == 421
            assert "ROTA_ALLOWED_HOSTS" in answer.json()["errors"][0]["message"]
            assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "localhost", "LOCALHOST", "localhost.", "[::1]"])
async def test_loopback_names_are_answered(served: Served, alice: Account, host: str) -> None:
    port = served.address[1]
    named = {"host": f"{host}:{port}", "origin": f"http://{host.lower()}:{port}"}
    async with served.http(alice) as client:
        answer = await client.post("/graphql", json={"query": "{ viewer { username } }"}, headers=named)
    assert answer.json() == {"data": {"viewer": {"username": alice.user.username}}}


async def test_a_socket_of_a_foreign_name_is_refused(served: Served, alice: Account) -> None:
    host, port = served.address
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with websockets.connect(
            f"ws://evil.example:{port}/graphql", host=host, port=port, proxy=None, additional_headers=alice.headers
        ):
            pass
    assert refused.value.response.status_code == 403


async def test_names_that_are_set_are_answered_too(sqlite_url: str, redis_url: str, tmp_path: Path) -> None:
    settings = settings_for(sqlite_url, redis_url, tmp_path, port=0, allowed_hosts="rota.example, Tasks.example:8443")
    async with open_served(settings) as served, served.http() as client:
        for host, status in (
            ("rota.example", 200),
            ("tasks.example", 200),
            ("localhost", 200),
            ("evil.example", 421),
        ):
            assert (await client.get("/healthz", headers={"host": host})).status_code == status


@pytest.mark.parametrize(
    ("host", "allowed", "is_answered"),
    [
        ("127.0.0.1", "", False),
        ("localhost", "", False),
        ("::1", "", False),
        ("0.0.0.0", "", True),
        ("0.0.0.0", "rota.example", False),
        ("192.0.2.7", "", True),
    ],
)
async def test_any_name_is_answered_where_others_reach_it(host: str, allowed: str, is_answered: bool) -> None:
    seen: list[object] = []

    async def app(*_: object) -> None:
        seen.append("app")

    async def send(message: object) -> None:
        seen.append(message)

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "headers": [(b"host", b"any.example")], "state": {"request_id": "r"}}
    await OwnNames(app, load_settings(host=host, allowed_hosts=allowed))(scope, receive, send)
    assert (seen == ["app"]) is is_answered


def test_loopback_is_told_by_the_whole_name() -> None:
    assert not any(is_loopback(name) for name in ("", "localhosts", "128.0.0.1", "0.0.0.0", "127.0.0.1."))
