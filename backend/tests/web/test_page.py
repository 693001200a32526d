"""The built page: types, caching, compression, its own routes, and names that lead elsewhere."""

import asyncio
import contextlib
import gzip
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from rota.web import page as module
from rota.web.page import Page
from tests.support.web import Served

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

    app = Starlette(routes=[Route("/{path:path}", endpoint)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://rota") as client:
        yield client


@pytest.mark.parametrize(
    ("path", "media", "cache"),
    [
        ("/", "text/html; charset=utf-8", "no-cache"),
        ("/index.html", "text/html; charset=utf-8", "no-cache"),
        ("/tasks/task_01h455vb4pex5vsknk084sn02q", "text/html; charset=utf-8", "no-cache"),
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
        assert "GraphiQL" not in (await without.get("/graphiql")).text
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
