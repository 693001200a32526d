"""A TCP proxy in front of Redis that cuts, delays, half-opens, holds commands back, and drops the reply of one script."""

import asyncio
import hashlib
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hiredis

from rota.broker.loading import load_scripts

CHUNK = 256 * 1024
SHAS = {hashlib.sha1(script.source.encode()).hexdigest().encode(): name for name, script in load_scripts().items()}


class Replies:
    """Finds where each reply of a stream of RESP2 ends; the bytes themselves stay as they are."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._at = 0  # how far the reply at hand was looked through
        self._open = 1  # values that it still wants

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Every reply that is complete by now."""
        self._buffer += data
        while self._step():
            if self._open == 0:
                yield bytes(self._buffer[: self._at])
                del self._buffer[: self._at]
                self._at, self._open = 0, 1

    def _step(self) -> bool:
        """Passes over one value, or the head of a list; False where more bytes are needed."""
        end = self._buffer.find(b"\r\n", self._at)
        if end < 0:
            return False
        kind, count, after = self._buffer[self._at : self._at + 1], 0, end + 2
        if kind in b"$*":
            count = max(int(self._buffer[self._at + 1 : end]), 0)
        if kind == b"$" and self._buffer[self._at + 1 : self._at + 2] != b"-":
            after += count + 2
            if len(self._buffer) < after:
                return False
        self._at = after
        self._open += (count if kind == b"*" else 0) - 1
        return True


@dataclass(eq=False)
class _Link:
    """One client's connection, and the connection to Redis that was made for it."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    asked: deque[str] = field(default_factory=deque)  # what awaits a reply: a script's name, or ""
    doomed: deque[bool] = field(default_factory=deque)

    def close(self) -> None:
        self.client.close()
        self.server.close()


class RedisProxy:
    """Stands in front of the Redis at a unix socket; `url` leads through it."""

    def __init__(self, upstream: Path) -> None:
        self._upstream = upstream
        self._links: set[_Link] = set()
        self._flows: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._to_drop: Counter[str] = Counter()
        self._is_cut = False
        self._passing = asyncio.Event()  # unset: half-open, bytes are taken and go nowhere
        self._passing.set()
        self.delay_s = 0.0
        self.held: set[str] = set()  # scripts that never reach Redis, whoever calls them
        self.held_back: Counter[str] = Counter()
        self.passed: Counter[str] = Counter()  # scripts that were answered
        self.dropped: Counter[str] = Counter()  # replies that were lost after their script had run
        self.port = 0

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    async def __aenter__(self) -> "RedisProxy":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=CHUNK)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.heal()
        self._close_all()
        for flow in self._flows:
            flow.cancel()
        await asyncio.gather(*self._flows, return_exceptions=True)
        await self._server.wait_closed()

    def drop(self, script: str, times: int = 1) -> None:
        """The next replies of this script are lost, and with each its connection, after the script has run."""
        self._to_drop[script] += times

    def cut(self) -> None:
        """Closes all connections and takes no new one."""
        self._is_cut = True
        self._close_all()

    def half_open(self) -> None:
        """Connections stand, and nothing comes through."""
        self._passing.clear()

    def heal(self) -> None:
        """Everything passes again, also what was held up."""
        self._is_cut = False
        self.delay_s = 0.0
        self.held.clear()
        self._passing.set()

    def _close_all(self) -> None:
        for link in list(self._links):
            link.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.close()
            return
        try:
            back, server = await asyncio.open_unix_connection(str(self._upstream), limit=CHUNK)
        except OSError:
            writer.close()
            return
        link = _Link(writer, server)
        self._links.add(link)
        for flow in (self._ask(reader, link), self._answer(back, link)):
            task = asyncio.create_task(self._until_closed(flow, link))
            self._flows.add(task)
            task.add_done_callback(self._flows.discard)

    async def _until_closed(self, flow: Any, link: _Link) -> None:
        try:
            await flow
        except OSError:
            pass
        finally:
            link.close()
            self._links.discard(link)

    async def _ask(self, reader: asyncio.StreamReader, link: _Link) -> None:
        commands = hiredis.Reader()
        while data := await reader.read(CHUNK):
            await self._weather()
            commands.feed(data)
            is_held = False
            while (command := commands.gets()) is not False:
                script = SHAS.get(command[1], "") if command[0].upper() == b"EVALSHA" else ""
                is_held = is_held or script in self.held
                self.held_back[script] += is_held
                is_doomed = self._to_drop[script] > 0
                self._to_drop[script] -= is_doomed
                link.asked.append(script)
                link.doomed.append(is_doomed)
            if is_held:
                await asyncio.Event().wait()  # until the connection's end
            link.server.write(data)
            await link.server.drain()

    async def _answer(self, reader: asyncio.StreamReader, link: _Link) -> None:
        replies = Replies()
        while data := await reader.read(CHUNK):
            await self._weather()
            for reply in replies.feed(data):
                script, is_doomed = link.asked.popleft(), link.doomed.popleft()
                if is_doomed and not reply.startswith(b"-"):
                    self.dropped[script] += 1
                    return
                self._to_drop[script] += is_doomed  # Redis did not know the script: it did nothing yet
                self.passed[script] += 1
                link.client.write(reply)
            await link.client.drain()

    async def _weather(self) -> None:
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        await self._passing.wait()
