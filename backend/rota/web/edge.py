"""What every connection of this process shares: who may stay connected, how many may, and when all must end."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import NamedTuple

from rota.graphql.context import Context
from rota.graphql.hub import Hub
from rota.logs import get_logger
from rota.operations import accounts
from rota.operations.accounts import SignedIn
from rota.operations.platform import Platform
from rota.web.persisted import Persisted

log = get_logger(__name__)

CHECK_RIGHTS_S = 2.0
LAG_EVERY_S = 0.5
STALLED_S = 30.0  # a client that takes nothing for this long is let go
CONNECTIONS_PER_USER = 100
CONNECTIONS_PER_ADDRESS = 200  # of callers who are not signed in


class Caller(NamedTuple):
    """Who asks, over whatever transport."""

    signed_in: SignedIn | None
    request_id: str
    address: str

    @property
    def rights(self) -> tuple[str, ...]:
        """Equal for callers who may see and do the same."""
        if self.signed_in is None:
            return ()
        viewer = self.signed_in.viewer
        return (viewer.user_id, *sorted(viewer.roles))


class Ended(Exception):
    """A stream must end. `is_signed_out`: its session or token is no more; else it is to connect again."""

    def __init__(self, reason: str, *, is_signed_out: bool = False, is_closing: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_signed_out = is_signed_out
        self.is_closing = is_closing


class TooMany(Exception):
    """This user, or this address, has as many connections as one may."""


class Edge:
    """One process' web side. `run` must be running."""

    def __init__(self, platform: Platform, hub: Hub) -> None:
        self.platform = platform
        self.hub = hub
        self.closing = asyncio.Event()
        self.persisted = Persisted()
        self.lag_s = 0.0  # by how much the event loop was late, lately
        self._checked: dict[SignedIn, asyncio.Future[bool]] = {}
        self._users: Counter[SignedIn] = Counter()
        self._connections: Counter[str] = Counter()

    @property
    def connections(self) -> int:
        """Open WebSockets and event streams."""
        return self._connections.total()

    def context(self, caller: Caller) -> Context:
        """A context for one operation."""
        return Context(
            platform=self.platform,
            signed_in=caller.signed_in,
            request_id=caller.request_id,
            address=caller.address,
            hub=self.hub,
        )

    async def run(self) -> None:
        """Re-checks the rights of open streams and watches the event loop, until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._check_rights())
            group.create_task(self._watch_loop())

    @contextlib.contextmanager
    def counted(self, caller: Caller) -> Iterator[None]:
        """Counts a connection while it is open. Raises TooMany."""
        signed_in = caller.signed_in
        who = f"user {signed_in.viewer.user_id}" if signed_in else f"address {caller.address}"
        most = CONNECTIONS_PER_USER if signed_in else CONNECTIONS_PER_ADDRESS
        if self._connections[who] >= most:
            raise TooMany(f"{most} connections are open already.")
        self._connections[who] += 1
        try:
            yield
        finally:
            self._connections[who] -= 1
            if not self._connections[who]:
                del self._connections[who]

    async def guard(self, signed_in: SignedIn | None) -> None:
        """Raises Ended when a connection of this caller must end: at shutdown, or where its rights are no more as they were."""
        async with self._watched(signed_in) as over:
            closing: asyncio.Future[bool] = asyncio.ensure_future(_true(self.closing))
            try:
                await asyncio.wait({over, closing}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                closing.cancel()
            if self.closing.is_set():
                raise Ended("Rota is shutting down; connect again.", is_closing=True)
            is_signed_out = over.result()
            raise Ended(
                "The session has ended." if is_signed_out else "Your rights have changed; connect again.",
                is_signed_out=is_signed_out,
            )

    @contextlib.asynccontextmanager
    async def _watched(self, signed_in: SignedIn | None) -> AsyncIterator["asyncio.Future[bool]"]:
        if signed_in is None:
            yield asyncio.get_running_loop().create_future()
            return
        if signed_in not in self._checked:
            self._checked[signed_in] = asyncio.get_running_loop().create_future()
        self._users[signed_in] += 1
        try:
            yield self._checked[signed_in]
        finally:
            self._users[signed_in] -= 1
            if not self._users[signed_in]:
                del self._users[signed_in], self._checked[signed_in]

    async def _check_rights(self) -> None:
        """Asks once for each session and token, however many streams it has."""
        while True:
            await asyncio.sleep(CHECK_RIGHTS_S)
            try:
                now = await accounts.still(self.platform, list(self._checked))
            except Exception as error:  # noqa: BLE001  (the database is away; it is asked again in a moment)
                log.warning("rights could not be checked", error=str(error))
                continue
            for signed_in, viewer in now.items():
                over = self._checked.get(signed_in)
                if over is not None and viewer != signed_in.viewer and not over.done():
                    over.set_result(viewer is None)

    async def _watch_loop(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(LAG_EVERY_S)
            late_s = max(0.0, loop.time() - before - LAG_EVERY_S)
            # Falls slowly, so that a scrape each quarter of a minute sees a short stall.
            self.lag_s = max(late_s, self.lag_s * 0.95)


async def _true(event: asyncio.Event) -> bool:
    await event.wait()
    return True
