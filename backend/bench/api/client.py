"""The least that a client over HTTP costs: one kept-alive connection."""

import asyncio
import json
from typing import Any, Self
from urllib.parse import urlsplit


class Client:
    """Asks as whoever has the session."""

    def __init__(self, url: str, secret: str) -> None:
        self._address = urlsplit(url)
        self._secret = secret

    async def open(self) -> Self:
        """Connects."""
        self._reader, self._writer = await asyncio.open_connection(
            self._address.hostname, self._address.port, limit=2**24
        )
        return self

    async def ask(self, query: str, variables: dict[str, Any] | None = None) -> Any:
        """The body of the answer. Raises RuntimeError where it has errors at its top."""
        body = json.dumps({"query": query, "variables": variables or {}}).encode()
        head = (
            f"POST /graphql HTTP/1.1\r\nHost: {self._address.netloc}\r\nCookie: rota_session={self._secret}\r\n"
            f"Content-Type: application/json\r\nAccept: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = next(line.split(":")[1] for line in answer.split("\r\n") if line.startswith("content-length:"))
        found = json.loads(await self._reader.readexactly(int(length)))
        if "errors" in found:
            raise RuntimeError(json.dumps(found["errors"])[:300])
        return found

    def close(self) -> None:
        """Hangs up."""
        self._writer.close()
