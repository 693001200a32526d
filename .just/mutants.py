"""Breaks one guard at a time in a copy of the tree, and expects a test that proves it to fail: `mutants.py [WORD...]`.

With words only those mutants whose names hold one of them. Ends with 1 where a mutant survives, does not fit the code any
more, or the tests fail without any mutant.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from mutations import MUTANTS, TESTS, Mutant
from mutations_api import API
from mutations_odd import ODD
from mutations_rebuilt import REBUILT
from mutations_workers import WORKERS

ROOT = Path(__file__).resolve().parents[1]
AT_ONCE = max(os.cpu_count() or 1, 2)
FAILED = 1  # pytest's status where a test failed, and not that it found none or could not begin


class Found(NamedTuple):
    """What became of a mutant, and why, in one line."""

    name: str
    is_noticed: bool
    why: str


def main(words: Sequence[str]) -> int:
    chosen = [
        mutant
        for mutant in (*MUTANTS, *API, *ODD, *REBUILT, *WORKERS)
        if not words or any(word in mutant.name for word in words)
    ]
    if not chosen:
        print("no mutant has such a name")
        return 1
    with tempfile.TemporaryDirectory(prefix="rota-mutants-") as folder:
        whole = _copy(Path(folder) / "whole")
        if not _is_sound(whole, chosen):
            return 1
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = list(
                pool.map(lambda numbered: _try(Path(folder) / str(numbered[0]), numbered[1]), enumerate(chosen))
            )
    survivors = [one.name for one in found if not one.is_noticed]
    print(f"\n{len(found) - len(survivors)} of {len(found)} mutants noticed", flush=True)
    for name in survivors:
        print(f"NOT NOTICED: {name}")
    return 1 if survivors else 0


def _is_sound(folder: Path, chosen: Sequence[Mutant]) -> bool:
    """Whether all their tests pass without any mutant: what fails anyway notices nothing."""
    tests = dict.fromkeys(test for mutant in chosen for test in mutant.tests)
    ran = _pytest(folder, *tests)
    print("\n".join(ran.stdout.splitlines()[-1:]), "without a mutant", flush=True)
    if ran.returncode != 0:
        print(ran.stdout[-4000:], ran.stderr[-1000:])
    return ran.returncode == 0


def _try(folder: Path, mutant: Mutant) -> Found:
    try:
        found = _tried(_copy(folder), mutant)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("noticed:" if found.is_noticed else "NOT NOTICED:", found.name, "--", found.why, flush=True)
    return found


def _tried(folder: Path, mutant: Mutant) -> Found:
    for change in mutant.changes:
        path = folder / "backend/rota" / change.file
        text = path.read_text()
        if text.count(change.was) != 1:
            return Found(mutant.name, is_noticed=False, why=f"{change.file} does not hold {change.was!r} once")
        path.write_text(text.replace(change.was, change.now))
    ran = _pytest(folder, "-x", *mutant.tests)
    reasons = [line for line in ran.stdout.splitlines() if line.startswith("E ")] or ran.stdout.splitlines()[-1:]
    return Found(mutant.name, is_noticed=ran.returncode == FAILED, why=" ".join(reasons[:1])[:200])


def _copy(folder: Path) -> Path:
    """What a test needs of the tree."""
    shutil.copytree(ROOT / "backend", folder / "backend", ignore=shutil.ignore_patterns("__pycache__", "bench"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def _pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    named = [
        f"{TESTS}/{argument}" if "::" in argument or argument.endswith(".py") else argument for argument in arguments
    ]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *named]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
