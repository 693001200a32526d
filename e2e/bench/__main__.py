"""`python -m e2e.bench`: starts a Rota and a browser, measures, and writes the table into docs/benchmarks-page.md."""

import argparse
import asyncio
import os
import sys
import tempfile
from functools import partial
from pathlib import Path

from playwright.async_api import Browser, StorageState, async_playwright

from e2e.bench.interactive import first_page
from e2e.bench.load import under_load
from e2e.bench.report import Figures, size_of_first_page, write
from e2e.bench.watched import Launch
from e2e.support.accounts import LOGIN
from e2e.support.tasks import submit, wait_until_known
from tests.support.whole import ADMIN, PASSWORD, RotaServer


def main() -> None:
    """Reads the options; fails where a promise is not kept."""
    parser = argparse.ArgumentParser(prog="just bench-page", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="how often each first page is opened")
    parser.add_argument("--throttle", type=float, default=4, help="how much slower the processor is made for that")
    parser.add_argument("--seconds", type=float, default=300, help="how long the changes go on; 0: not at all")
    parser.add_argument("--rate", type=float, default=500, help="changes a second")
    parser.add_argument("--cuts", type=int, default=20, help="how often all connections are cut at the end of it")
    parser.add_argument("--out", default="", help="the document that the table is written into; none where it is empty")
    options = parser.parse_args()
    figures = asyncio.run(_measure(options))
    print("\n" + figures.table())
    if options.out:
        write(Path(options.out), figures)
    broken = figures.broken()
    for words in broken:
        print(f"not reached: {words}", file=sys.stderr)
    sys.exit(1 if broken else 0)


async def _measure(options: argparse.Namespace) -> Figures:
    with tempfile.TemporaryDirectory(prefix="rota-bench-page-") as folder:
        server = RotaServer(Path(folder), "--no-samples", "--workers", "1", "--slots", "20", ROTA_LEASE_MS="15000")
        await asyncio.to_thread(server.start)
        try:
            await asyncio.to_thread(wait_until_known, server, "multiply")
            for number in range(20):
                await asyncio.to_thread(submit, server, "multiply", f"Task {number}", args={"a": 6, "b": number})
            async with async_playwright() as playwright:
                launch = partial(
                    playwright.chromium.launch,
                    executable_path=os.environ["ROTA_TEST_BROWSER"],
                    args=["--no-sandbox"],
                )
                return await _in(launch, server, options)
        finally:
            await asyncio.to_thread(server.stop)


async def _in(launch: Launch, server: RotaServer, options: argparse.Namespace) -> Figures:
    browser = await launch()
    state = await _session(browser, server)
    shared = {"throttle": options.throttle, "rounds": options.rounds}
    pages = [
        await first_page(browser, server.url, "/", ".count-number", state, **shared),
        await first_page(browser, server.url, "/signin", "form button", None, **shared),
    ]
    version = browser.version
    await browser.close()
    load = None
    if options.seconds > 0:
        sizes = {"seconds": options.seconds, "rate": options.rate, "cuts": options.cuts}
        load = await under_load(launch, server, state, **sizes)
    return Figures(version, options.throttle, size_of_first_page(), pages, options.rate, load)


async def _session(browser: Browser, server: RotaServer) -> StorageState:
    context = await browser.new_context(base_url=server.url)
    body = {"query": LOGIN, "variables": {"input": {"username": ADMIN, "password": PASSWORD}}}
    answer = await context.request.post("/graphql", data=body)
    assert (await answer.json())["data"]["login"]["errors"] == []
    state = await context.storage_state()
    await context.close()
    return state


if __name__ == "__main__":
    main()
