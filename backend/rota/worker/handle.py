"""`ctx["task"]`: what a function is handed of its own task."""

import math
from typing import TYPE_CHECKING

from rota.domain.lines import plain
from rota.worker.lines import said

if TYPE_CHECKING:
    from rota.worker.attempt import Attempt, Desk

MAX_MESSAGE = 200  # characters


class TaskHandle:
    """`ctx["task"]`: the task's id, the attempt's number, and ways to tell how far it is and what it does."""

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

    def log(self, message: str, level: str = "info") -> None:
        """Keeps a line with the task: `level` is debug, info, warning or error. Cheap; may be called from any thread.

        Of a line 4 KiB are kept, of a task 1,000 lines; what is over is counted. Raises ValueError for another level.
        """
        self._attempt.say(said(self._desk.now_ms(), message, level), self._desk)


def checked_progress(share: float | None, message: str | None) -> tuple[float | None, str | None]:
    """Within bounds. Raises ValueError where the share is no number."""
    if share is not None:
        share = float(share)
        if math.isnan(share):
            raise ValueError("progress takes a share from 0 to 1, not NaN")
        share = min(max(share, 0.0), 1.0)
    if message is not None:
        message = plain(str(message))[:MAX_MESSAGE]
    return share, message
