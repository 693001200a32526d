"""The title of a web page, fetched so that nobody can use it to reach into the network behind it."""

import asyncio
import codecs
import html
import ipaddress
import re
import socket
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, TypedDict
from urllib.parse import quote, urljoin, urlsplit

from pydantic import Field

import rota

MAX_BYTES = 512 * 1024
MAX_REDIRECTS = 5
WHOLE_S = 15.0
TITLE, END = "<title", "</title"
MAX_TITLE = 300
MAX_SOURCE = 4_000  # characters of a title before entities and spaces are made plain
REDIRECTS = frozenset({301, 302, 303, 307, 308})
CHARSET = re.compile(r"charset=[\"']?([\w.:-]+)", re.IGNORECASE)
# What web pages are written in. Python knows more, of which some take ages over half a megabyte.
CODECS = re.compile(
    r"utf-(8|16(-[bl]e)?)|ascii|iso8859-\d+|cp\d+|koi8-[rtu]|mac-\w+|shift_jis|euc_(jp|kr)|gb(k|2312|18030)|big5"
)
# IPv6 networks in which an IPv4 address stands: it is that address that is reached.
IPV4_INSIDE = tuple(
    (ipaddress.IPv6Network(network), shift)
    for network, shift in (("64:ff9b::/96", 0), ("64:ff9b:1::/48", 0), ("2002::/16", 80), ("::/96", 0))
)
SITE_LOCAL = ipaddress.IPv6Network("fec0::/10")
# Kept as they are; all else that is no ASCII letter or digit is written as %XX.
IN_ADDRESS = "!#$%&'()*+,/:;=?@[]~"


Address = ipaddress.IPv4Address | ipaddress.IPv6Address


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
            url = _checked(url)
            request = pool.stream("GET", url, headers={"User-Agent": "rota", "Accept": "text/html,*/*;q=0.5"})
            async with request as response:
                headers = {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in response.headers}
                if response.status in REDIRECTS and "location" in headers:
                    url = _joined(url, headers["location"])
                    continue
                body = await _read(response)
            return Page(url=url, status=response.status, title=_title(body, headers.get("content-type", "")))
    raise rota.Fatal(f"it redirects more than {MAX_REDIRECTS} times")


def _checked(url: str) -> str:
    """The address in ASCII. Raises Refused where it must not be fetched."""
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("ascii" if ":" in (parts.hostname or "") else "idna").decode()
    except ValueError as error:
        raise Refused(f"this is no address: {error}") from error
    if parts.scheme not in ("http", "https") or not host:
        raise Refused("only http and https addresses with a host can be fetched")
    if parts.username or parts.password:
        raise Refused("an address with a name or password in it is not fetched")
    if port == 0:
        raise Refused("there is no port 0")
    place = f"[{host}]" if ":" in host else host
    return quote(parts._replace(netloc=place if port is None else f"{place}:{port}").geturl(), safe=IN_ADDRESS)


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise Refused(f"it redirects to what is no address: {error}") from error


async def _read(response: Any) -> bytes:
    """The page as far as its title's end: a title stands near the beginning. Takes as long as the page is long."""
    body = bytearray()
    begun = False
    async for part in response.aiter_stream():
        # A word may have been cut in two.
        seen = max(len(body) - len(END), 0)
        body += part
        new = bytes(body[seen:]).lower()
        begun = begun or TITLE.encode() in new
        if len(body) >= MAX_BYTES or (begun and END.encode() in new):
            break
    return bytes(body[:MAX_BYTES])


def _title(body: bytes, content_type: str) -> str | None:
    text = body.decode(_codec(body, content_type), "replace")
    # By plain search: what a stranger wrote must not make an expression look again and again.
    lower = text.lower() if text.isascii() else re.sub("[A-Z]+", lambda found: found[0].lower(), text)
    start = lower.find(TITLE)
    opened = lower.find(">", start) + 1
    end = lower.find(END, opened)
    if start < 0 or not opened or end < 0:
        return None
    return " ".join(html.unescape(text[opened : min(end, opened + MAX_SOURCE)]).split())[:MAX_TITLE]


def _codec(body: bytes, content_type: str) -> str:
    declared = CHARSET.search(content_type) or CHARSET.search(body[:2048].decode("latin-1"))
    try:
        name = codecs.lookup(declared[1] if declared else "utf-8").name
    except LookupError:
        return "utf-8"
    return name if CODECS.fullmatch(name) else "utf-8"


def checked_addresses(host: str, found: Iterable[str], *, allow_private: bool) -> list[str]:
    """The addresses of a host, all of them public unless others are allowed. Raises Refused.

    One private address among public ones refuses them all: who answers so wants to be reached from inside.
    """
    addresses = list(dict.fromkeys(found))
    for text in addresses:
        reached = _reached(ipaddress.ip_address(text.partition("%")[0]))
        if not allow_private and any(not one.is_global or one.is_multicast or one in SITE_LOCAL for one in reached):
            raise Refused(f"{host} has the address {text}, which is not public")
    return addresses


def _reached(address: Address) -> Iterator[Address]:
    """The address, and the IPv4 address to which its network translates it."""
    if isinstance(address, ipaddress.IPv4Address):
        yield address
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
        return
    yield address
    for network, shift in IPV4_INSIDE:
        if address in network:
            yield ipaddress.IPv4Address(int(address) >> shift & 0xFFFF_FFFF)


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
