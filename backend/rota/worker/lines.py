"""The lines that attempts say: kept until Redis has them, and the way of the standard library's records to them."""

import logging
import threading
from collections import deque
from contextvars import ContextVar
from itertools import islice
from typing import Any, Protocol

from rota.domain.lines import MOST_LINES, Said, bounded, checked_level

LINES_AT_ONCE = 50
_LEVELS = ((logging.ERROR, "ERROR"), (logging.WARNING, "WARNING"), (logging.INFO, "INFO"))
# What Rota and arq say of an attempt is for the worker's own log.
_OWN = ("rota.", "arq.")
_SAMPLES = "rota.examples."


class LineBook:
    """What one attempt has said and Redis has not got yet. Any thread may add to it."""

    __slots__ = ("_count", "_lock", "_taken", "_waiting", "is_told", "left_out")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[Said] = deque()
        self._count = 0  # lines that Redis has
        self._taken = 0
        self.is_told = True  # whether Redis has all of it
        self.left_out = 0

    def add(self, said: Said) -> bool:
        """Keeps a line, or counts it where the attempt has said too many. True: until now all was told."""
        with self._lock:
            was_told, self.is_told = self.is_told, False
            if self._count + len(self._waiting) >= MOST_LINES:
                self.left_out += 1
            else:
                self._waiting.append(said)
            return was_told

    def count_left_out(self, left_out: int) -> bool:
        """Notes how many lines were left out in all by whoever says them. True: until now all was told."""
        with self._lock:
            was_told = self.is_told
            if left_out > self.left_out:
                self.left_out, self.is_told = left_out, False
            return was_told and not self.is_told

    def take(self) -> tuple[int, list[Said], int] | None:
        """The next lines with the number of the first and how many were left out; None where all is told.

        They stay until `told`: what is not known to have come is given again.
        """
        with self._lock:
            if self.is_told:
                return None
            lines = list(islice(self._waiting, LINES_AT_ONCE))
            self._taken = len(lines)
            return self._count + 1, lines, self.left_out

    def told(self, left_out: int) -> None:
        """What was taken last has come."""
        with self._lock:
            for _ in range(self._taken):
                self._waiting.popleft()
            self._count += self._taken
            self._taken = 0
            self.is_told = not self._waiting and self.left_out == left_out


class Speaker(Protocol):
    """Whose lines are said in a context."""

    def log(self, message: str, level: str = "info") -> None:
        """Says a line."""


speaking: ContextVar[Speaker | None] = ContextVar("speaking", default=None)


class TaskLogHandler(logging.Handler):
    """Keeps with its task what is logged while an attempt runs; all else passes by."""

    def emit(self, record: logging.LogRecord) -> None:
        speaker = speaking.get()
        name = f"{record.name}."
        if speaker is None or (name.startswith(_OWN) and not name.startswith(_SAMPLES)):
            return
        try:
            speaker.log(self.format(record), level_of(record.levelno))
        except Exception:  # noqa: BLE001  (a log line must not end a function: the standard library's own way)
            self.handleError(record)


def keep_records() -> None:
    """Lets what functions log by the standard library's `logging` be kept with their tasks, from INFO on.

    What the worker's own log leaves out (ROTA_LOG_LEVEL) it still leaves out.
    """
    root = logging.getLogger()
    for handler in root.handlers:
        handler.setLevel(max(handler.level, root.level if not isinstance(handler, TaskLogHandler) else 0))
    root.setLevel(min(root.level, logging.INFO))
    if not any(isinstance(handler, TaskLogHandler) for handler in root.handlers):
        root.addHandler(TaskLogHandler(logging.INFO))


def said(at: int, message: Any, level: str) -> Said:
    """A line within bounds. Raises ValueError for an unknown level."""
    return Said(at, checked_level(level), bounded(str(message)))


def level_of(number: int) -> str:
    """The level of a record of the standard library."""
    return next((level for least, level in _LEVELS if number >= least), "DEBUG")
