"""Breaks one guard at a time in a copy of the tree, and expects the story that proves it to fail."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]


class Mutant(NamedTuple):
    """What is broken, in which files (text and its replacement), and the story that must notice."""

    name: str
    changes: tuple[tuple[str, str, str], ...]
    story: str


MUTANTS = (
    Mutant(
        "no fencing: whoever settles a running task is believed",
        (
            ("broker/lua/settle.lua", "if run and string.sub(run, 1, #right) == right then", "if run then"),
            (
                "domain/record.py",
                "return self.status is TaskStatus.RUNNING and self.number == number and self.lease == lease",
                "return self.status is TaskStatus.RUNNING",
            ),
            (
                "worker/worker.py",
                "attempt.stop(AttemptOutcome.LOST, self)\n        self._desired",
                "pass\n        self._desired",
            ),
        ),
        "backend/tests/faults/test_workers.py::test_a_worker_that_sleeps_through_three_leases",
    ),
    Mutant(
        "no claim ids: who asks again is given something else",
        (
            (
                "broker/lua/claim.lua",
                "if last and string.sub(last, 1, #claim_id + 1)",
                "if false and string.sub(last, 1, #claim_id + 1)",
            ),
        ),
        "backend/tests/faults/test_redis.py::test_replies_are_lost_at_random",
    ),
)


def main() -> int:
    survivors = [mutant.name for mutant in MUTANTS if not is_noticed(mutant)]
    for name in survivors:
        print(f"NOT NOTICED: {name}")
    return 1 if survivors else 0


def is_noticed(mutant: Mutant) -> bool:
    """Whether the mutant's story fails; that it passes without the mutant is for `just faults` to say."""
    with tempfile.TemporaryDirectory(prefix="rota-mutant-") as folder:
        copy = Path(folder)
        shutil.copytree(ROOT / "backend", copy / "backend", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        for name, was, now in mutant.changes:
            path = copy / "backend/rota" / name
            text = path.read_text()
            if text.count(was) != 1:
                raise SystemExit(f"{name} does not hold {was!r} once: .just/mutants.py must follow the code")
            path.write_text(text.replace(was, now))
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", mutant.story],
            cwd=copy,
            capture_output=True,
            text=True,
            check=False,
        )
    failed = ran.returncode == 1 and " failed" in ran.stdout
    reasons = [line for line in ran.stdout.splitlines() if line.startswith("E ")] or ran.stdout.splitlines()[-1:]
    print("noticed:" if failed else "NOT noticed:", mutant.name, "--", " ".join(reasons[:1])[:300], flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
