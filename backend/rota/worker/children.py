"""Processes of their own for CPU-bound functions: kept warm, one task at a time, killed to stop it.

Parent and child speak lines of JSON over pipes; nothing is pickled.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from rota import jsontext
from rota.domain.events import ErrorBody
from rota.domain.states import AttemptOutcome
from rota.tether import tethered
from rota.worker.endings import MAX_RESULT_BYTES, Ending, Failed

# A line holds a result or an error, both bounded, and JSON may write six bytes for one.
LINE_BYTES = 6 * MAX_RESULT_BYTES + 1024 * 1024
IDLE_KEPT = os.cpu_count() or 1

# What comes before the answer: `{"progress": [share, message]}`, `{"log": [level, message]}`, `{"left_out": count}`.
OnTold = Callable[[dict[str, Any]], None]


class Children:
    """The processes of one worker. Those that idle are used again, so that a task does not pay for a start."""

    def __init__(self) -> None:
        self._idle: list[asyncio.subprocess.Process] = []
        self._all: set[asyncio.subprocess.Process] = set()

    @property
    def pids(self) -> list[int]:
        """Process ids of all that run now."""
        return [process.pid for process in self._all if process.returncode is None]

    async def run(self, order: dict[str, Any], on_told: OnTold) -> str:
        """Runs a function of a module there; its result as JSON text. Cancelled, the process is killed.

        `order` is `{origin, name, args, id, number}`. Raises Failed, also when the process dies.
        """
        process = await self._take()
        try:
            answer = await self._ask(process, order, on_told)
        except BaseException:
            await self._kill(process)
            raise
        if answer is None:
            raise Failed(_death(await self._buried(process)))
        await self._keep(process)
        if "result" in answer:
            text: str = answer["result"]
            return text
        raise Failed(_ending(answer["failed"]))

    async def close(self) -> None:
        """Ends all of them."""
        await asyncio.gather(*(self._kill(process) for process in list(self._all)))

    async def _take(self) -> asyncio.subprocess.Process:
        while self._idle:
            process = self._idle.pop()
            if process.returncode is None:
                return process
            self._all.discard(process)
        process = await asyncio.create_subprocess_exec(
            *tethered([sys.executable, "-m", "rota.worker.child"]),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LINE_BYTES,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            # A Ctrl-C in the terminal is the worker's to hear; it drains.
            start_new_session=True,
        )
        self._all.add(process)
        return process

    async def _ask(
        self, process: asyncio.subprocess.Process, order: dict[str, Any], on_told: OnTold
    ) -> dict[str, Any] | None:
        """Its answer, or None where it has died."""
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(ConnectionError):  # it has died: the end of its output tells
            process.stdin.write(jsontext.dumpb(order) + b"\n")
            await process.stdin.drain()
        while line := await process.stdout.readline():
            answer: dict[str, Any] = jsontext.loads(line)
            if "result" in answer or "failed" in answer:
                return answer
            on_told(answer)
        return None

    async def _keep(self, process: asyncio.subprocess.Process) -> None:
        if len(self._idle) < IDLE_KEPT:
            self._idle.append(process)
        else:
            await self._kill(process)

    async def _kill(self, process: asyncio.subprocess.Process) -> None:
        with contextlib.suppress(ProcessLookupError):
            # The whole group: what the function started goes with it.
            os.killpg(process.pid, signal.SIGKILL)
        await self._buried(process)

    async def _buried(self, process: asyncio.subprocess.Process) -> int:
        # Shielded: a second cancellation must not leave a zombie.
        status = await asyncio.shield(process.wait())
        self._all.discard(process)
        with contextlib.suppress(ValueError):
            self._idle.remove(process)
        return status


def _death(status: int) -> Ending:
    if status < 0:
        with contextlib.suppress(ValueError):
            how = f"was killed by {signal.Signals(-status).name}"
            return _died(how, status)
    return _died(f"ended with status {status}", status)


def _died(how: str, status: int) -> Ending:
    message = f"Its process {how} before the function returned."
    return Ending(AttemptOutcome.FAILED, error=ErrorBody(type="ProcessDied", message=message), exit=status)


def _ending(failed: dict[str, Any]) -> Ending:
    return Ending(
        AttemptOutcome.FAILED, error=failed["error"], is_fatal=failed["is_fatal"], defer_ms=failed["defer_ms"]
    )
