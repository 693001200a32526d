"""Tasks submitted over HTTP: one a request and a hundred, by one client and by a hundred at once, beside a query that does nothing.

The two take turns, so that whatever else the machine does holds both up alike.
"""

import asyncio
import itertools
import time
from typing import Any, NamedTuple

from bench.api.client import Client
from bench.api.figures import Sizes, Submits, percentiles
from bench.api.lists import TRIVIAL
from bench.api.server import Api

DOCUMENT = "mutation ($i: SubmitTaskInput!) { submitTask(input: $i) { task { id status } errors { message } } }"
MANY = "mutation ($i: [SubmitTaskInput!]!) { submitTasks(inputs: $i) { tasks { id status } errors { message } } }"
WISH = {"function": "noop", "args": {}}
ROUNDS = 3


class Way(NamedTuple):
    """How tasks are submitted; `size` in a request."""

    name: str
    clients: int
    size: int


WAYS = (Way("one client", 1, 1), Way("100 clients at once", 100, 1), Way("one client, 100 a request", 1, 100))


async def measure(api: Api, sizes: Sizes) -> list[Submits]:
    """All ways."""
    return [await _measured(api, way, sizes.submits * min(way.clients, 10) // min(way.size, 10)) for way in WAYS]


async def _measured(api: Api, way: Way, requests: int) -> Submits:
    clients = [await Client(api.url, api.secrets[0]).open() for _ in range(way.clients)]
    document = DOCUMENT if way.size == 1 else MANY
    variables = {"i": WISH if way.size == 1 else [WISH] * way.size}
    both = (_Asking(TRIVIAL, {}), _Asking(document, variables))
    for asking in both:
        await asking.ask(clients, way.clients)
        asking.forget()
    used_s = 0.0
    for _ in range(ROUNDS):
        for asking in both:
            before_s = api.cpu_s
            await asking.ask(clients, requests // ROUNDS)
            used_s += api.cpu_s - before_s if asking is both[1] else 0.0
    for client in clients:
        client.close()
    trivial, submits = both
    tasks = len(submits.took_ms) * way.size
    return Submits(
        way.name,
        tasks / submits.busy_s,
        percentiles(submits.took_ms),
        used_s / tasks * 1000,
        percentiles(trivial.took_ms)["p50"],
        len(submits.took_ms) / submits.busy_s / (len(trivial.took_ms) / trivial.busy_s),
    )


class _Asking:
    """One document, asked by clients at once."""

    def __init__(self, document: str, variables: dict[str, Any]) -> None:
        self._asked = document, variables
        self.forget()

    def forget(self) -> None:
        self.took_ms: list[float] = []
        self.busy_s = 0.0

    async def ask(self, clients: list[Client], count: int) -> None:
        """So many requests."""
        numbers = itertools.count()

        async def work(client: Client) -> None:
            while next(numbers) < count:
                begun = time.perf_counter()
                answer = await client.ask(*self._asked)
                self.took_ms.append((time.perf_counter() - begun) * 1000)
                if any(isinstance(part, dict) and part["errors"] for part in answer["data"].values()):
                    raise RuntimeError(str(answer)[:300])

        begun = time.perf_counter()
        await asyncio.gather(*map(work, clients))
        self.busy_s += time.perf_counter() - begun
