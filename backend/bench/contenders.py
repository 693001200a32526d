"""Who takes part, where its driver is, and what it needs; and one running driver or worker of it."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import environment
from rota.tether import tethered

ANSWER_S = 600.0
READY_S = 60.0


@dataclass(frozen=True, slots=True)
class Contender:
    """One system at its best settings. `share` is the part of the tasks that a slow one gets, so that a run ends."""

    name: str
    label: str
    runtime: str  # own (the environment of Rota), python or node
    store: str  # what holds the tasks
    keeps_results: bool = True
    share: float = 1.0
    has_gate: bool = True
    # Its driver does or starts a part of the work of the drain (recording), so what it uses counts.
    driver_works: bool = False
    is_ours: bool = False

    def command(self, part: str) -> list[str]:
        """The command line of its driver or of one of its worker processes."""
        drivers = environment.HERE / "drivers"
        if self.runtime == "node":
            # Beside node_modules, where its imports are looked for.
            return ["node", str(environment.NODE / "drivers" / f"{self.name}.mjs"), part]
        module = self.name.replace("-", "_")
        assert (drivers / f"{module}.py").is_file(), module
        python = sys.executable if self.runtime == "own" else str(environment.PYTHON)
        return [python, "-m", f"bench.drivers.{module}", part]


CONTENDERS = (
    Contender(
        "rota_sqlite", "Rota on SQLite", "own", "SQLite + Redis", has_gate=False, driver_works=True, is_ours=True
    ),
    Contender(
        "rota_postgres",
        "Rota on PostgreSQL",
        "own",
        "PostgreSQL + Redis",
        has_gate=False,
        driver_works=True,
        is_ours=True,
    ),
    Contender("arq", "arq", "own", "Redis"),
    Contender("saq", "saq", "python", "Redis"),
    Contender("taskiq", "taskiq", "python", "Redis"),
    Contender("dramatiq", "dramatiq", "python", "Redis"),
    Contender("huey", "huey", "python", "Redis"),
    Contender("celery", "Celery", "python", "Redis", share=0.25),
    Contender("rq", "rq", "python", "Redis", share=0.1),
    Contender("procrastinate", "procrastinate", "python", "PostgreSQL", keeps_results=False, share=0.25),
    Contender("bullmq", "BullMQ", "node", "Redis"),
    Contender("graphile_worker", "Graphile Worker", "node", "PostgreSQL", keeps_results=False),
)


def installed(contender: Contender) -> str:
    """Why it cannot take part, in a line; nothing where it can."""
    if contender.runtime == "python" and not environment.PYTHON.exists():
        return "its environment is not there: python -m bench setup"
    if contender.runtime == "node" and not (environment.NODE / "node_modules").is_dir():
        return "its packages are not there: python -m bench setup"
    return ""


class FailedError(Exception):
    """A contender did not do what was asked; the message is one line."""


class Part:
    """A driver or a worker process; its answers are lines of JSON, what else it says goes into a log."""

    def __init__(self, contender: Contender, part: str, env: dict[str, str], log: Path) -> None:
        self._contender = contender
        self._part = part
        self._env = env
        self._log = log

    async def start(self) -> None:
        """Starts the process."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *tethered(self._contender.command(self._part)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, "PYTHONPATH": str(environment.HERE.parent), "NODE_ENV": "production", **self._env},
                start_new_session=True,
                limit=1 << 24,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ask(self, do: str, within_s: float = ANSWER_S, **details: Any) -> Any:
        """Sends a request and gives its answer. Raises FailedError."""
        self._write(json.dumps({"do": do, **details}))
        return (await self._line(within_s))["answer"]

    async def ready(self) -> None:
        """Returns when a worker stands at its gate."""
        await self._line(READY_S)

    def go(self) -> None:
        """Opens a worker's gate."""
        self._write("go")

    async def stop(self) -> None:
        """Ends the process and all that it started."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), 2)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())

    async def _line(self, timeout_s: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(timeout_s):
                while line := await self._process.stdout.readline():
                    # Some print greetings there.
                    if line.startswith(b"{"):
                        answer: dict[str, Any] = json.loads(line)
                        if "error" in answer:
                            raise FailedError(answer["error"])
                        return answer
        except TimeoutError:
            raise FailedError(f"its {self._part} did not answer within {timeout_s:.0f} s") from None
        raise FailedError(f"its {self._part} ended: {self._last_words()}")

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return lines[-1][:200] if lines else "it said nothing"
