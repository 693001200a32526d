"""The built page: types, caching, compression, its own routes, and names that lead elsewhere."""

import asyncio
import contextlib
import gzip
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from graphql import parse, validate
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from rota.graphql.schema import schema
from rota.web import nowhere
from rota.web import page as module
from rota.web.app import create_app
from rota.web.guards import Guards
from rota.web.page import Page
from tests.support.web import Served

ROOT = Path(__file__).parents[3]
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SCRIPT = "export const a = 1\n" * 200


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><title>Rota</title>")
    (dist / "graphiql.html").write_text("<!doctype html><title>GraphiQL</title>")
    (dist / "assets" / "index-abc123.js").write_text(SCRIPT)
    (dist / "assets" / "index-abc123.js.map").write_text("{}")
    (dist / "assets" / "sans-abc.woff2").write_bytes(b"\0" * 4096)
    (dist / "icon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "secret.txt").write_text("swordfish")
    (dist / "linked.txt").symlink_to(tmp_path / "secret.txt")
    return dist


@pytest.fixture
async def client(dist: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(Page(dist)) as client:
        yield client


@contextlib.asynccontextmanager
async def client_of(page: Page) -> AsyncIterator[httpx.AsyncClient]:
    async def endpoint(request: object) -> object:
        return await page(request)  # type: ignore[arg-type]

    routes = [Route("/{path:path}", endpoint, methods=["GET", "POST", "DELETE"])]
    app = Starlette(routes=routes, middleware=[Middleware(Guards)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://rota") as client:
        yield client


@pytest.mark.parametrize(
    ("path", "media", "cache"),
    [
        ("/", "text/html; charset=utf-8", "no-cache"),
        ("/index.html", "text/html; charset=utf-8", "no-cache"),
        ("/tasks/task_01h455vb4pex5vsknk084sn02q", "text/html; charset=utf-8", "no-cache"),
        ("/queues/eu.mails-2", "text/html; charset=utf-8", "no-cache"),
        ("/settings/", "text/html; charset=utf-8", "no-cache"),
        ("/assets/index-abc123.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        ("/assets/sans-abc.woff2", "font/woff2", "public, max-age=31536000, immutable"),
        ("/icon.svg", "image/svg+xml; charset=utf-8", "no-cache"),
    ],
)
async def test_files_have_their_type_and_cache(client: httpx.AsyncClient, path: str, media: str, cache: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media
    assert answer.headers["cache-control"] == cache


async def test_graphiql_is_a_document_of_its_own_that_can_be_switched_off(
    client: httpx.AsyncClient, dist: Path
) -> None:
    for path in ("/graphiql", "/graphiql.html"):
        assert "GraphiQL" in (await client.get(path)).text
    async with client_of(Page(dist, with_graphiql=False)) as without:
        assert (await without.get("/graphiql", headers=BROWSER)).status_code == 404
        assert (await without.get("/graphiql.html")).status_code == 404


async def test_texts_are_compressed_for_who_reads_it(client: httpx.AsyncClient) -> None:
    small = await client.get("/assets/index-abc123.js")
    assert small.headers["content-encoding"] == "gzip"
    assert int(small.headers["content-length"]) < len(SCRIPT) / 10
    assert small.text == SCRIPT
    plain = await client.get("/assets/index-abc123.js", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == SCRIPT
    assert plain.headers["vary"] == "accept-encoding"
    assert "content-encoding" not in (await client.get("/assets/sans-abc.woff2")).headers


async def test_what_a_browser_has_is_not_sent_again(client: httpx.AsyncClient) -> None:
    first = await client.get("/")
    again = await client.get("/", headers={"if-none-match": f'"other", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert (await client.get("/", headers={"if-none-match": '"other"'})).status_code == 200
    head = await client.head("/")
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(
    "path",
    ["/rest", "/api/tasks", "/v1/queues", "/graphql/", "/api/graphql", "/openapi.json", "/nothing", "/tasks/a/b"],
)
async def test_a_program_that_asks_where_nothing_stands_hears_where_the_api_is(
    client: httpx.AsyncClient, path: str
) -> None:
    for method in ("GET", "POST", "DELETE"):
        answer = await client.request(method, path, headers={"x-request-id": "req_from_afar"})
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json")
        assert answer.headers["cache-control"] == "no-store"
        (error,) = answer.json()["errors"]
        assert error["message"].startswith(f"There is nothing at {path}.")
        assert "POST /graphql" in error["message"]
        assert error["extensions"]["code"] == "NOT_FOUND"
        assert error["extensions"]["requestId"] == "req_from_afar"


async def test_a_browser_where_nothing_stands_gets_the_page_which_says_so(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nothing/here", headers=BROWSER)
    assert (answer.status_code, answer.text) == (404, "<!doctype html><title>Rota</title>")
    assert answer.headers["cache-control"] == "no-store"
    # Who looks for an API is told of it in a browser too.
    answer = await client.get("/api/tasks", headers=BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json")
    # A page that only begins like that is one.
    assert (await client.get("/apiary", headers=BROWSER)).headers["content-type"].startswith("text/html")


async def test_any_method_is_answered_where_nothing_stands(served: Served) -> None:
    async with served.http() as client:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            answer = await client.request(method, "/api/tasks", json={})
            assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (404, "NOT_FOUND")
        for route in _api_routes(served):
            answer = await client.request("PUT", route.path, json={})
            assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (405, "BAD_USER_INPUT")
            assert set(answer.headers["allow"].split(", ")) == route.methods


def _api_routes(served: Served) -> list[Route]:
    routes = create_app(served.platform, served.hub).routes
    return [route for route in routes if isinstance(route, Route) and "{" not in route.path]


async def test_nothing_is_sent_to_a_page(client: httpx.AsyncClient) -> None:
    answer = await client.post("/tasks", json={"function": "multiply"})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert answer.json()["errors"][0]["extensions"]["example"]["body"]["query"].startswith("mutation")


@pytest.mark.parametrize(
    ("method", "path", "starts"),
    [
        *[("GET", f"/api/{noun}", f"{{ {noun}") for noun in nowhere.LISTS],
        ("GET", "/rest/v1/Task/", "{ tasks"),
        ("GET", "/api/tasks/task_01h455vb4pex5vsknk084sn02q", "query ($id"),
        ("POST", "/api/tasks", "mutation"),
        ("POST", "/api/v2/task/submit", "mutation"),
        ("GET", "/api", ""),
        ("GET", '/api/tasks/"}{', ""),
    ],
)
def test_what_to_send_instead_is_what_the_api_takes(method: str, path: str, starts: str) -> None:
    example = nowhere.example_for(method, path)
    assert (example is None) == (not starts)
    if example is not None:
        assert str(example["query"]).startswith(starts)
        assert not validate(schema._schema, parse(str(example["query"])))


def test_the_routes_of_the_page_are_known_here() -> None:
    """A page whose route is not would be 404 to who loads it anew."""
    source = (ROOT / "frontend" / "src" / "app" / "Routes.tsx").read_text()
    assert set(re.findall(r'path="([^"]*)"', source)) == set(module.ROUTES)


@pytest.mark.parametrize(
    "path",
    ["/linked.txt", "/nothing.js", "/assets/index-abc123.js.map", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt"],
)
async def test_nothing_else_is_served(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert "swordfish" not in answer.text
    assert answer.status_code == 404


async def test_a_page_that_is_built_anew_is_served_at_once(client: httpx.AsyncClient, dist: Path) -> None:
    assert "Rota" in (await client.get("/")).text
    (dist / "index.html").write_text("<title>newer</title>")
    os.utime(dist / "index.html", (1, 1))
    assert "newer" in (await client.get("/")).text
    (dist / "index.html").unlink()
    answer = await client.get("/")
    assert answer.status_code == 503
    assert "npx -y rust-just page" in answer.text
    assert answer.headers["content-type"].startswith("text/plain")


def test_a_compressed_file_is_the_same_each_time() -> None:
    one, two = (module._file("a.js", SCRIPT.encode()) for _ in range(2))
    assert one == two
    assert one.gzipped is not None
    assert gzip.decompress(one.gzipped) == SCRIPT.encode()


@pytest.mark.parametrize(
    "target",
    [
        "/../../../../../../etc/passwd",
        "/assets/../../../../../../etc/passwd",
        "/..%2f..%2f..%2f..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/etc/passwd%00.js",
        "/..\\..\\etc\\passwd",
    ],
)
async def test_no_path_leads_out_of_the_page(served: Served, target: str) -> None:
    """Raw, for clients tidy such paths before they send them."""
    reader, writer = await asyncio.open_connection(*served.address)
    writer.write(f"GET {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 60)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 ")
    assert b"root:" not in answer
