"""The way of progress to the journal, batched."""

import asyncio
from typing import TYPE_CHECKING, Any

from rota.broker.client import REDIS_GONE
from rota.broker.scripts import Broker
from rota.logs import get_logger

if TYPE_CHECKING:
    from rota.worker.attempt import Attempt

log = get_logger(__name__)

EVERY_S = 0.2


class ProgressBoard:
    """Keeps the latest word of each attempt and sends them together, at most each 200 ms."""

    def __init__(self, broker: Broker, worker: str, loop: asyncio.AbstractEventLoop) -> None:
        self._broker = broker
        self._worker = worker
        self._loop = loop
        self._latest: dict[tuple[str, str, int], tuple[str, int, float | None, str | None]] = {}
        self._is_due = False
        self._sending: asyncio.Task[None] | None = None

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
        if not self._is_due:
            self._is_due = True
            self._loop.call_later(EVERY_S, self._start)

    async def flush(self) -> None:
        """Sends what is noted. Lost words are not told again: the next ones come soon."""
        latest, self._latest = self._latest, {}
        by_queue: dict[str, list[list[Any]]] = {}
        for (queue, task_id, number), (_, lease, share, message) in latest.items():
            by_queue.setdefault(queue, []).append([task_id, number, str(lease), share, message])
        try:
            for queue, entries in by_queue.items():
                await self._broker.progress(queue, self._worker, entries)
        except REDIS_GONE as error:
            log.debug("progress was not told", error=str(error))

    def _start(self) -> None:
        self._is_due = False
        self._sending = self._loop.create_task(self.flush())
