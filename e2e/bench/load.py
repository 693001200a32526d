"""Much changes while pages are open: what that costs them, and whether what they show in the end is so."""

import asyncio
import sqlite3
import statistics
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from playwright.async_api import StorageState

from e2e.bench.proxy import CutProxy
from e2e.bench.watched import SEEN, Launch, Watched, watch
from e2e.support.tasks import submit
from rota.commands.client import Client, raise_for
from tests.support.patience import until
from tests.support.whole import RotaServer

SUBMIT = "mutation ($i: [SubmitTaskInput!]!) { submitTasks(inputs: $i) { errors { message } } }"
MOVE = "mutation ($id: ID!, $p: Int!) { rescheduleTask(id: $id, priority: $p) { errors { message } } }"
LINKS = """() => {
  const links = [...document.querySelectorAll('main a[href^="/tasks/task_"]')].map(each => each.pathname.split("/")[2]);
  return [...new Set(links)].slice(0, 10);
}"""
CHANGES_A_TASK = 2  # accepted and ended; a start is often recorded together with the end
AT_ONCE = 50
WEIGH_EVERY_S = 10.0
PROBE_EVERY_S = 1.0
WORDS = {"QUEUED": "Queued", "RUNNING": "Running", "SUCCEEDED": "Succeeded", "FAILED": "Failed", "SCHEDULED": "Scheduled"}  # fmt: skip


@dataclass
class Load:
    """What was seen."""

    seconds: float = 0.0
    changes: int = 0
    cuts: int = 0
    connections_cut: int = 0
    latency_ms: list[float] = field(default_factory=list)
    frames: dict[str, dict[str, float]] = field(default_factory=dict)
    heap_mb: dict[str, list[float]] = field(default_factory=dict)
    shown: dict[str, int] = field(default_factory=dict)
    in_sql: dict[str, int] = field(default_factory=dict)
    newest_agree: bool = False

    @property
    def p95_ms(self) -> float:
        return statistics.quantiles(self.latency_ms, n=20)[-1]


async def under_load(
    launch: Launch, server: RotaServer, state: StorageState, *, seconds: float, rate: float, cuts: int
) -> Load:
    """Keeps the overview, the list of tasks and one task open while `rate` changes a second are committed; cuts at the end of it."""
    found = Load()
    probe = await asyncio.to_thread(submit, server, "multiply", "Probe", args={"a": 1, "b": 1}, runAt="2035-01-01T00:00:00Z")  # fmt: skip
    async with CutProxy(server.port) as proxy:
        url = f"http://127.0.0.1:{proxy.port}"
        overview = await watch(launch, url, state, "overview", "/")
        listed = await watch(launch, url, state, "task list", "/tasks")
        empty = await watch(launch, url, state, "an empty page beside them", "about:blank")
        one = await watch(launch, url, state, "one task", f"/tasks/{probe}", SEEN)
        begun, before = time.monotonic(), changes_in(server)
        over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(_submit(server, rate, over))
            group.create_task(_weigh([overview, listed], over))
            group.create_task(_probe(server, probe, one, found, over))
            await asyncio.sleep(seconds)
            over.set()
        found.seconds, found.changes = time.monotonic() - begun, changes_in(server) - before
        over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(_submit(server, rate, over))
            for _ in range(cuts):
                found.connections_cut += proxy.cut()
                found.cuts += 1
                await asyncio.sleep(1)
            over.set()
        await asyncio.to_thread(until, lambda: not _is_busy(server))
        await _agrees(overview, listed, server, found)
        for page in (overview, listed, empty):
            found.frames[page.name] = await page.frames()
            found.heap_mb[page.name] = page.heap_mb
        for page in (overview, listed, empty, one):
            await page.close()
    return found


async def _submit(server: RotaServer, rate: float, over: asyncio.Event) -> None:
    """At an even pace; what could not be sent in time is sent as soon as it can be."""
    wishes = [{"function": "multiply", "args": {"a": 6, "b": number}} for number in range(AT_ONCE)]
    pause = AT_ONCE * CHANGES_A_TASK / rate
    due = time.monotonic()
    with server.client() as client:
        while not over.is_set():
            answer = await asyncio.to_thread(partial(client.call, SUBMIT, i=wishes))
            raise_for(answer["submitTasks"])
            due += pause
            await asyncio.sleep(max(0.0, due - time.monotonic()))


async def _weigh(pages: list[Watched], over: asyncio.Event) -> None:
    while not over.is_set():
        for page in pages:
            await page.weigh()
        await _pause(over, WEIGH_EVERY_S)


async def _probe(server: RotaServer, task_id: str, one: Watched, found: Load, over: asyncio.Event) -> None:
    """Moves one task, again and again; from before the request is sent, so the commit itself is counted in."""
    priority = 1
    with server.client() as client:
        while not over.is_set():
            priority = priority % 10 + 1
            await one.page.evaluate("() => { window.seen = []; }")
            sent = time.time() * 1_000
            await asyncio.to_thread(_move, client, task_id, priority)
            wanted = "wanted => window.seen.find(([priority]) => priority === wanted)?.[1]"
            at = await (await one.page.wait_for_function(wanted, arg=priority)).json_value()
            found.latency_ms.append(at - sent)
            await _pause(over, PROBE_EVERY_S)


def _move(client: Client, task_id: str, priority: int) -> None:
    raise_for(client.call(MOVE, id=task_id, p=priority)["rescheduleTask"])


async def _pause(over: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await over.wait()
    except TimeoutError:
        return


def _is_busy(server: RotaServer) -> bool:
    counts = counts_in(server)
    return any(counts.get(status, 0) for status in ("QUEUED", "ASSIGNED", "RUNNING"))


async def _agrees(overview: Watched, listed: Watched, server: RotaServer, found: Load) -> None:
    """What the pages show, once it has settled, and what SQL says."""
    for page in (overview, listed):
        await page.live()
    counts = counts_in(server)
    found.in_sql = {word: counts.get(status, 0) for status, word in WORDS.items()}
    for word in WORDS.values():
        tile = overview.page.get_by_role("region", name="Tasks by status").get_by_role("link", name=word)
        wanted = f"{found.in_sql[word]:,}"
        try:
            await tile.locator(f'.count-number[title="{wanted}"]').wait_for(timeout=10_000)
        finally:
            title = await tile.locator(".count-number").get_attribute("title")
            found.shown[word] = int((title or "-1").replace(",", ""))
    await listed.page.get_by_role("button", name=" new").click()
    newest = [row[0] for row in _sql(server, "SELECT id FROM tasks ORDER BY id DESC LIMIT 10")]
    await listed.page.locator(f'main a[href="/tasks/{newest[0]}"]').first.wait_for()
    found.newest_agree = await listed.page.evaluate(LINKS) == newest


def counts_in(server: RotaServer) -> dict[str, int]:
    """Tasks by status, counted in SQL."""
    return dict(_sql(server, "SELECT status, count(*) FROM tasks GROUP BY status"))


def changes_in(server: RotaServer) -> int:
    """How often tasks have changed so far: each change is a version."""
    return int(_sql(server, "SELECT coalesce(sum(version), 0) FROM tasks")[0][0])


def _sql(server: RotaServer, statement: str) -> list[Any]:
    path: Path = server.data_dir / "rota.sqlite3"
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()
