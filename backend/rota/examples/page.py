"""The title of a web page, fetched so that nobody can use it to reach into the network behind it."""

import asyncio
import html
import ipaddress
import re
import socket
from collections.abc import Iterable
from typing import Annotated, Any, TypedDict
from urllib.parse import urljoin, urlsplit

from pydantic import Field

import rota

MAX_BYTES = 512 * 1024
MAX_REDIRECTS = 5
WHOLE_S = 15.0
TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
MAX_TITLE = 300
REDIRECTS = frozenset({301, 302, 303, 307, 308})
CHARSET = re.compile(r"charset=[\"']?([\w.:-]+)", re.IGNORECASE)


class Page(TypedDict):
    """What was found at the last address."""

    url: str
    status: int
    title: str | None


class Refused(rota.Fatal):
    """An address that must not be fetched."""


@rota.function(timeout=30, example={"url": "https://example.com/"})
async def fetch_title(
    url: Annotated[str, Field(description="An http or https address.", min_length=8, max_length=2_000)],
) -> Page:
    """Fetch a web page and read its title.

    Private, loopback and link-local addresses are refused unless ROTA_ALLOW_PRIVATE_ADDRESSES is set; size, time and
    redirects are bounded.
    """
    from rota.settings import load_settings

    allow_private = load_settings().allow_private_addresses
    async with asyncio.timeout(WHOLE_S):
        return await _fetch(url, allow_private=allow_private)


async def _fetch(url: str, *, allow_private: bool) -> Page:
    import httpcore

    pool = httpcore.AsyncConnectionPool(network_backend=_backend(allow_private=allow_private))
    async with pool:
        for _ in range(MAX_REDIRECTS + 1):
            _check(url)
            request = pool.stream("GET", url, headers={"User-Agent": "rota", "Accept": "text/html,*/*;q=0.5"})
            async with request as response:
                headers = {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in response.headers}
                if response.status in REDIRECTS and "location" in headers:
                    url = urljoin(url, headers["location"])
                    continue
                body = await _read(response)
            return Page(url=url, status=response.status, title=_title(body, headers.get("content-type", "")))
    raise rota.Fatal(f"it redirects more than {MAX_REDIRECTS} times")


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused(f"this is no address: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused("only http and https addresses with a host can be fetched")
    if parts.username or parts.password:
        raise Refused("an address with a name or password in it is not fetched")
    if port == 0:
        raise Refused("there is no port 0")


async def _read(response: Any) -> bytes:
    body = b""
    async for part in response.aiter_stream():
        body += part
        # What comes beyond is not read: a title stands near the beginning.
        if len(body) >= MAX_BYTES or TITLE.search(body.decode("latin-1")):
            break
    return body[:MAX_BYTES]


def _title(body: bytes, content_type: str) -> str | None:
    declared = CHARSET.search(content_type) or CHARSET.search(body[:2048].decode("latin-1"))
    try:
        text = body.decode(declared[1] if declared else "utf-8", "replace")
    except LookupError:
        text = body.decode("utf-8", "replace")
    found = TITLE.search(text)
    return None if found is None else " ".join(html.unescape(found[1]).split())[:MAX_TITLE]


def checked_addresses(host: str, found: Iterable[str], *, allow_private: bool) -> list[str]:
    """The addresses of a host, all of them public unless others are allowed. Raises Refused.

    One private address among public ones refuses them all: who answers so wants to be reached from inside.
    """
    addresses = list(dict.fromkeys(found))
    for text in addresses:
        address = ipaddress.ip_address(text.partition("%")[0])
        inner = getattr(address, "ipv4_mapped", None) or address
        if not allow_private and (not inner.is_global or inner.is_multicast):
            raise Refused(f"{host} has the address {text}, which is not public")
    return addresses


def _backend(*, allow_private: bool) -> Any:
    """Resolves, checks, and connects to the very address that was checked, for the first page and for each redirect."""
    import httpcore

    class Checked(httpcore.AsyncNetworkBackend):
        def __init__(self) -> None:
            self._inner = httpcore.AnyIOBackend()

        async def connect_tcp(
            self,
            host: str,
            port: int,
            timeout: float | None = None,  # noqa: ASYNC109  (httpcore's own signature)
            local_address: str | None = None,
            socket_options: Any = None,
        ) -> httpcore.AsyncNetworkStream:
            loop = asyncio.get_running_loop()
            try:
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            except OSError as error:
                raise httpcore.ConnectError(f"{host} has no address: {error}") from error
            addresses = checked_addresses(host, (str(one[4][0]) for one in found), allow_private=allow_private)
            return await self._inner.connect_tcp(addresses[0], port, timeout, local_address, socket_options)

        async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
            raise Refused("only http and https addresses can be fetched")

        async def sleep(self, seconds: float) -> None:
            await self._inner.sleep(seconds)

    return Checked()
