"""Serves the application: bound before anything starts, its streams closed before it waits for the rest."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import uvicorn

from rota.graphql.hub import Hub
from rota.logs import get_logger
from rota.operations.platform import Platform
from rota.settings import Settings
from rota.web.app import create_app
from rota.web.requests import MAX_BODY
from rota.web.wire import Wire

log = get_logger(__name__)

BACKLOG = 2048
GRACE_S = 5  # for answers that are on their way when the server is to end
ABORT_EVERY_S = 5.0


class CannotListen(Exception):
    """The address cannot be used; the message is one line that says why and what to do."""


@contextlib.asynccontextmanager
async def serving(platform: Platform, hub: Hub, settings: Settings) -> AsyncIterator[str]:
    """Serves beside the block; yields the address, e.g. `http://127.0.0.1:8080`. The hub runs with it.

    Raises CannotListen. At the end streams are closed first, then the rest has a moment to finish.
    """
    bound = bind(settings.host, settings.port)
    try:
        app = create_app(platform, hub)
        server = _Server(_config(app, settings))
        task = asyncio.create_task(server.serve(sockets=[bound]), name="web server")
        aborts = asyncio.create_task(_abort_stuck(server))
        try:
            await _started(server, task)
            yield address_of(bound)
        finally:
            app.state.edge.closing.set()
            server.should_exit = True
            await asyncio.gather(task, return_exceptions=True)
            aborts.cancel()
    finally:
        bound.close()


def bind(host: str, port: int) -> socket.socket:
    """A listening socket, IPv4 or IPv6. Raises CannotListen."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE | socket.AI_NUMERICSERV
        )[0]
        # Of no protocol by name, asyncio would not turn Nagle's algorithm off: each answer but the first on a connection would
        # come 40 ms late.
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise CannotListen(
            f"cannot listen on {host} ({error.strerror}); choose another with --host or ROTA_HOST"
        ) from None
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(BACKLOG)
        bound.setblocking(False)
    except OSError as error:
        bound.close()
        raise CannotListen(
            f"cannot listen on {host} port {port} ({error.strerror}); choose another with --port or ROTA_PORT"
        ) from None
    return bound


def address_of(bound: socket.socket) -> str:
    """Where a browser on this machine finds it."""
    host, port = bound.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: Any, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        ws=Wire,
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trust_forwarded),
        forwarded_allow_ips=settings.trust_forwarded or None,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=15,
        ws_max_size=MAX_BODY,
        # Compressing each frame for each client costs more than all the rest of sending it.
        ws_per_message_deflate=False,
        h11_max_incomplete_event_size=64 * 1024,
    )


async def _started(server: uvicorn.Server, task: "asyncio.Task[None]") -> None:
    while not server.started:
        if task.done():
            task.result()
            raise RuntimeError("the web server did not start; the log says why")
        await asyncio.sleep(0.005)


async def _abort_stuck(server: uvicorn.Server) -> None:
    """Ends connections that are closing but whose client takes nothing: their rest would be kept for ever."""
    closing: set[Any] = set()
    while True:
        await asyncio.sleep(ABORT_EVERY_S)
        found = {connection for connection in server.server_state.connections if _is_closing(connection)}
        for connection in found & closing:
            connection.transport.abort()
        closing = found


def _is_closing(connection: Any) -> bool:
    transport = connection.transport
    return transport is not None and transport.is_closing()
