"""Lists of tasks as the page asks for them: each filter that it offers, the first page of 50 and page 1,000."""

import datetime
import time
from typing import Any

from bench.api.client import Client
from bench.api.figures import Asked, Sizes, Took, percentiles
from bench.api.server import Api

PAGE, FAR = 50, 1_000
HOP = 200
SLOW_MS = 3_000
# What frontend/src/features/tasklist/documents.ts asks of a row. The page reads 100 at once, and counts beside it.
LIST = """
query TaskList($filter: TaskFilter, $orderBy: TaskOrder, $after: String) {
  tasks(filter: $filter, orderBy: $orderBy, first: 50, after: $after) {
    nodes {
      id title status priority isLate progress createdAt startedAt finishedAt viewerMayChange version
      queue { id name }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
COUNTED = LIST.replace("pageInfo", "totalCount pageInfo")
HOPS = """
query ($filter: TaskFilter, $orderBy: TaskOrder, $after: String, $first: Int) {
  tasks(filter: $filter, orderBy: $orderBy, first: $first, after: $after) { pageInfo { hasNextPage endCursor } }
}
"""


def _ago(**past: float) -> str:
    return (datetime.datetime.now(datetime.UTC) - datetime.timedelta(**past)).isoformat()


def lists() -> dict[str, dict[str, Any]]:
    """The variables of each list, by what it is in words."""
    recent, before = _ago(hours=24), _ago(days=7)
    filters: dict[str, dict[str, Any]] = {
        "everything": {},
        "status succeeded (90 %)": {"status": ["SUCCEEDED"]},
        "status failed (3 %)": {"status": ["FAILED"]},
        "status running (0.2 %)": {"status": ["RUNNING"]},
        "status failed, expired or cancelled": {"status": ["FAILED", "EXPIRED", "CANCELLED"]},
        "a queue (70 %)": {"queue": ["default"]},
        "a queue (5 %)": {"queue": ["reports"]},
        "a function (60 %)": {"function": ["resize"]},
        "a function (1 %)": {"function": ["audit"]},
        "a tag (30 %)": {"tag": ["batch"]},
        "a tag (1 %)": {"tag": ["vip"]},
        "priority 5 (40 %)": {"priority": [5]},
        "priority 10 (3 %)": {"priority": [10]},
        "priority 8 and above": {"priorityAtLeast": 8},
        "the last 24 hours": {"createdAfter": recent},
        "before a week ago": {"createdBefore": before},
        "a week up to a day ago": {"createdAfter": before, "createdBefore": recent},
        "text that many have": {"search": "customer"},
        "text that one in 5,000 has": {"search": "customer 4321"},
        "an argument, one in 50,000": {"search": "args.user.id:12345"},
        "failed, in a queue (0.15 %)": {"status": ["FAILED"], "queue": ["reports"]},
        "failed, of a function, the last 24 hours": {
            "status": ["FAILED"],
            "function": ["resize"],
            "createdAfter": recent,
        },
        "failed, with a tag (0.03 %)": {"status": ["FAILED"], "tag": ["vip"]},
        "a queue and priority 10 (0.15 %)": {"queue": ["reports"], "priority": [10]},
        "a function (1 %) and a queue (5 %)": {"function": ["audit"], "queue": ["reports"]},
    }
    found = {name: {"filter": wanted} for name, wanted in filters.items()}
    orders = {"oldest first": "OLDEST_FIRST", "next to run": "NEXT_TO_RUN", "by deadline": "DEADLINE"}
    return found | {f"everything, {name}": {"orderBy": order} for name, order in orders.items()}


async def measure(api: Api, sizes: Sizes) -> list[Asked]:
    """Fills the table, then asks for each list again and again."""
    print(f"{api.database}: {await api.server.ask(do='seed', rows=sizes.rows):,} rows", flush=True)
    client = await Client(api.url, api.secrets[0]).open()
    found = []
    for name, variables in lists().items():
        first = await _took(api, client, LIST, variables, sizes.asks)
        counted = await _took(api, client, COUNTED, variables, sizes.asks)
        after = await _cursor(client, variables)
        far = await _took(api, client, LIST, {**variables, "after": after}, sizes.asks) if after else None
        found.append(Asked(name, first, far, counted))
        print(f"  {name}: {found[-1]}", flush=True)
    client.close()
    return found


async def _took(api: Api, client: Client, query: str, variables: dict[str, Any], asks: int) -> Took:
    await client.ask(query, variables)
    took: list[float] = []
    used_s = api.cpu_s
    while len(took) < asks:
        begun = time.perf_counter()
        await client.ask(query, variables)
        took.append((time.perf_counter() - begun) * 1000)
        if took[-1] > SLOW_MS and len(took) >= 3:
            break  # slow enough to know
    return Took(percentiles(took)["p95"], (api.cpu_s - used_s) / len(took) * 1000)


async def _cursor(client: Client, variables: dict[str, Any]) -> str | None:
    """Where page 1,000 begins; None where there is none."""
    after, left = None, PAGE * (FAR - 1)
    while left:
        size = min(HOP, left)
        answer = await client.ask(HOPS, {**variables, "after": after, "first": size})
        info = answer["data"]["tasks"]["pageInfo"]
        if not info["hasNextPage"]:
            return None
        after, left = info["endCursor"], left - size
    return after
