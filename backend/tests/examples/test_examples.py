"""The samples do real work on real input, and their offers are complete."""

import asyncio
import contextlib
import math
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jsonschema_rs
import pytest

import rota
from rota.examples import csv_summary, fetch_title, flaky, multiply, prime_factors, sleep, word_count
from rota.examples.page import MAX_BYTES, Refused, _title, checked_addresses
from rota.worker.catalogue import offers
from rota.worker.targets import collect


class Task:
    """A stand-in for `ctx["task"]` that keeps what it is told."""

    def __init__(self, number: int = 1) -> None:
        self.number = number
        self.told: list[tuple[float | None, str | None]] = []

    def progress(self, share: float | None = None, message: str | None = None) -> None:
        self.told.append((share, message))


def test_every_sample_has_described_arguments_and_an_example_that_fits() -> None:
    found = offers(collect(["rota.examples"]).catalogue)
    assert [offer["name"] for offer in found] == [
        "csv_summary",
        "fetch_title",
        "flaky",
        "multiply",
        "prime_factors",
        "sleep",
        "word_count",
    ]
    for offer in found:
        assert offer["description"]
        assert all(argument["description"] for argument in offer["args_schema"]["properties"].values())
        jsonschema_rs.validator_for(offer["args_schema"]).validate(offer["example"])


async def test_multiply_is_exact() -> None:
    assert await multiply(10**40 + 1, 3) == 3 * 10**40 + 3


@pytest.mark.parametrize(
    ("n", "factors"),
    [
        (2, [2]),
        (9, [3, 3]),
        (25, [5, 5]),
        (49 * 11, [7, 7, 11]),
        (97, [97]),
        (2**10 * 3**4, [2] * 10 + [3] * 4),
        (1_000_003 * 1_000_033, [1_000_003, 1_000_033]),
    ],
)
def test_prime_factors(n: int, factors: list[int]) -> None:
    task = Task()
    found = prime_factors({"task": task}, n)
    assert found == {"number": n, "factors": factors, "is_prime": len(factors) == 1}
    assert math.prod(factors) == n
    assert all(share is not None and 0 <= share <= 1 for share, _ in task.told)


def test_word_count_knows_words_of_any_script() -> None:
    found = word_count("Don't panic. Don't!\nÜber-Größe, 東京 東京 x_y")
    assert found["words"] == 8
    assert found["lines"] == 2
    assert found["most_common"][0] == ("don't", 2)
    assert ("東京", 2) in found["most_common"]
    assert word_count("") == {"characters": 0, "lines": 0, "words": 0, "different_words": 0, "most_common": []}


def test_csv_summary_tells_numbers_from_text() -> None:
    found = csv_summary('\ufeffcity,people,note\n"Paris, F",2102650,\nLyon,522250,x\nLyon,10,\n')
    city, people, note = found["columns"]
    assert found["rows"] == 3
    assert (city["kind"], city["different"]) == ("text", 2)
    assert (people["kind"], people["smallest"], people["largest"], people["median"]) == ("number", 10, 2102650, 522250)
    assert (note["filled"], note["empty"]) == (1, 2)


@pytest.mark.parametrize(
    ("text", "words"), [("a,b\n1\n", "row 2 has 1 values"), ("\n\n", "no line"), ('a\n"b', "no comma-separated")]
)
def test_csv_summary_says_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(rota.Fatal, match=words):
        csv_summary(text)


async def test_sleep_tells_its_progress() -> None:
    task = Task()
    assert await sleep({"task": task}, 0.01) == 0.01
    share, message = task.told[0]
    assert share is not None
    assert 0 <= share < 1
    assert message == "0 of 0.01 s"
    assert await sleep({"task": Task()}, 0) == 0


async def test_flaky_fails_as_often_as_asked() -> None:
    for number in (1, 2):
        with pytest.raises(Exception, match=f"attempt {number} fails"):
            await flaky({"task": Task(number)}, 2)
    assert await flaky({"task": Task(3)}, 2) == "attempt 3 succeeded"


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        port = self.headers["Host"].partition(":")[2]
        pages: dict[str, tuple[int, dict[str, str], bytes]] = {
            "/": (200, {}, b"<html><TITLE lang=en>\n Tom &amp; Jerry </title>"),
            "/latin": (
                200,
                {"Content-Type": "text/html; charset=iso-8859-1"},
                "<title>Größe</title>".encode("latin-1"),
            ),
            "/wide": (200, {"Content-Type": "text/html; charset=utf-16"}, "<title>Weit</title>".encode("utf-16")),
            "/odd": (200, {"Content-Type": "text/html; charset=punycode"}, b"<title>Odd</title>"),
            "/gr%C3%B6%C3%9Fe?a=%20b": (200, {}, b"<title>Quoted</title>"),
            "/to": (302, {"Location": "http://[x/"}, b""),
            "/none": (404, {}, b"nothing"),
            "/moved": (302, {"Location": "/"}, b""),
            "/inside": (302, {"Location": f"http://localhost:{port}/"}, b""),
            "/file": (302, {"Location": "file:///etc/passwd"}, b""),
            "/round": (302, {"Location": "/round"}, b""),
        }
        if self.path == "/endless":
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):
                for _ in range(MAX_BYTES // 1024 * 100):
                    self.wfile.write(b"x" * 1024)
            return
        status, headers, body = pages[self.path]
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTA_ALLOW_PRIVATE_ADDRESSES", "true")


@pytest.mark.parametrize(
    ("path", "status", "title"),
    [
        ("/", 200, "Tom & Jerry"),
        ("/latin", 200, "Größe"),
        ("/wide", 200, "Weit"),
        ("/odd", 200, "Odd"),
        ("/größe?a= b", 200, "Quoted"),
        ("/none", 404, None),
        ("/moved", 200, "Tom & Jerry"),
        ("/endless", 200, None),
    ],
)
async def test_a_title_is_read(site: str, allowed: None, path: str, status: int, title: str | None) -> None:
    async with asyncio.timeout(60):
        page = await fetch_title(site + path)
    assert (page["status"], page["title"]) == (status, title)


async def test_redirects_have_an_end_and_lead_to_http_only(site: str, allowed: None) -> None:
    with pytest.raises(rota.Fatal, match="more than 5"):
        await fetch_title(f"{site}/round")
    with pytest.raises(Refused, match="only http"):
        await fetch_title(f"{site}/file")
    with pytest.raises(Refused, match="no address"):
        await fetch_title(f"{site}/to")


@pytest.mark.parametrize("hostile", ["<title", "<title>", "<title></titl", "<TITLE x='"])
def test_a_hostile_page_is_read_in_one_go(hostile: str) -> None:
    """An expression with two stars took minutes over it, and the loop stood still."""
    body = (hostile * (MAX_BYTES // len(hostile))).encode()
    started = time.process_time()
    assert _title(body, "text/html") is None
    assert time.process_time() - started < 2.0


@pytest.mark.parametrize(
    "url", ["{site}/", "http://localhost:1/", "http://[::1]/", "http://0.0.0.0/", "http://169.254.169.254/"]
)
async def test_private_addresses_are_refused(site: str, url: str) -> None:
    with pytest.raises(Refused, match="not public"):
        await fetch_title(url.replace("{site}", site))


async def test_a_redirect_is_checked_as_the_first_address_is(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The site counts as public; what it redirects to does not."""
    seen: list[str] = []

    def check(host: str, found: Any, *, allow_private: bool) -> list[str]:
        seen.append(host)
        return list(found) if host == "127.0.0.1" else checked_addresses(host, found, allow_private=allow_private)

    monkeypatch.setattr("rota.examples.page.checked_addresses", check)
    with pytest.raises(Refused, match="localhost has the address"):
        await fetch_title(f"{site}/inside")
    assert seen == ["127.0.0.1", "localhost"]


@pytest.mark.parametrize("url", ["ftp://a.example/", "http:///x", "http://a:b@c.example/", "http://a:99999/"])
async def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        await fetch_title(url)


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "127.0.0.2",
        "100.64.0.1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:10.0.0.1",
        "224.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "2002:7f00:1::",
        "::7f00:1",
        "fec0::1",
    ],
)
def test_what_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(Refused):
        checked_addresses("h", [address], allow_private=False)
    assert checked_addresses("h", [address], allow_private=True) == [address]


def test_one_private_address_refuses_the_host() -> None:
    assert checked_addresses("h", ["8.8.8.8", "8.8.8.8"], allow_private=False) == ["8.8.8.8"]
    assert checked_addresses("h", ["2001:4860:4860::8888", "64:ff9b::808:808"], allow_private=False)
    with pytest.raises(Refused):
        checked_addresses("h", ["8.8.8.8", "10.0.0.1"], allow_private=False)
