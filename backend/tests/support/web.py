"""A served Rota in the test's own loop, and clients of each transport."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
import websockets
from websockets.asyncio.client import ClientConnection
from websockets.typing import Subprotocol

from rota import ids, jsontext
from rota.domain.access import Role, Viewer
from rota.domain.events import Change
from rota.graphql.batches import place
from rota.graphql.hub import Hub
from rota.operations import accounts
from rota.operations.platform import Platform
from rota.settings import Settings
from rota.store import users
from rota.store.models import Task, User
from rota.web.server import serving
from tests.support.rota import Rota, open_rota

PROTOCOL = Subprotocol("graphql-transport-ws")
WAIT_S = 60.0


class Account:
    """A user with a session."""

    def __init__(self, user: User, viewer: Viewer, secret: str) -> None:
        self.user = user
        self.viewer = viewer
        self.secret = secret

    @property
    def cookies(self) -> dict[str, str]:
        return {"rota_session": self.secret}

    @property
    def headers(self) -> dict[str, str]:
        return {"cookie": f"rota_session={self.secret}"}


async def told_of_all(platform: Platform, hub: Hub) -> None:
    """Returns when the hub has handed out all that was announced."""
    cursor = await platform.changes.announce(Change(()))
    await eventually(lambda: place(hub._cursor or "") >= place(cursor))


class Served:
    """Rota at `url`; `rota` works the queue by hand."""

    def __init__(self, rota: Rota, hub: Hub) -> None:
        self.rota = rota
        self.hub = hub
        self.url = ""
        self.stop = asyncio.Event()
        self.ended = asyncio.Event()
        self._numbers = itertools.count(1)

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or 0

    @property
    def platform(self) -> Any:
        return self.rota.platform

    async def account(self, *roles: Role) -> Account:
        """A new account, a client's unless said otherwise."""
        name = f"user{next(self._numbers)}"
        user = User(
            id=ids.new_id(ids.USER),
            username=name,
            username_key=name,
            email=None,
            password_hash="-",
            roles=",".join(roles or (Role.CLIENT,)),
            created_at=1,
        )
        async with self.platform.database.transaction() as db:
            await users.create(db, user)
        return Account(user, accounts.viewer_of(user), await accounts.open_session(self.platform, user))

    def http(self, account: Account | None = None, **options: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self.url, cookies=account.cookies if account else None, timeout=WAIT_S, trust_env=False, **options
        )

    async def ask(self, account: Account | None, query: str, **variables: Any) -> Any:
        """The body of an answer."""
        async with self.http(account) as client:
            answer = await client.post("/graphql", json={"query": query, "variables": variables})
            return jsontext.loads(answer.content)

    async def metric(self, name: str) -> float:
        """A metric of one value, read afresh."""
        async with self.http() as client:
            text = (await client.get("/metrics")).text
        return float(next(line for line in text.splitlines() if line.startswith(f"{name} ")).split()[1])

    def socket(self, account: Account | None = None, **headers: str) -> "websockets.connect":
        """A WebSocket that is not initialised yet."""
        return websockets.connect(
            self.url.replace("http", "ws") + "/graphql",
            subprotocols=[PROTOCOL],
            additional_headers={**(account.headers if account else {}), **headers},
            compression=None,
            proxy=None,
        )

    @contextlib.asynccontextmanager
    async def talk(self, account: Account | None = None) -> "AsyncIterator[Talk]":
        """An initialised WebSocket."""
        async with self.socket(account) as connection:
            talk = Talk(connection)
            await talk.say(type="connection_init")
            assert await talk.hear() == {"type": "connection_ack"}
            yield talk

    async def submit(self, count: int = 1, **how: Any) -> list[Task]:
        """Submits like tasks; when this returns the hub has told of them."""
        tasks = await self.rota.submit(count, **how)
        await told_of_all(self.platform, self.hub)
        return tasks

    async def settled(self, watching: int) -> None:
        """Returns when so many watch."""
        await eventually(lambda: self.hub.watching == watching)


class Talk:
    """The messages of a WebSocket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, **message: Any) -> None:
        await self.connection.send(jsontext.dumps(message))

    async def subscribe(self, query: str, operation: str = "1", **variables: Any) -> None:
        await self.say(id=operation, type="subscribe", payload={"query": query, "variables": variables})

    async def hear(self) -> Any:
        async with asyncio.timeout(WAIT_S):
            return jsontext.loads(await self.connection.recv())

    async def next(self) -> Any:
        """The data of the next result; fails where it is anything else."""
        message = await self.hear()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        return message["payload"]["data"]

    async def closed(self) -> tuple[int, str]:
        """How the other side closed, past whatever it still said."""
        with contextlib.suppress(websockets.ConnectionClosed):
            async with asyncio.timeout(WAIT_S):
                while True:
                    await self.connection.recv()
        assert self.connection.close_code is not None
        return self.connection.close_code, self.connection.close_reason or ""


class Events:
    """The events of a stream, one after the other."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def hear(self) -> tuple[str, Any]:
        """The next event's name and data; comments are passed over."""
        event = ""
        async with asyncio.timeout(WAIT_S):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if name == "event":
                    event = value
                elif name in ("data", "data:"):
                    return event, jsontext.loads(value) if value.strip() else None
        return "end", None


@contextlib.asynccontextmanager
async def open_served(settings: Settings) -> AsyncIterator[Served]:
    """A served Rota; it ends with the block, or once `stop` is set."""
    async with open_rota(settings) as rota:
        served = Served(rota, Hub(rota.platform))
        serving_it = asyncio.create_task(_serve(served, settings))
        try:
            await eventually(lambda: (served.url and served.hub.is_live) or serving_it.done())
            if not served.url:
                await serving_it  # it says why
                raise AssertionError("the server ended before it had an address")
            yield served
        finally:
            served.stop.set()
            await serving_it


async def _serve(served: Served, settings: Settings) -> None:
    async with serving(served.platform, served.hub, settings) as served.url:
        await served.stop.wait()
    served.ended.set()


@contextlib.asynccontextmanager
async def events(client: httpx.AsyncClient, query: str, **variables: Any) -> AsyncIterator[Events]:
    async with client.stream(
        "POST",
        "/graphql/stream",
        json={"query": query, "variables": variables},
        headers={"accept": "text/event-stream"},
    ) as response:
        yield Events(response)


async def eventually(condition: Callable[[], object], within_s: float = WAIT_S) -> None:
    """Returns when the condition holds; fails when it does not in time."""
    end = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end, f"it was still not so after {within_s:.0f} s"
        await asyncio.sleep(0.01)
