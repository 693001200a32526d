"""Subscribers over WebSocket, as many as wanted in one process: the least that a client costs, for it shares the machine.

`python -m bench.api.subscribers '{"url": ..., "secrets": [...], "subscribers": 2000, "stalled": 100, "kinds": 20}'`. All frames are taken
off the wire and counted; one client in 97 looks into its own.
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
import uuid
from typing import Any
from urllib.parse import urlsplit

import uvloop

from bench.api.server import asked_of_parent

LOOKS = 97  # one in so many; users come in turns of 20, so that one of each looks, and they subscribed at all times
AT_ONCE = 50
DOCUMENT = "subscription { tasksChanged { cursor isReset tasks { id title status } } }"
TITLE = re.compile(rb'"title":"(\d{6,})"')
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA

# One for all: what comes is looked at before anything else is read.
_incoming = memoryview(bytearray(2**20))


class Subscriber(asyncio.BufferedProtocol):
    """One client."""

    def __init__(self, host: str, secret: str, kind: int, *, looks: bool) -> None:
        self.subscribed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.frames = 0
        self.resets = 0
        self.latencies_ms: list[float] = []
        self.is_closed = False
        self.looks = looks
        self._host = host
        self._secret = secret
        self._document = f"{DOCUMENT} # {kind}"  # another text is another subscription
        self._id = str(uuid.uuid4())  # as the usual client names its operations
        self._kept = b""  # of a frame that has not come whole
        self._to_skip = 0
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

    def get_buffer(self, _: int) -> memoryview:
        return _incoming

    def buffer_updated(self, size: int) -> None:
        if self._to_skip >= size:
            self._to_skip -= size
            return
        data = self._kept + bytes(_incoming[self._to_skip : size])
        self._to_skip = 0
        if not self._is_upgraded:
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self._kept = head
                return
            if b" 101 " not in head:
                self._fail(head)
                return
            self._is_upgraded = True
            self._send({"type": "connection_init"})
        self._kept = data[self._taken(data) :]

    def connection_lost(self, _: Exception | None) -> None:
        self.is_closed = True
        self._fail(b"the connection was lost")

    def _taken(self, data: bytes) -> int:
        """How much of it has been taken: whole frames, and what of a frame nobody looks into is here."""
        at = 0
        while at + 2 <= len(data):
            begin, size = at + 2, data[at + 1] & 0x7F  # servers do not mask theirs
            if size > 125:
                begin += 2 if size == 126 else 8
                if begin > len(data):
                    break
                size = int.from_bytes(data[at + 2 : begin], "big")
            kind, end = data[at] & 0x0F, begin + size
            if kind == TEXT and self.subscribed.done() and not self.looks:
                self.frames += 1
                self._to_skip = max(0, end - len(data))
            elif end > len(data):
                break
            else:
                self._heard(kind, data[begin:end])
            at = end
        return at

    def _heard(self, kind: int, body: bytes) -> None:
        if kind == PING:
            self._write(PONG, body)
        elif kind == CLOSE:
            self.is_closed = True
            self.transport.close()
        elif self.subscribed.done():
            now = time.monotonic_ns()
            self.frames += 1
            self.latencies_ms += [(now - int(then)) / 1e6 for then in TITLE.findall(body)]
            self.resets += b'"isReset":true' in body
        else:
            self._send({"id": self._id, "type": "subscribe", "payload": {"query": self._document}})
            self.subscribed.set_result(None)

    def _send(self, message: Any) -> None:
        self._write(TEXT, json.dumps(message).encode())

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
            "heard": [len(one.latencies_ms) for one in found if one.looks and not one.resets],
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
    kind, looks = number % given["kinds"], not is_stalled and number % LOOKS == 0
    _, subscriber = await loop.create_connection(
        lambda: Subscriber(address.netloc, secret, kind, looks=looks), sock=raw
    )
    await subscriber.subscribed
    return subscriber


if __name__ == "__main__":
    uvloop.run(main(json.loads(sys.argv[1])))
