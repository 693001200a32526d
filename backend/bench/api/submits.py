"""`submitTask` over HTTP: one client after the other, and fifty at once, each on a connection that is kept."""

import asyncio
import itertools
import time

from bench.api.client import Client
from bench.api.figures import Sizes, Submits, percentiles
from bench.api.server import Api

DOCUMENT = "mutation ($i: SubmitTaskInput!) { submitTask(input: $i) { task { id status } errors { message } } }"
WISH = {"i": {"function": "noop", "args": {}}}
WAYS = (("one at a time", 1), ("50 clients at once", 50))


async def measure(api: Api, sizes: Sizes) -> list[Submits]:
    """Both ways."""
    return [await _measured(api, name, clients, sizes.submits * min(clients, 10)) for name, clients in WAYS]


async def _measured(api: Api, name: str, clients: int, count: int) -> Submits:
    opened = [await Client(api.url, api.secrets[0]).open() for _ in range(clients)]
    numbers, latencies = itertools.count(), []

    async def work(client: Client) -> None:
        while next(numbers) < count:
            begun = time.perf_counter()
            answer = await client.ask(DOCUMENT, WISH)
            latencies.append((time.perf_counter() - begun) * 1000)
            if answer["data"]["submitTask"]["task"] is None:
                raise RuntimeError(str(answer)[:300])

    await asyncio.gather(*(client.ask(DOCUMENT, WISH) for client in opened))
    begun = time.perf_counter()
    await asyncio.gather(*map(work, opened))
    rate = len(latencies) / (time.perf_counter() - begun)
    for client in opened:
        client.close()
    return Submits(name, rate, percentiles(latencies))
