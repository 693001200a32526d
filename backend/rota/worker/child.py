"""The program of a process of its own: takes orders as lines of JSON, runs one function at a time, answers in lines.

Standard output belongs to the answers; what a function prints goes to standard error.
"""

import asyncio
import importlib
import inspect
import logging
import os
import sys
import threading
from collections.abc import Callable
from typing import Any, BinaryIO

from rota import jsontext
from rota.domain.lines import MOST_LINES
from rota.processes import name_process
from rota.worker.endings import failure, result_text
from rota.worker.handle import checked_progress
from rota.worker.lines import keep_records, said, speaking
from rota.worker.signature import Signature


class ChildHandle:
    """`ctx["task"]` in a process of its own."""

    def __init__(self, order: dict[str, Any], answer: Callable[[dict[str, Any]], None]) -> None:
        self.id: str = order["id"]
        self.number: int = order["number"]
        self.is_stopped = False  # to stop it, the process is killed
        self._answer = answer
        self._lock = threading.Lock()
        self._lines = 0

    def progress(self, share: float | None = None, message: str | None = None) -> None:
        """Tells how far it is: a share from 0 to 1, words, or both. Raises ValueError where the share is no number."""
        self._answer({"progress": checked_progress(share, message)})

    def log(self, message: str, level: str = "info") -> None:
        """Keeps a line with the task. Raises ValueError for a level other than debug, info, warning and error."""
        _, checked, text = said(0, message, level)  # the parent tells the time
        with self._lock:
            self._lines += 1
            if self._lines > MOST_LINES:
                return
        self._answer({"log": (checked, text)})

    def end(self) -> None:
        """Keeps silent from here on: what a thread of this task still says must not count as the next task's."""
        self._answer = _unheard

    @property
    def left_out(self) -> int:
        """How many lines were too many."""
        return max(self._lines - MOST_LINES, 0)


def _unheard(_: dict[str, Any]) -> None:
    return


def main() -> None:
    """Serves until the orders end."""
    # The functions get neither of the two pipes: a print would break a line, a read would take an order.
    orders, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    _serve(orders, answers)


def _serve(orders: BinaryIO, answers: BinaryIO) -> None:
    known: dict[str, tuple[Callable[..., Any], Signature]] = {}

    writing = threading.Lock()  # a function's threads may tell something at the same time

    def answer(value: dict[str, Any]) -> None:
        line = jsontext.dumpb(value) + b"\n"
        with writing:
            answers.write(line)
            answers.flush()

    keep_records()
    logging.getLogger().setLevel(logging.INFO)
    name_process("rota worker child")
    for line in orders:
        order = jsontext.loads(line)
        name_process(f"rota worker child {order['name']}")
        try:
            answer({"result": result_text(_run(order, known, answer))})
        except Exception as error:  # noqa: BLE001  (the edge of an attempt; SystemExit is the process' own end)
            ending = failure(error)
            answer({"failed": {"error": ending.error, "is_fatal": ending.is_fatal, "defer_ms": ending.defer_ms}})
        sys.stdout.flush()
        name_process("rota worker child")


def _run(
    order: dict[str, Any],
    known: dict[str, tuple[Callable[..., Any], Signature]],
    answer: Callable[[dict[str, Any]], None],
) -> Any:
    origin = order["origin"]
    if origin not in known:
        call = _find(origin)
        known[origin] = (call, Signature(call))
    call, signature = known[origin]
    positional, named = signature.bind(order["args"])
    handle = ChildHandle(order, answer)
    speaking.set(handle)
    ctx = {"task": handle, "job_id": order["id"], "job_try": order["number"]}
    try:
        result = call(ctx, *positional, **named) if signature.takes_ctx else call(*positional, **named)
        return asyncio.run(_awaited(result)) if inspect.isawaitable(result) else result
    finally:
        speaking.set(None)
        handle.end()
        if handle.left_out:
            answer({"left_out": handle.left_out})


async def _awaited(value: Any) -> Any:
    return await value


def _find(origin: str) -> Callable[..., Any]:
    module_name, _, qualified = origin.partition(":")
    found: Any = importlib.import_module(module_name)
    for part in qualified.split("."):
        found = getattr(found, part)
    call: Callable[..., Any] = found
    return call


if __name__ == "__main__":
    main()
