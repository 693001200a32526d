"""The web application: all routes on one screen."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from rota.graphql.hub import Hub
from rota.graphql.schema import schema
from rota.operations.platform import Platform
from rota.web.edge import Edge
from rota.web.guards import Guards
from rota.web.health import Readiness, healthz
from rota.web.hosts import OwnNames
from rota.web.http import GraphQLOverHTTP, refusal
from rota.web.page import Page
from rota.web.prometheus import Metrics
from rota.web.requests import Refused
from rota.web.sessions import allowed_origins
from rota.web.shared import Runner
from rota.web.sockets import GraphQLOverWebSocket
from rota.web.streams import GraphQLStream

_ANY = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]  # where nothing stands, that is said to all of them


def create_app(platform: Platform, hub: Hub) -> Starlette:
    """The application of one process; its lifespan runs the hub. `app.state.edge` closes its streams."""
    edge = Edge(platform, hub)
    runner = Runner(schema, edge)
    origins = allowed_origins(platform.settings)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        loops = [asyncio.create_task(hub.run(), name="hub"), asyncio.create_task(edge.run(), name="edge")]
        yield
        edge.closing.set()
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)

    app = Starlette(
        routes=[
            Route("/graphql", _endpoint(GraphQLOverHTTP(edge, runner)), methods=["GET", "POST"]),
            WebSocketRoute("/graphql", _socket(GraphQLOverWebSocket(edge, runner))),
            Route("/graphql/stream", _endpoint(GraphQLStream(edge, runner)), methods=["GET", "POST"]),
            Route("/healthz", healthz),
            Route("/readyz", _endpoint(Readiness(platform, hub))),
            Route("/metrics", _endpoint(Metrics(edge, runner))),
            Route("/{path:path}", _endpoint(Page(with_graphiql=platform.settings.graphiql)), methods=_ANY),
        ],
        middleware=[
            Middleware(Guards),
            Middleware(OwnNames, settings=platform.settings),
            *([Middleware(CORSMiddleware, **_cors(origins))] if origins else []),
        ],
        exception_handlers={Exception: _failed},
        lifespan=lifespan,
    )
    app.state.edge = edge
    return app


def _endpoint(call: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    # Starlette takes an object with __call__ for an ASGI application of its own.
    async def endpoint(request: Request) -> Response:
        return await call(request)

    return endpoint


def _socket(call: Callable[[WebSocket], Awaitable[None]]) -> Callable[[WebSocket], Awaitable[None]]:
    async def endpoint(websocket: WebSocket) -> None:
        await call(websocket)

    return endpoint


def _cors(origins: list[str]) -> dict[str, Any]:
    return {
        "allow_origins": origins,
        "allow_credentials": True,
        "allow_methods": ["GET", "POST"],
        "allow_headers": ["authorization", "content-type", "x-request-id"],
        "expose_headers": ["x-request-id"],
    }


async def _failed(request: Request, error: Exception) -> Response:  # noqa: ARG001  (the server logs it)
    return refusal(Refused(500, "Something went wrong on our side.", "INTERNAL"), request)
