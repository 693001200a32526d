"""The command line of the benchmark of the API."""

import argparse
import asyncio
import json
import shlex
from dataclasses import asdict
from pathlib import Path

from bench import environment
from bench.api import live, pages, report, submits
from bench.api.figures import DATABASES, MEASURES, Found, Sizes
from bench.api.server import served
from bench.servers import Servers, running_servers

PAGE = environment.ROOT / "docs" / "benchmarks-api.md"
RAW = environment.HOME / "last-api.json"
QUICK = Sizes(subscribers=60, stalled=6, changes=100, seconds=6, rows=20_000, asks=5, submits=60)


def main(arguments: list[str]) -> int:
    """Runs what the arguments ask for; 0 where all of it was measured."""
    wanted = _parser().parse_args(arguments)
    sizes = (
        QUICK
        if wanted.quick
        else Sizes(wanted.subscribers, wanted.stalled, wanted.changes, wanted.seconds, wanted.rows, kinds=wanted.kinds)
    )
    command = shlex.join(["just", "bench-api", *arguments])
    with running_servers() as servers:
        found = asyncio.run(_measured(servers, sizes, wanted.on, wanted.only))
    RAW.parent.mkdir(parents=True, exist_ok=True)
    RAW.write_text(json.dumps([asdict(one) for one in found], indent=1))
    print(report.tables(found, sizes, command))
    page = str("" if wanted.quick else PAGE) if wanted.write is None else wanted.write
    if page:
        report.write(found, sizes, command, Path(page))
        print(f"Written to {page}.")
    return 0


async def _measured(servers: Servers, sizes: Sizes, databases: list[str], measures: list[str]) -> list[Found]:
    found = []
    for name in databases:
        async with servers.emptied() as env, served(servers, env, name) as api:
            one = Found(name)
            if "submit" in measures:
                print(f"{name}: submits", flush=True)
                one.submits = await submits.measure(api, sizes)
            if "live" in measures:
                print(f"{name}: live updates", flush=True)
                one.live = await live.measure(api, sizes)
            if "pages" in measures:
                print(f"{name}: pages of {sizes.rows:,} rows", flush=True)
                one.pages = await pages.measure(api, sizes)
            found.append(one)
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="just bench-api",
        description="Rota's API under load: live updates, pages of a large table, submits over HTTP.",
    )
    usual = Sizes()
    parser.add_argument("--on", type=_some(DATABASES), default=list(DATABASES), metavar="NAMES", help="sqlite,postgres")
    parser.add_argument(
        "--only", type=_some(MEASURES), default=list(MEASURES), metavar="NAMES", help="live,pages,submit"
    )
    for name, words in (
        ("subscribers", "who watch at once"),
        ("stalled", "of them who take nothing"),
        ("kinds", "of subscriptions among theirs"),
        ("changes", "committed a second"),
        ("seconds", "of changes"),
        ("rows", "in the table of tasks"),
    ):
        most = getattr(usual, name)
        parser.add_argument(f"--{name}", type=int, default=most, help=f"{words}; {most:,} unless set")
    parser.add_argument("--quick", action="store_true", help="little of all, which shows only that it works")
    parser.add_argument(
        "--write", metavar="PAGE", help='the page for the tables, "" for none; docs/benchmarks-api.md unless quick'
    )
    return parser


def _some(known: tuple[str, ...]) -> object:
    def some(text: str) -> list[str]:
        if unknown := sorted(set(text.split(",")) - set(known)):
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; there are {', '.join(known)}")
        return text.split(",")

    return some
