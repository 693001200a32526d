"""The command line of the benchmark."""

import argparse
import asyncio
import json
import shlex
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench import environment, report
from bench.contenders import CONTENDERS, Contender, FailedError
from bench.measure import Sizes
from bench.profile import profile
from bench.run import Results, run
from bench.servers import running_servers

QUICK = Sizes(tasks=200, single=20, parallel=200, probes=10)
PAGE = environment.ROOT / "docs" / "benchmarks.md"
RAW = environment.HOME / "last.json"


def main(arguments: list[str]) -> int:
    """Runs what the arguments ask for; 0 where every contender that takes part was measured."""
    wanted = _parser().parse_args(arguments)
    if wanted.do == "lock":
        environment.lock()
        return 0
    if wanted.do == "setup":
        problems = environment.set_up()
        _say("\n".join(problems) or f"The peers are in {environment.HOME}.")
        return 1 if problems else 0
    if wanted.do == "profile":
        return _profile(wanted.only, wanted.tasks)
    command = shlex.join(["just", "bench", *arguments])
    if wanted.quick:
        return _run(wanted.only, QUICK, 1, command, wanted.write)
    sizes = Sizes(tasks=wanted.tasks, waiting=wanted.waiting)
    return _run(wanted.only, sizes, wanted.rounds, command, wanted.write or PAGE)


def _run(contenders: Sequence[Contender], sizes: Sizes, rounds: int, command: str, page: Path | None) -> int:
    with running_servers() as servers:
        results = asyncio.run(run(contenders, servers, sizes, rounds, _say))
    _keep(results)
    _say(report.tables(results, command))
    if page is not None and results.figures:
        report.write(results, command, page)
        _say(f"Written to {page}.")
    return 1 if results.problems else 0


def _keep(results: Results) -> None:
    """All figures of all rounds, for who wants to look closer."""
    RAW.parent.mkdir(parents=True, exist_ok=True)
    RAW.write_text(json.dumps(asdict(results), indent=1))


def _profile(contenders: Sequence[Contender], tasks: int) -> int:
    status = 0
    with running_servers() as servers:
        for contender in contenders:
            if contender.is_ours:
                try:
                    for found in asyncio.run(profile(contender, servers, tasks)):
                        _say("\n".join([*found.lines(), ""]))
                except (FailedError, OSError) as error:
                    _say(f"{contender.label}: {error}")
                    status = 1
    return status


def _say(text: str) -> None:
    print(text, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="just bench",
        description="Rota beside its peers, on the same work, in one run.",
        epilog="setup: makes the peers' environment under .data/bench; profile: shows where Rota's time goes; lock: pins "
        "the peers anew. Without any of them all that is installed is measured.",
    )
    names = ", ".join(one.name for one in CONTENDERS)
    parser.add_argument("do", nargs="?", default="run", choices=("run", "profile", "setup", "lock"))
    parser.add_argument("--only", type=_named, default=CONTENDERS, metavar="NAMES", help=f"some of: {names}")
    parser.add_argument("--rounds", type=_positive, default=3, help="rounds; 3 unless set")
    parser.add_argument("--tasks", type=_positive, default=10_000, help="tasks of a drain; 10,000 unless set")
    parser.add_argument("--waiting", type=int, default=0, help="measure submits and a drain again with so many waiting")
    parser.add_argument("--quick", action="store_true", help="one short round, which shows only that all of it works")
    parser.add_argument(
        "--write", type=Path, metavar="PAGE", help="the page for the tables; docs/benchmarks.md unless quick"
    )
    return parser


def _named(text: str) -> tuple[Contender, ...]:
    by_name = {one.name: one for one in CONTENDERS}
    if unknown := sorted(set(text.split(",")) - by_name.keys()):
        raise argparse.ArgumentTypeError(f"no such contender: {', '.join(unknown)}; there are {', '.join(by_name)}")
    return tuple(by_name[name] for name in text.split(","))


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number
