"""GraphQL over WebSocket: the graphql-transport-ws protocol, and no older one."""

import asyncio
import contextlib
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from rota import jsontext
from rota.domain.errors import NotSignedIn
from rota.logs import get_logger
from rota.operations.accounts import SignedIn
from rota.web import sessions
from rota.web.edge import STALLED_S, Caller, Edge, Ended, TooMany
from rota.web.http import request_id_of
from rota.web.requests import Asked, NoDocument, Refused, asked_in
from rota.web.shared import Runner
from rota.web.together import Frame, Take
from rota.web.wire import WIRE

log = get_logger(__name__)

PROTOCOL = "graphql-transport-ws"
INIT_TIMEOUT_S = 10.0
OPERATIONS_PER_CONNECTION = 100
MAX_ID = 200  # characters

BAD_MESSAGE = 4400
UNAUTHORIZED = 4401
FORBIDDEN = 4403
NO_SUCH_PROTOCOL = 4406
INIT_TIMEOUT = 4408
ALREADY_SUBSCRIBED = 4409
TOO_MANY = 4429
SERVICE_RESTART = 1012


class _Closed(Exception):
    """The connection is to be closed, with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class GraphQLOverWebSocket:
    """The endpoint of WebSockets."""

    def __init__(self, edge: Edge, runner: Runner) -> None:
        self._edge = edge
        self._runner = runner

    async def __call__(self, websocket: WebSocket) -> None:
        if not sessions.is_own_page(self._edge.platform.settings, websocket):
            await websocket.close(FORBIDDEN)  # before it is accepted: the handshake is answered with 403
            return
        if PROTOCOL not in websocket.scope["subprotocols"]:
            await websocket.accept()
            await websocket.close(NO_SUCH_PROTOCOL, f"The subprotocol is {PROTOCOL}")
            return
        await websocket.accept(PROTOCOL)
        await _Connection(self._edge, self._runner, websocket).run()


class _Connection:
    """One client and its operations."""

    def __init__(self, edge: Edge, runner: Runner, websocket: WebSocket) -> None:
        self._edge = edge
        self._runner = runner
        self._websocket = websocket
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._is_initialised = False

    async def run(self) -> None:
        try:
            caller = await self._initialise()
            with self._edge.counted(caller):
                await self._serve(caller)
        except _Closed as closed:
            await self._close(closed.code, closed.reason)
        except TooMany as error:
            await self._close(TOO_MANY, str(error))
        except (WebSocketDisconnect, TimeoutError):
            pass  # it left, or takes nothing any more

    async def _serve(self, caller: Caller) -> None:
        """Until somebody ends it: raises what did."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._guard(caller.signed_in))
                await self._send('{"type":"connection_ack"}')
                while True:
                    await self._handle(await self._receive(), caller, group)
        except* (_Closed, WebSocketDisconnect, TimeoutError) as ended:
            error: BaseException = ended
            while isinstance(error, BaseExceptionGroup):
                error = error.exceptions[0]
            raise error from None

    async def _initialise(self) -> Caller:
        """The first message says who it is. Raises _Closed."""
        try:
            async with asyncio.timeout(INIT_TIMEOUT_S):
                message = await self._receive()
                while message["type"] in ("ping", "pong"):
                    await self._ping(message)
                    message = await self._receive()
        except TimeoutError:
            raise _Closed(INIT_TIMEOUT, "Connection initialisation timeout") from None
        if message["type"] != "connection_init":
            raise _Closed(UNAUTHORIZED, "Unauthorized")
        payload = message.get("payload")
        if payload is not None and not isinstance(payload, dict):
            raise _Closed(BAD_MESSAGE, "The payload of connection_init must be an object")
        return Caller(
            await self._signed_in(payload or {}), request_id_of(self._websocket), sessions.address_of(self._websocket)
        )

    async def _signed_in(self, payload: dict[str, Any]) -> SignedIn | None:
        header = payload.get("authorization", payload.get("Authorization"))
        try:
            if header is None:
                return await sessions.caller_of(self._edge.platform, self._websocket)
            return await sessions.by_authorization(self._edge.platform, str(header))
        except NotSignedIn:
            raise _Closed(FORBIDDEN, "Forbidden") from None

    async def _guard(self, signed_in: SignedIn | None) -> None:
        try:
            await self._edge.guard(signed_in)
        except Ended as ended:
            if ended.is_closing:
                raise _Closed(SERVICE_RESTART, ended.reason) from None
            raise _Closed(UNAUTHORIZED if ended.is_signed_out else FORBIDDEN, ended.reason) from None

    async def _receive(self) -> dict[str, Any]:
        """The next message. Raises _Closed where it is none, WebSocketDisconnect where the client left."""
        event = await self._websocket.receive()
        if event["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(event.get("code", 1005))
        text = event.get("text")
        if text is None:
            raise _Closed(BAD_MESSAGE, "Messages must be text")
        try:
            message = jsontext.loads(text)
        except (ValueError, RecursionError):
            raise _Closed(BAD_MESSAGE, "Messages must be JSON") from None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise _Closed(BAD_MESSAGE, "Messages must be objects with a type")
        return message

    async def _handle(self, message: dict[str, Any], caller: Caller, group: asyncio.TaskGroup) -> None:
        match message["type"]:
            case "subscribe":
                await self._subscribe(message, caller, group)
            case "complete":
                operation = self._operations.pop(self._id(message), None)
                if operation is not None:
                    operation.cancel()
            case "ping" | "pong":
                await self._ping(message)
            case "connection_init":
                raise _Closed(TOO_MANY, "Too many initialisation requests")
            case kind:
                raise _Closed(BAD_MESSAGE, f"There is no message of type {kind[:40]!r}")

    async def _ping(self, message: dict[str, Any]) -> None:
        if message["type"] == "ping":
            await self._send('{"type":"pong"}')

    async def _subscribe(self, message: dict[str, Any], caller: Caller, group: asyncio.TaskGroup) -> None:
        operation_id = self._id(message)
        if operation_id in self._operations:
            raise _Closed(ALREADY_SUBSCRIBED, f"Subscriber for {operation_id[:60]} already exists")
        payload = message.get("payload")
        try:
            asked = asked_in(payload if isinstance(payload, dict) else {}, self._edge.persisted)
        except NoDocument as refused:
            # Nothing more is read before it is sent, here and below: who reads nothing is not answered without end.
            await self._send(_error(jsontext.dumps(operation_id), refused.message, refused.code, caller))
            return
        except Refused as refused:
            raise _Closed(BAD_MESSAGE, refused.message) from None
        if len(self._operations) >= OPERATIONS_PER_CONNECTION:
            most = f"At most {OPERATIONS_PER_CONNECTION} operations at once."
            await self._send(_error(jsontext.dumps(operation_id), most, "RATE_LIMITED", caller))
            return
        self._operations[operation_id] = group.create_task(self._operate(operation_id, asked, caller))

    async def _operate(self, operation_id: str, asked: Asked, caller: Caller) -> None:
        """One operation from its start to its end."""
        last = await self._pump(jsontext.dumps(operation_id), asked, caller)
        # It may be used again from here on, even before the client has heard of the end.
        self._operations.pop(operation_id, None)
        await self._send(last)

    async def _pump(self, name: str, asked: Asked, caller: Caller) -> str:
        """Sends results as they come; the message that is the operation's last."""
        frames = self._runner.frames(asked, caller, self._take(name))
        try:
            async with contextlib.aclosing(frames):
                async for frame in frames:
                    message = f'{{"id":{name},"type":"{frame.kind}","payload":{frame.payload.decode()}}}'
                    if frame.kind == "error":
                        return message
                    await self._send(message)
        except (_Closed, WebSocketDisconnect, TimeoutError):
            raise
        except Exception:
            log.exception("an operation failed", request_id=caller.request_id)
            return _error(name, "Something went wrong on our side.", "INTERNAL", caller)
        return f'{{"id":{name},"type":"complete"}}'

    def _take(self, name: str) -> Take:
        """What writes a result at once, unless the client takes too little or the operation is to end."""
        write, operation = self._websocket.scope["extensions"][WIRE]["write"], asyncio.current_task()
        before = f'{{"id":{name},"type":"next","payload":'.encode()

        def take(frame: Frame) -> bool:
            if frame.kind == "error" or (operation is not None and operation.cancelling()):
                return False
            written: bool = write((before, frame.payload, b"}"))
            return written

        return take

    async def _send(self, text: str) -> None:
        """Raises TimeoutError where the client takes nothing for too long."""
        async with asyncio.timeout(STALLED_S):
            await self._websocket.send_text(text)

    async def _close(self, code: int, reason: str) -> None:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
            async with asyncio.timeout(1):
                # A close frame has room for 123 bytes.
                await self._websocket.close(code, reason.encode()[:123].decode(errors="ignore"))

    def _id(self, message: dict[str, Any]) -> str:
        found = message.get("id")
        if not isinstance(found, str) or not 0 < len(found) <= MAX_ID:
            raise _Closed(BAD_MESSAGE, f"id must be text of 1 to {MAX_ID} characters")
        return found


def _error(name: str, message: str, code: str, caller: Caller) -> str:
    error = {"message": message, "extensions": {"code": code, "requestId": caller.request_id}}
    return f'{{"id":{name},"type":"error","payload":{jsontext.dumps([error])}}}'
