"""GraphQL over server-sent events, graphql-sse's distinct connections: POST, or GET for a browser's EventSource."""

import asyncio
import contextlib

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from strawberry.types.graphql import OperationType

from rota import jsontext
from rota.web.edge import STALLED_S, Caller, Edge, Ended, TooMany
from rota.web.http import caller_of, refusal, request_id_of, wrong_operation
from rota.web.requests import Asked, NoDocument, Refused, accepted, asked_of
from rota.web.shared import Runner, WrongOperation
from rota.web.together import Frame

EVENTS = "text/event-stream"
KEEP_ALIVE_S = 12.0
_BY_GET = frozenset({OperationType.QUERY, OperationType.SUBSCRIPTION})
_BY_POST = _BY_GET | {OperationType.MUTATION}
_HEADERS = [
    (b"content-type", f"{EVENTS}; charset=utf-8".encode()),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would keep events back
]
_TEXT_HEADERS = {name.decode(): value.decode() for name, value in _HEADERS}
_COMMENT = b":\n\n"
_COMPLETE = b"event: complete\ndata: \n\n"


class _Over(Exception):
    """The operation is complete, or its client has left."""


class GraphQLStream:
    """The endpoint of event streams."""

    def __init__(self, edge: Edge, runner: Runner) -> None:
        self._edge = edge
        self._runner = runner

    async def __call__(self, request: Request) -> Response:
        try:
            accepted(request.headers.get("accept"), (EVENTS,), EVENTS)
            caller = await caller_of(self._edge, request)
            asked = await asked_of(request, self._edge.persisted)
            self._runner.check(asked, _BY_GET if request.method == "GET" else _BY_POST)
        except WrongOperation as wrong:
            return refusal(wrong_operation(wrong), request)
        except NoDocument as refused:
            return Response(_last(refused.message, refused.code, request_id_of(request)), headers=_TEXT_HEADERS)
        except Refused as refused:
            return refusal(refused, request)
        return EventStream(self._edge, self._runner, caller, asked)


class EventStream(Response):
    """A response that goes on until its operation ends, its client leaves, or it must end."""

    def __init__(self, edge: Edge, runner: Runner, caller: Caller, asked: Asked) -> None:
        super().__init__()
        self._edge = edge
        self._runner = runner
        self._caller = caller
        self._asked = asked

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with self._edge.counted(self._caller):
                await self._stream(receive, send)
        except TooMany as error:
            refused = Refused(429, str(error), "RATE_LIMITED", retry_after="10")
            await refusal(refused, Request(scope))(scope, receive, send)

    async def _stream(self, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        last = b""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._edge.guard(self._caller.signed_in))
                group.create_task(_left(receive))
                group.create_task(_keep_alive(send))
                await self._pump(send)
        except* Ended as ended:
            last = _farewell(_first(ended), self._caller.request_id)
        except* (_Over, TimeoutError):
            pass
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await send({"type": "http.response.body", "body": last})

    async def _pump(self, send: Send) -> None:
        frames = self._runner.frames(self._asked, self._caller)
        async with contextlib.aclosing(frames):
            async for frame in frames:
                await _write(send, _event(frame))
        await _write(send, _COMPLETE)
        raise _Over


def _event(frame: Frame) -> bytes:
    # This protocol has no message for errors before the first event: they come as a result without data.
    payload = frame.payload if frame.kind == "next" else b'{"errors":%b}' % frame.payload
    return b"event: next\ndata: %b\n\n" % payload


def _farewell(ended: Ended, request_id: str) -> bytes:
    """What the client is told at last: nothing where it is to connect again, which it does by itself."""
    if not ended.is_signed_out:
        return b""
    return _last(ended.reason, "UNAUTHENTICATED", request_id)


def _last(message: str, code: str, request_id: str) -> bytes:
    """An error and the end."""
    error = {"message": message, "extensions": {"code": code, "requestId": request_id}}
    return _event(Frame("error", jsontext.dumpb([error]))) + _COMPLETE


async def _write(send: Send, body: bytes) -> None:
    """Raises TimeoutError where the client takes nothing for too long."""
    message: Message = {"type": "http.response.body", "body": body, "more_body": True}
    async with asyncio.timeout(STALLED_S):
        await send(message)


async def _keep_alive(send: Send) -> None:
    """A comment at once, so that the client knows it is connected, then so often that no proxy gives up."""
    while True:
        await _write(send, _COMMENT)
        await asyncio.sleep(KEEP_ALIVE_S)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    raise _Over


def _first(group: BaseExceptionGroup[Ended]) -> Ended:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, Ended)
    return error
