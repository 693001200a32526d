"""Asks for lists and pages again and again: by the clock, and by what the api and its database use of the processors."""

import time
from typing import Any

from bench.api import lists
from bench.api.client import Client
from bench.api.figures import Asked, Sizes, Took, Whole, percentiles
from bench.api.lists import Wish
from bench.api.server import Api

PAGE, FAR = 50, 1_000
WARM = 2
SLOW_MS = 3_000


async def measure(api: Api, sizes: Sizes, kind: str, word: str) -> list[Asked]:
    """Fills the table where it is not, then asks for all of its lists that have this word in their names."""
    newest = await api.server.ask(do="fill", rows=sizes.rows, kind=kind)
    wishes = lists.of_pages(newest) if kind == "pages" else lists.of_waiting()
    trivial = Wish("nothing at all (`{ __typename }`)", {}, None, lists.TRIVIAL)
    found = []
    for wish in [trivial, *(one for one in wishes if word in one.name)]:
        found.append(await _asked(api, wish, sizes))
        print(f"  {found[-1]}", flush=True)
    return found


async def _asked(api: Api, wish: Wish, sizes: Sizes) -> Asked:
    secret = api.secrets[0] if wish.who is None else api.clients[wish.who]
    # The place is asked for before: a connection that idles so long is closed.
    after = None
    if wish.document is lists.LIST and not wish.is_short:
        after = await api.server.ask(do="place", who=wish.who, variables=wish.variables, rows=PAGE * (FAR - 1))
    client = await Client(api.url, secret).open()
    try:
        asked = Asked(wish.name, await _took(api, client, wish.document, wish.variables, sizes.asks))
        if wish.document is lists.LIST:
            asked.counted = await _took(api, client, lists.COUNT, wish.variables, sizes.asks)
            asked.whole = await _whole(client, wish.variables)
        if after is not None:
            asked.far = await _took(api, client, wish.document, {**wish.variables, "after": after}, sizes.asks)
    finally:
        client.close()
    return asked


async def _took(api: Api, client: Client, query: str, variables: dict[str, Any], asks: int) -> Took:
    for _ in range(WARM):
        await client.ask(query, variables)
    took: list[float] = []
    used_s = api.cpu_s
    while len(took) < asks:
        begun = time.perf_counter()
        await client.ask(query, variables)
        took.append((time.perf_counter() - begun) * 1000)
        if took[-1] > SLOW_MS and len(took) >= 3:
            break  # slow enough to know
    found = percentiles(took)
    return Took(found["p50"], found["p95"], (api.cpu_s - used_s) / len(took) * 1000)


async def _whole(client: Client, variables: dict[str, Any]) -> Whole | None:
    """How long it takes until a page that was short is full, or the list has ended; None where the first page is all of that."""
    begun, requests, found, after = time.perf_counter(), 0, 0, None
    while True:
        answer = (await client.ask(lists.LIST, {**variables, "after": after}))["data"]["tasks"]
        requests, found, after = requests + 1, found + len(answer["nodes"]), answer["pageInfo"]["endCursor"]
        if found >= PAGE or not answer["pageInfo"]["hasNextPage"]:
            return Whole(requests, found, time.perf_counter() - begun) if requests > 1 else None
