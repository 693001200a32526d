"""One snapshot for all who watch it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Generic, TypeVar

from rota.logs import get_logger

log = get_logger(__name__)

T = TypeVar("T")


class Ticker(Generic[T]):
    """Makes a snapshot once a second while anybody watches: the same object for all."""

    def __init__(self, make: Callable[[], Awaitable[T]], every_s: float = 1.0) -> None:
        self._make = make
        self._every_s = every_s
        self._watching = 0
        self._wanted = asyncio.Event()
        self._next: asyncio.Future[T] | None = None

    async def run(self) -> None:
        """Ticks until it is cancelled; a snapshot that cannot be made is left out."""
        while True:
            await self._wanted.wait()
            try:
                made = await self._make()
            except Exception:
                log.exception("no snapshot of the metrics")
            else:
                self._hand_out(made)
            await asyncio.sleep(self._every_s)

    async def ticks(self) -> AsyncIterator[T]:
        """The next snapshots; who is slow gets the latest, never a backlog."""
        with self._watch():
            while True:
                if self._next is None:
                    self._next = asyncio.get_running_loop().create_future()
                yield await asyncio.shield(self._next)

    @contextlib.contextmanager
    def _watch(self) -> Iterator[None]:
        self._watching += 1
        self._wanted.set()
        try:
            yield
        finally:
            self._watching -= 1
            if not self._watching:
                self._wanted.clear()

    def _hand_out(self, made: T) -> None:
        waiting, self._next = self._next, None
        if waiting is not None:
            waiting.set_result(made)
