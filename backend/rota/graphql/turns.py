"""Turns of making what subscribers are told: few at once, so that who is told first need not wait until it is made for all."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

AT_ONCE = 4  # more would be quicker only where they wait for the database
PATIENCE_S = 1.0  # who waited so long goes on: something holds up those whose turn it is


class Turns:
    """First come, first served. What is told next is gathered until all who came before had their turn."""

    def __init__(self, at_once: int = AT_ONCE, patience_s: float = PATIENCE_S) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._patience_s = patience_s
        self.waiting = 0

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One of them; past its time without one."""
        has_one = await self._waited()
        try:
            yield
        finally:
            if has_one:
                # Not at once: what was made is handed out before the next is made.
                asyncio.get_running_loop().call_soon(self._free.release)

    async def caught_up(self) -> None:
        """Returns when all who wait now had their turn, or after a while."""
        async with self.turn():
            pass

    async def _waited(self) -> bool:
        if not self._free.locked():
            return await self._free.acquire()
        self.waiting += 1
        try:
            async with asyncio.timeout(self._patience_s):
                return await self._free.acquire()
        except TimeoutError:
            return False
        finally:
            self.waiting -= 1
