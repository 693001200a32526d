"""The command line of the benchmark of the API."""

import argparse
import asyncio
import json
import shlex
from dataclasses import asdict
from pathlib import Path

from bench import environment
from bench.api import live, pages, report, submits, tables
from bench.api.figures import DATABASES, MEASURES, Found, Sizes, found_of
from bench.api.server import served
from bench.servers import Servers, running_servers

PAGE = environment.ROOT / "docs" / "benchmarks-api.md"
RAW = environment.HOME / "last-api.json"
QUICK = Sizes(subscribers=60, stalled=6, changes=100, seconds=6, rows=60_000, asks=5, submits=60)


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
        found = [Found(name) for name in wanted.on]
        if wanted.add and RAW.exists():
            kept = {one["database"]: found_of(one) for one in json.loads(RAW.read_text())}
            found = [kept.get(name) or Found(name) for name in DATABASES if name in kept or name in wanted.on]
        for one in found:
            if one.database in wanted.on:
                _measure(servers, sizes, wanted.only, wanted.lists, one)
    RAW.parent.mkdir(parents=True, exist_ok=True)
    RAW.write_text(json.dumps([asdict(one) for one in found], indent=1))
    print(report.tables(found, sizes, command))
    page = str("" if wanted.quick else PAGE) if wanted.write is None else wanted.write
    if page:
        report.write(found, sizes, command, Path(page))
        print(f"Written to {page}.")
    return 0


def _measure(servers: Servers, sizes: Sizes, measures: list[str], word: str, found: Found) -> None:
    if {"submit", "live"} & set(measures):
        asyncio.run(_measure_changes(servers, sizes, measures, found))
    for kind in tables.KINDS:
        if kind in measures:
            # A database of its own: what is kept has no place among what is emptied, and its server is started outside a loop.
            with tables.kept(servers, found.database, kind, sizes.rows) as table:
                asyncio.run(_measure_table(servers, sizes, kind, word, table, found))


async def _measure_changes(servers: Servers, sizes: Sizes, measures: list[str], found: Found) -> None:
    async with servers.emptied() as env, served(servers, env, found.database) as api:
        if "submit" in measures:
            print(f"{found.database}: submits", flush=True)
            found.submits = await submits.measure(api, sizes)
        if "live" in measures:
            print(f"{found.database}: live updates", flush=True)
            found.live = await live.measure(api, sizes)


async def _measure_table(
    servers: Servers, sizes: Sizes, kind: str, word: str, table: tables.Table, found: Found
) -> None:
    print(f"{found.database}: {kind}, {sizes.rows:,} rows", flush=True)
    async with served(servers, table.env, found.database, table.database_pid) as api:
        setattr(found, kind, await pages.measure(api, sizes, kind, word))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="just bench-api",
        description="Rota's API under load: live updates, pages of a large table, submits over HTTP.",
    )
    usual = Sizes()
    parser.add_argument("--on", type=_some(DATABASES), default=list(DATABASES), metavar="NAMES", help="sqlite,postgres")
    parser.add_argument(
        "--only", type=_some(MEASURES), default=list(MEASURES), metavar="NAMES", help=",".join(MEASURES)
    )
    parser.add_argument(
        "--lists", default="", metavar="WORD", help="of pages and waiting only those lists with this in their names"
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
    parser.add_argument("--add", action="store_true", help="keep of the last run what this one does not measure")
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
