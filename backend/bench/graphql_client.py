"""Submits tasks over HTTP as clients do: `python -m bench.graphql_client ADDRESS COUNT`, the token in BENCH_TOKEN; prints the seconds."""

import asyncio
import json
import os
import sys
import time
from urllib.parse import urlsplit

A_REQUEST = 100
CLIENTS = 4
DOCUMENT = """
mutation Submit($inputs: [SubmitTaskInput!]!) {
  submitTasks(inputs: $inputs) { tasks { id status } errors { message } }
}
"""


class Client:
    """One kept-alive connection; the least that a client costs, for it shares the machine with what it measures."""

    def __init__(self, address: str, token: str) -> None:
        self._address = urlsplit(address)
        self._token = token

    async def open(self) -> None:
        """Connects."""
        self._reader, self._writer = await asyncio.open_connection(self._address.hostname, self._address.port)

    async def submit(self, count: int) -> None:
        """One request; raises RuntimeError with the answer unless all tasks were taken."""
        inputs = [{"function": "noop", "args": {}}] * count
        body = json.dumps({"query": DOCUMENT, "variables": {"inputs": inputs}}).encode()
        head = (
            f"POST /graphql HTTP/1.1\r\nHost: {self._address.netloc}\r\nAuthorization: Bearer {self._token}\r\n"
            f"Content-Type: application/json\r\nAccept: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        answer = json.loads(await self._answer())
        taken = ((answer.get("data") or {}).get("submitTasks") or {}).get("tasks") or []
        if len(taken) != count:
            raise RuntimeError(json.dumps(answer)[:300])

    async def _answer(self) -> bytes:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = next(line.split(":")[1] for line in head.split("\r\n") if line.startswith("content-length:"))
        return await self._reader.readexactly(int(length))


async def main(address: str, count: int) -> None:
    clients = [Client(address, os.environ["BENCH_TOKEN"]) for _ in range(CLIENTS)]
    for client in clients:
        await client.open()
        # The document is parsed and the connection warm before the clock runs.
        await client.submit(1)
    left = iter([min(A_REQUEST, count - start) for start in range(0, count, A_REQUEST)])

    async def work(client: Client) -> None:
        for size in left:
            await client.submit(size)

    started = time.perf_counter()
    await asyncio.gather(*(work(client) for client in clients))
    print(time.perf_counter() - started)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
