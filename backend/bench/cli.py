"""The command line of the benchmark."""

import argparse
import asyncio

from bench import environment
from bench.contenders import CONTENDERS
from bench.measure import Sizes
from bench.run import run
from bench.servers import running_servers

QUICK = Sizes(tasks=200, single=20, parallel=200, probes=10)


def main(arguments: list[str]) -> int:
    """Runs what the arguments ask for; 0 where every contender that took part was measured."""
    wanted = _parser().parse_args(arguments)
    if wanted.do == "lock":
        environment.lock()
        return 0
    if wanted.do == "setup":
        problems = environment.set_up()
        print("\n".join(problems) or f"The peers are in {environment.HOME}.")
        return 1 if problems else 0
    contenders = [one for one in CONTENDERS if not wanted.only or one.name in wanted.only]
    sizes = QUICK if wanted.quick else Sizes(tasks=wanted.tasks, waiting=wanted.waiting)
    with running_servers() as servers:
        results = asyncio.run(run(contenders, servers, sizes, wanted.rounds, lambda line: print(line, flush=True)))
    return 1 if results.problems else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Rota beside its peers, on the same work.")
    parser.add_argument("do", nargs="?", default="run", choices=("run", "setup", "lock"))
    parser.add_argument(
        "--only",
        type=lambda text: text.split(","),
        help="these contenders: " + ", ".join(one.name for one in CONTENDERS),
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tasks", type=int, default=10_000, help="tasks of a drain")
    parser.add_argument("--waiting", type=int, default=0, help="measure again with so many waiting")
    parser.add_argument("--quick", action="store_true", help="a short look that proves only that all runs")
    return parser
