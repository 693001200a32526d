"""One round of one contender: the figures of every measure, taken on empty servers."""

import asyncio
import contextlib
import statistics
from collections.abc import AsyncIterator
from dataclasses import dataclass

from bench.contenders import Contender, Part
from bench.servers import Servers
from bench.usage import memory_mb, usage

Figures = dict[str, float]

DRAIN_TIMEOUT_S = 300.0
FEW = 1_000  # tasks that wait where it is held against many


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much work a round is."""

    tasks: int = 10_000
    single: int = 500
    parallel: int = 5_000
    probes: int = 200
    pause_s: float = 0.03
    waiting: int = 0  # with so many waiting the submits and the drain are measured again; 0: not

    def of(self, contender: Contender) -> "Sizes":
        """The same, less for a slow one."""
        share = contender.share
        return Sizes(
            max(200, int(self.tasks * share)),
            max(50, int(self.single * share)),
            max(200, int(self.parallel * share)),
            self.probes,
            self.pause_s,
            self.waiting,
        )


async def measure(contender: Contender, servers: Servers, sizes: Sizes) -> Figures:
    """All figures of a round; rates are per second, latencies in ms. Raises FailedError."""
    own = sizes.of(contender)
    figures: Figures = {"tasks": own.tasks}
    figures |= await _submits(contender, servers, own)
    for processes in (1, 2):
        figures |= await _drain(contender, servers, own, processes)
    figures |= await _latency(contender, servers, own)
    if own.waiting:
        if contender.is_ours:
            figures |= await _with_few_waiting(contender, servers, own)
        figures |= await _with_many_waiting(contender, servers, own)
    return figures


async def _submits(contender: Contender, servers: Servers, sizes: Sizes) -> Figures:
    figures = {}
    modes = [("single", sizes.single), ("parallel", sizes.parallel), ("bulk", sizes.tasks)]
    if contender.is_ours:
        modes.append(("graphql", sizes.tasks))
    for mode, count in modes:
        async with driver_of(contender, servers) as (driver, _):
            await driver.ask("submit", count=min(20, count), mode="single")
            answer = await driver.ask("submit", count=count, mode=mode)
            figures[f"submit_{mode}"] = count / answer["seconds"]
    return figures


async def _drain(contender: Contender, servers: Servers, sizes: Sizes, processes: int) -> Figures:
    async with driver_of(contender, servers) as (driver, env):
        await driver.ask("hold")
        before = servers.client.info("memory")["used_memory"]
        await driver.ask("submit", count=sizes.tasks, mode="bulk")
        after = servers.client.info("memory")["used_memory"]
        async with workers_of(contender, servers, driver, env, processes) as workers:
            drained = await _watched(contender, servers, driver, workers, sizes.tasks, sizes.tasks)
    prefix = f"drain_{processes}"
    figures = {f"{prefix}_{name}" if name != "rate" else prefix: value for name, value in drained.items()}
    figures[f"{prefix}_redis_bytes_waiting"] = (after - before) / sizes.tasks
    return figures


async def _watched(
    contender: Contender, servers: Servers, driver: Part, workers: list[Part], total: int, until: int
) -> Figures:
    """Opens the gates and watches the drain; what it cost is per task."""
    works = [worker.pid for worker in workers] + ([driver.pid] if contender.driver_works else [])
    # The watching of a client is not the contender's cost, but a driver that records cannot be told apart from it.
    before = usage(servers.client, works, servers.pids)
    watching = asyncio.create_task(driver.ask("drained", total=total, until=until, timeout_s=DRAIN_TIMEOUT_S))
    await asyncio.sleep(0)
    for worker in workers:
        if contender.has_gate:
            worker.go()
    answer = await watching
    used = usage(servers.client, works, servers.pids) - before
    done = answer["done"]
    extra = {name: value for name, value in answer.items() if name.startswith("also_")}
    # A gate opens a worker that must still start its loops, which is not the drain's. Without one the tasks are let go at
    # a known instant, and results that are seen many at a time would hide what was done before the first of them. Where
    # all is done at the first look there is no time between; then all that passed is the best that is known.
    is_from_first = contender.has_gate and done > answer["first"]
    return {
        "rate": (done - answer["first"]) / answer["from_first_s"] if is_from_first else done / answer["all_s"],
        "cpu_us": used.worker_cpu_s / done * 1e6,
        "server_cpu_us": used.server_cpu_s / done * 1e6,
        "commands": max(0, used.commands - answer["looks"]) / done,
        "bytes": used.bytes / done,
        "memory_mb": memory_mb(worker.pid for worker in workers) / len(workers),
        **extra,
    }


async def _latency(contender: Contender, servers: Servers, sizes: Sizes) -> Figures:
    async with (
        driver_of(contender, servers) as (driver, env),
        workers_of(contender, servers, driver, env, 1) as workers,
    ):
        for worker in workers:
            if contender.has_gate:
                worker.go()
        await driver.ask("release")
        answer = await driver.ask("latency", count=sizes.probes, pause_s=sizes.pause_s)
    figures = {}
    for name in ("start", "result"):
        values = sorted(answer[f"{name}_ms"])
        figures[f"{name}_p50"] = statistics.median(values)
        figures[f"{name}_p99"] = values[min(len(values) - 1, int(len(values) * 0.99))]
    return figures


async def _with_many_waiting(contender: Contender, servers: Servers, sizes: Sizes) -> Figures:
    """Submits and a drain of as many as ever, with many more waiting behind them."""
    waiting = max(sizes.tasks, int(sizes.waiting * contender.share))
    async with driver_of(contender, servers) as (driver, env):
        await driver.ask("hold")
        before = servers.client.info("memory")["used_memory"]
        await driver.ask("submit", count=waiting, mode="bulk", within_s=3600)
        figures: Figures = {
            "many": waiting,
            "many_redis_bytes_waiting": (servers.client.info("memory")["used_memory"] - before) / waiting,
        }
        for mode, count in (("single", sizes.single), ("parallel", sizes.parallel)):
            answer = await driver.ask("submit", count=count, mode=mode)
            figures[f"many_submit_{mode}"] = count / answer["seconds"]
        total = waiting + sizes.single + sizes.parallel
        async with workers_of(contender, servers, driver, env, 1) as workers:
            drained = await _watched(contender, servers, driver, workers, total, sizes.tasks)
        figures["many_drain"] = drained["rate"]
        if contender.is_ours:
            # The worker went on until it was stopped: of few it may have left nothing.
            await driver.ask("submit", count=sizes.single, mode="bulk")
            figures |= await _claims(driver, "many", sizes)
            figures["many_rebuild_s"] = await driver.ask("rebuild", within_s=600)
    return figures


async def _with_few_waiting(contender: Contender, servers: Servers, sizes: Sizes) -> Figures:
    """What is held against `_with_many_waiting`."""
    async with driver_of(contender, servers) as (driver, _):
        await driver.ask("submit", count=FEW, mode="bulk")
        answer = await driver.ask("submit", count=sizes.single, mode="single")
        return {"few_submit_single": sizes.single / answer["seconds"]} | await _claims(driver, "few", sizes)


async def _claims(driver: Part, name: str, sizes: Sizes) -> Figures:
    answer = await driver.ask("claims", count=sizes.single)
    return {f"{name}_claim_{unit}": value for unit, value in answer.items()}


@contextlib.asynccontextmanager
async def driver_of(contender: Contender, servers: Servers) -> AsyncIterator[tuple[Part, dict[str, str]]]:
    """A driver on empty servers, prepared, and the environment that it and its workers have."""
    async with servers.emptied() as env:
        driver = Part(contender, "driver", env, servers.folder / f"{contender.name}.log")
        await driver.start()
        try:
            await driver.ask("prepare", within_s=180)
            yield driver, env
            await driver.ask("close", within_s=30)
        finally:
            await driver.stop()


@contextlib.asynccontextmanager
async def workers_of(
    contender: Contender, servers: Servers, driver: Part, env: dict[str, str], count: int
) -> AsyncIterator[list[Part]]:
    """So many worker processes that have all that they need but do not take tasks yet."""
    workers: list[Part] = []
    try:
        for number in range(count):
            worker = Part(contender, "worker", env, servers.folder / f"{contender.name}-{number}.log")
            await worker.start()
            workers.append(worker)
        for worker in workers:
            if contender.has_gate:
                await worker.ready()
        await driver.ask("workers_ready", count=count, within_s=60)
        yield workers
    finally:
        await asyncio.gather(*(worker.stop() for worker in workers))
