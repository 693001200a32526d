"""What a function is handed of its own task, and the way of its progress to the journal, batched."""

import asyncio
import math
from typing import TYPE_CHECKING, Any

from rota.broker.client import REDIS_GONE
from rota.broker.scripts import Broker
from rota.logs import get_logger

if TYPE_CHECKING:
    from rota.worker.attempt import Attempt, Desk

log = get_logger(__name__)

EVERY_S = 0.2
MAX_MESSAGE = 200


class TaskHandle:
    """`ctx["task"]`: the task's id, the attempt's number, and a way to tell how far it is."""

    __slots__ = ("_attempt", "_desk")

    def __init__(self, attempt: "Attempt", desk: "Desk") -> None:
        self._attempt = attempt
        self._desk = desk

    @property
    def id(self) -> str:
        return self._attempt.id

    @property
    def number(self) -> int:
        """1 for the first attempt."""
        return self._attempt.number

    @property
    def is_stopped(self) -> bool:
        """Whether nobody waits for the outcome any more; a function in a thread should look and return."""
        return self._attempt.stop_reason is not None

    def progress(self, share: float | None = None, message: str | None = None) -> None:
        """Tells how far it is: a share from 0 to 1, words, or both. Cheap; may be called from any thread.

        Raises ValueError where the share is no number.
        """
        share, message = checked_progress(share, message)
        self._desk.progressed(self._attempt, share, message)


def checked_progress(share: float | None, message: str | None) -> tuple[float | None, str | None]:
    """Within bounds. Raises ValueError where the share is no number."""
    if share is not None:
        share = float(share)
        if math.isnan(share):
            raise ValueError("progress takes a share from 0 to 1, not NaN")
        share = min(max(share, 0.0), 1.0)
    if message is not None:
        message = str(message).encode("utf-8", "replace").decode().replace("\0", "\ufffd")[:MAX_MESSAGE]
    return share, message


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
