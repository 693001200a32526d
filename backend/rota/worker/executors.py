"""Where functions run: in the loop, in a thread, or in a process of their own."""

import asyncio
import contextvars
import functools
import inspect
import queue
import threading
from collections.abc import Callable
from typing import Any

from rota.worker.attempt import Attempt
from rota.worker.catalogue import Entry
from rota.worker.children import Children, OnTold
from rota.worker.endings import result_text

Work = tuple[asyncio.Future[Any], asyncio.AbstractEventLoop, Callable[[], Any]]


class Executors:
    """Runs attempts, each where its function is to run."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.children = Children()
        self._threads = Threads()
        self._loop = loop

    async def run(self, attempt: Attempt, on_told: OnTold) -> str:
        """The function's result as JSON text; raises what the function raises."""
        entry = attempt.entry
        assert entry is not None
        if entry.executor == "async":
            return result_text(await _call(entry, attempt))
        if entry.executor == "thread":
            attempt.work_left = self._threads.submit(self._loop, functools.partial(_call, entry, attempt))
            # Shielded: a thread cannot be stopped, it keeps the slot until it returns.
            result = await asyncio.shield(attempt.work_left)
            # A plain `def` around an `async def`, a decorator's say, returns what is to be awaited.
            return result_text(await result if inspect.isawaitable(result) else result)
        order = {"origin": entry.origin, "name": entry.name, "args": attempt.args}
        return await self.children.run({**order, "id": attempt.id, "number": attempt.number}, on_told)

    async def close(self) -> None:
        """Ends the processes, and the threads that idle."""
        await self.children.close()
        self._threads.close()


class Threads:
    """Threads that are made when none is idle. They are daemons: one that hangs does not keep the process alive."""

    def __init__(self) -> None:
        self._work: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._idle = 0
        self._count = 0
        self._lock = threading.Lock()

    def submit(self, loop: asyncio.AbstractEventLoop, call: Callable[[], Any]) -> asyncio.Future[Any]:
        """Starts the call at once; the future has its result. Called in the loop."""
        future: asyncio.Future[Any] = loop.create_future()
        context = contextvars.copy_context()
        with self._lock:
            needs_thread = self._idle == 0
            if needs_thread:
                self._count += 1
            else:
                self._idle -= 1
        self._work.put((future, loop, lambda: context.run(call)))
        if needs_thread:
            threading.Thread(target=self._serve, name=f"rota-function-{self._count}", daemon=True).start()
        return future

    def close(self) -> None:
        """Lets idle threads end."""
        for _ in range(self._count):
            self._work.put(None)

    def _serve(self) -> None:
        while (work := self._work.get()) is not None:
            future, loop, call = work
            try:
                result, error = call(), None
            except BaseException as raised:  # noqa: BLE001  (the edge of an attempt; the loop judges it)
                result, error = None, raised
            del work, call
            with self._lock:
                self._idle += 1
            try:
                loop.call_soon_threadsafe(_resolve, future, result, error)
            except RuntimeError:  # the loop has ended: nobody waits
                return
            del result, error, future


def _resolve(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if future.cancelled():
        return
    if error is None:
        future.set_result(result)
    elif isinstance(error, StopIteration):
        # A future cannot carry it.
        future.set_exception(RuntimeError("the function raised StopIteration"))
    else:
        future.set_exception(error)


def _call(entry: Entry, attempt: Attempt) -> Any:
    if entry.signature.takes_ctx:
        return entry.call(attempt.ctx, *attempt.positional, **attempt.named)
    return entry.call(*attempt.positional, **attempt.named)
