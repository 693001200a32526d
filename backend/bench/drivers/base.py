"""What every driver shares: `driver` answers the harness line by line in JSON, `worker` is one worker process.

Only the standard library: it runs in the peers' environment too. The addresses come in BENCH_REDIS (a unix socket's path),
BENCH_POSTGRES_HOST (a folder with one), BENCH_POSTGRES_DATABASE and BENCH_FOLDER (for files).
"""

import asyncio
import json
import os
import sys
import time
import traceback
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

REDIS_SOCKET = os.environ.get("BENCH_REDIS", "")
REDIS_URL = f"unix://{REDIS_SOCKET}"
POSTGRES_HOST = os.environ.get("BENCH_POSTGRES_HOST", "")
POSTGRES_DATABASE = os.environ.get("BENCH_POSTGRES_DATABASE", "")
FOLDER = os.environ.get("BENCH_FOLDER", "")

CLIENTS = 100  # how many submit at once in the mode "parallel"
# Asking how far the work is costs the server something: at most about a hundredth of the time goes into it.
SHORTEST_LOOK_S = 0.002
LOOK_SHARE = 0.01
PROBE_TIMEOUT_S = 20.0


class Driver:
    """The client's side of one contender. Every task is the same: it returns the instant (s) at which it began."""

    async def prepare(self) -> None:
        """Connects and makes what the contender needs; called once, on empty servers."""

    async def close(self) -> None:
        """Closes what `prepare` opened."""

    async def submit_one(self) -> None:
        """Submits one task; returns when the contender has accepted it."""
        raise NotImplementedError

    async def submit_single(self, count: int) -> None:
        """Submits one task after the other."""
        for _ in range(count):
            await self.submit_one()

    async def submit_bulk(self, count: int) -> None:
        """Submits many tasks in the quickest way that the contender's own interface has."""
        await self.submit_parallel(count)

    async def submit_parallel(self, count: int) -> None:
        """Submits from CLIENTS clients at once, each one task after the other."""
        left = iter(range(count))

        async def client() -> None:
            for _ in left:
                await self.submit_one()

        await asyncio.gather(*(client() for _ in range(CLIENTS)))

    async def remaining(self) -> int:
        """How many tasks have no visible result yet."""
        raise NotImplementedError

    async def probe(self) -> float:
        """Submits one task and waits, as a client would, for its result: the instant (s) at which it began."""
        raise NotImplementedError

    async def hold(self) -> None:
        """Keeps workers from taking tasks, where they do not wait at a gate of their own."""

    async def workers_ready(self, count: int) -> None:
        """Returns when so many workers are there, where they do not tell it at a gate of their own."""

    async def release(self) -> None:
        """The opposite of `hold`."""

    async def figures(self) -> dict[str, float]:
        """Further figures of the drain that just ended."""
        return {}


class SyncDriver(Driver):
    """A contender whose client blocks: many clients are threads."""

    def submit(self) -> None:
        """`submit_one`, blocking."""
        raise NotImplementedError

    async def submit_one(self) -> None:
        self.submit()

    async def submit_parallel(self, count: int) -> None:
        def client(share: int) -> None:
            for _ in range(share):
                self.submit()

        shares = [count // CLIENTS + (index < count % CLIENTS) for index in range(CLIENTS)]
        with ThreadPoolExecutor(CLIENTS) as threads:
            await asyncio.gather(
                *(asyncio.get_running_loop().run_in_executor(threads, client, share) for share in shares)
            )


async def _submit(driver: Driver, count: int, mode: str) -> dict[str, Any]:
    started = time.perf_counter()
    # A mode whose clients are processes of their own tells how long they took.
    seconds = await getattr(driver, f"submit_{mode}")(count)
    return {"seconds": seconds or time.perf_counter() - started}


async def _drained(driver: Driver, total: int, until: int, timeout_s: float) -> dict[str, Any]:
    """Watches until so many of all are done. The clock begins with the first look that finds one done."""
    begun = time.perf_counter()
    await driver.release()
    first: tuple[float, int] | None = None
    looks = 0
    while True:
        done = total - await driver.remaining()
        now = time.perf_counter()
        looks += 1
        if done > 0 and first is None:
            first = (now, done)
        if done >= until:
            break
        if now - begun > timeout_s:
            raise TimeoutError(f"{done:,} of {until:,} tasks were done after {timeout_s:.0f} s")
        # Dense until the first is seen, so that the beginning is sharp.
        await asyncio.sleep(SHORTEST_LOOK_S if first is None else max(SHORTEST_LOOK_S, LOOK_SHARE * (now - first[0])))
    assert first is not None
    figures = await driver.figures()
    return {
        "from_first_s": now - first[0],
        "first": first[1],
        "done": done,
        "all_s": now - begun,
        "looks": looks,
    } | figures


async def _latency(driver: Driver, count: int, pause_s: float) -> dict[str, Any]:
    """Single tasks with pauses, so that each meets an idle worker; ms from just before the submit."""
    starts, results = [], []
    for number in range(count + 5):
        await asyncio.sleep(pause_s * (0.5 + (number * 0.618) % 1))
        submitted = time.time()
        async with asyncio.timeout(PROBE_TIMEOUT_S):
            began = await driver.probe()
        # The first few find cold caches and connections that are not open.
        if number >= 5:
            starts.append((began - submitted) * 1000)
            results.append((time.time() - submitted) * 1000)
    return {"start_ms": starts, "result_ms": results}


async def _answer(driver: Driver, request: dict[str, Any]) -> Any:
    do = request.pop("do")
    if do == "submit":
        return await _submit(driver, **request)
    if do == "drained":
        return await _drained(driver, **request)
    if do == "latency":
        return await _latency(driver, **request)
    return await getattr(driver, do)(**request)


async def _serve(driver: Driver) -> None:
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        try:
            answer = {"answer": await _answer(driver, json.loads(line))}
        except Exception as error:  # noqa: BLE001  (the harness shows it beside the contender)
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"[:300]}
        _say(answer)


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def gate() -> None:
    """A worker's last step before it takes tasks: says that it is ready, and waits for the start."""
    _say({"ready": os.getpid()})
    sys.stdin.readline()


def main(driver: Callable[[], Driver], worker: Callable[[], Awaitable[None] | None], *, fast_loop: bool = True) -> None:
    """Runs the part that the command line names."""
    if fast_loop:
        import uvloop

        run: Callable[[Any], Any] = uvloop.run
    else:
        run = asyncio.run
    if sys.argv[1] == "driver":
        run(_serve(driver()))
        return
    work = worker()
    if work is not None:
        run(work)
