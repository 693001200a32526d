"""What a submit needs to know of functions and queues, kept in memory for a moment."""

import asyncio

from rota.clock import Clock
from rota.domain.errors import UnknownFunction, UnknownQueue
from rota.domain.hints import there_are, there_is_no
from rota.store import functions, queues
from rota.store.database import Database
from rota.store.models import Function, Queue

FRESH_MS = 2_000


class Catalogue:
    """Functions and queues as they were at most two seconds ago; what is not found is looked up again at once."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._read_at = 0
        self._begun = 0  # reads, so far
        self._reading = asyncio.Lock()
        self._functions: dict[str, Function] = {}
        self._queues: dict[str, Queue] = {}

    async def function(self, name: str) -> Function:
        """A function by its name. Raises UnknownFunction."""
        await self._keep_fresh(is_known=name in self._functions)
        try:
            return self._functions[name]
        except KeyError:
            raise UnknownFunction(self._unknown(name), ("function",)) from None

    async def queue(self, name: str) -> Queue:
        """A queue by its name. Raises UnknownQueue."""
        await self._keep_fresh(is_known=name in self._queues)
        try:
            return self._queues[name]
        except KeyError:
            raise UnknownQueue(there_is_no("queue", name, self._queues), ("queue",)) from None

    def forget(self) -> None:
        """Makes the next question look again."""
        self._read_at = 0

    async def _keep_fresh(self, *, is_known: bool) -> None:
        now = self._clock.now_ms()
        if is_known and 0 <= now - self._read_at < FRESH_MS:
            return
        asked = self._begun
        async with self._reading:
            # One read answers all who asked before it began: hundreds of submits wait here at once.
            if self._begun == asked:
                await self._read(now)

    async def _read(self, now: int) -> None:
        self._begun += 1
        async with self._database.read() as db:
            self._functions = {function.name: function for function in await functions.all_functions(db)}
            self._queues = {queue.name: queue for queue in await queues.all_queues(db)}
        self._read_at = now

    def _unknown(self, name: str) -> str:
        if not self._functions:
            return f"No worker has offered a function {name!r} yet, nor any other; is a worker running?"
        return f"No worker has offered a function {name!r}; {there_are(name, self._functions)}"
