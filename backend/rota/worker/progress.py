"""The way of progress and of lines to the journal, batched."""

import asyncio
from typing import TYPE_CHECKING, Any

from rota.broker.client import REDIS_GONE
from rota.broker.scripts import Broker
from rota.logs import get_logger

if TYPE_CHECKING:
    from rota.worker.attempt import Attempt

log = get_logger(__name__)

EVERY_S = 0.2
MOST_BYTES = 512 * 1024  # of lines in one script, about

Entries = dict[str, list[list[Any]]]


class ProgressBoard:
    """Keeps the latest word of each attempt and the lines that it said, and sends them together, at most each 200 ms."""

    def __init__(self, broker: Broker, worker: str, loop: asyncio.AbstractEventLoop) -> None:
        self._broker = broker
        self._worker = worker
        self._loop = loop
        self._latest: dict[tuple[str, str, int], tuple[str, int, float | None, str | None]] = {}
        self._speakers: dict[Attempt, None] = {}  # those of whose lines some wait
        self._is_due = False
        self._sending: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    def put(self, attempt: "Attempt", share: float | None, message: str | None) -> None:
        """Notes it; called in the loop."""
        key = (attempt.queue, attempt.id, attempt.number)
        _, _, share_was, message_was = self._latest.get(key, ("", 0, None, None))
        self._latest[key] = (
            attempt.queue,
            attempt.lease,
            share if share is not None else share_was,
            message if message is not None else message_was,
        )
        self._send_soon()

    def hear(self, attempt: "Attempt") -> None:
        """Notes that lines of an attempt wait; called in the loop."""
        self._speakers[attempt] = None
        self._send_soon()

    async def flush(self) -> None:
        """Sends what is noted. A word of progress that is lost is not told again, the next comes soon; lines are kept."""
        try:
            await self.send()
        except REDIS_GONE as error:
            log.debug("progress was not told", error=str(error))

    async def send(self) -> None:
        """Sends what is noted. Raises what redis-py raises."""
        async with self._turn:
            latest, self._latest = self._latest, {}
            words: Entries = {}
            for (queue, task_id, number), (_, lease, share, message) in latest.items():
                words.setdefault(queue, []).append([task_id, number, str(lease), share, message])
            # Who says more and more is not waited for: what was only counted ends it, too.
            while await self._send_part(words):
                words = {}

    async def _send_part(self, words: Entries) -> bool:
        """One script a queue; True where lines went, of which more may wait."""
        books: dict[str, list[tuple[Attempt, int]]] = {}
        lines: Entries = {}
        size = 0
        for attempt in tuple(self._speakers):
            taken = attempt.book.take() if attempt.book is not None else None
            if taken is None:
                del self._speakers[attempt]
                continue
            first, said, left_out = taken
            entry = [attempt.id, attempt.number, str(attempt.lease), first, list(map(list, said)), left_out]
            lines.setdefault(attempt.queue, []).append(entry)
            books.setdefault(attempt.queue, []).append((attempt, left_out))
            size += sum(len(one.message) for one in said)
            if size > MOST_BYTES:
                break
        for queue in words | lines:
            await self._broker.progress(queue, self._worker, words.get(queue, ()), lines.get(queue, ()))
            for attempt, left_out in books.get(queue, ()):
                assert attempt.book is not None
                attempt.book.told(left_out)
        return any(said for entries in lines.values() for _, _, _, _, said, _ in entries)

    def _send_soon(self) -> None:
        if not self._is_due:
            self._is_due = True
            self._loop.call_later(EVERY_S, self._start)

    def _start(self) -> None:
        self._is_due = False
        self._sending = self._loop.create_task(self._flush_again())

    async def _flush_again(self) -> None:
        await self.flush()
        if self._speakers:
            self._send_soon()
