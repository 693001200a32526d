"""Subscribers over WebSocket, as many as wanted in one process: the least that a client costs, for it shares the machine.

`python -m bench.api.subscribers '{"url": ..., "secrets": [...], "subscribers": 2000, "stalled": 100}'`. All frames are taken
off the wire; one client in nineteen looks into its own.
"""

import asyncio
import base64
import json
import os
import re
import resource
import socket
import sys
import time
from typing import Any
from urllib.parse import urlsplit

from bench.api.server import asked_of_parent

LOOKS = 19  # one in so many; users come in turns of 20, so that some of each look
AT_ONCE = 50
DOCUMENT = "subscription { tasksChanged { cursor isReset tasks { id title status } } }"
TITLE = re.compile(rb'"title":"(\d{6,})"')
PING, PONG, CLOSE = 0x9, 0xA, 0x8


class Subscriber(asyncio.Protocol):
    """One client."""

    def __init__(self, host: str, secret: str, *, looks: bool) -> None:
        self.subscribed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.frames = 0
        self.resets = 0
        self.latencies_ms: list[float] = []
        self.is_closed = False
        self._host = host
        self._secret = secret
        self._looks = looks
        self._buffer = bytearray()
        self._is_upgraded = False
        self.transport: asyncio.Transport

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        head = (
            f"GET /graphql HTTP/1.1\r\nHost: {self._host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n"
            f"Cookie: rota_session={self._secret}\r\n\r\n"
        )
        transport.write(head.encode())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._is_upgraded:
            head, found, _ = bytes(self._buffer).partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head:
                self._fail(head)
                return
            self._is_upgraded = True
            del self._buffer[: len(head) + 4]
            self._send({"type": "connection_init"})
        while (frame := self._frame()) is not None:
            self._heard(*frame)

    def connection_lost(self, _: Exception | None) -> None:
        self.is_closed = True
        self._fail(b"the connection was lost")

    def _frame(self) -> tuple[int, bytes] | None:
        """The next whole frame; servers do not mask theirs."""
        have, buffer = len(self._buffer), self._buffer
        if have < 2:
            return None
        begin, size = 2, buffer[1] & 0x7F
        if size > 125:
            width = 2 if size == 126 else 8
            begin, size = 2 + width, int.from_bytes(buffer[2 : 2 + width], "big")
        if have < begin + size:
            return None
        kind, body = buffer[0] & 0x0F, bytes(buffer[begin : begin + size])
        del buffer[: begin + size]
        return kind, body

    def _heard(self, kind: int, body: bytes) -> None:
        if kind == PING:
            self._write(PONG, body)
        elif kind == CLOSE:
            self.is_closed = True
            self.transport.close()
        elif body.startswith(b'{"id"'):
            self.frames += 1
            if self._looks:
                now = time.monotonic_ns()
                self.latencies_ms += [(now - int(then)) / 1e6 for then in TITLE.findall(body)]
                self.resets += b'"isReset":true' in body
        else:
            self._send({"id": "1", "type": "subscribe", "payload": {"query": DOCUMENT}})
            if not self.subscribed.done():
                self.subscribed.set_result(None)

    def _send(self, message: Any) -> None:
        self._write(0x1, json.dumps(message).encode())

    def _write(self, kind: int, body: bytes) -> None:
        # A mask of zeros changes nothing and is one.
        size = bytes([0x80 | len(body)]) if len(body) < 126 else b"\xfe" + len(body).to_bytes(2, "big")
        self.transport.write(bytes([0x80 | kind]) + size + b"\0\0\0\0" + body)

    def _fail(self, why: bytes) -> None:
        if not self.subscribed.done():
            self.subscribed.set_exception(RuntimeError(why.decode(errors="replace")[:200]))


async def main(given: dict[str, Any]) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, given["subscribers"] + 500), hard), hard))
    address = urlsplit(given["url"])
    found: list[Subscriber] = []
    for start in range(0, given["subscribers"], AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, given["subscribers"]))
        found += await asyncio.gather(*(_connected(given, address, number) for number in numbers))
    stalled = found[: given["stalled"]]
    for subscriber in stalled:
        subscriber.transport.pause_reading()
    print("true", flush=True)
    async for _ in asked_of_parent():
        for subscriber in stalled:
            subscriber.transport.resume_reading()
        # What the kernel still holds for them is read to its end.
        await asyncio.sleep(2)
        cut = sum(one.is_closed for one in found[len(stalled) :])
        if cut:
            raise RuntimeError(f"{cut} subscribers that took all they were sent were cut off")
        told = {
            "latencies_ms": [ms for one in found for ms in one.latencies_ms],
            "frames": sum(one.frames for one in found[len(stalled) :]),
            "resets": sum(one.resets for one in found),
            "stalled_closed": sum(one.is_closed for one in stalled),
        }
        print(json.dumps(told), flush=True)


async def _connected(given: dict[str, Any], address: Any, number: int) -> Subscriber:
    is_stalled = number < given["stalled"]
    raw = socket.socket()
    if is_stalled:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(raw, (address.hostname, address.port))
    secret = given["secrets"][number % len(given["secrets"])]
    looks = not is_stalled and number % LOOKS == 0
    _, subscriber = await loop.create_connection(lambda: Subscriber(address.netloc, secret, looks=looks), sock=raw)
    await subscriber.subscribed
    return subscriber


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
