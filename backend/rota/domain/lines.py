"""What a function says while it runs: levels, and how much of it is kept."""

from typing import NamedTuple

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
MOST_LINES = 1_000  # of one task; what is over is counted
MAX_LINE_BYTES = 4_096  # of UTF-8
_CUT = "…"
_SAME = {"WARN": "WARNING", "CRITICAL": "ERROR", "FATAL": "ERROR"}


class Said(NamedTuple):
    """One line: when (ms since the epoch), how grave, what."""

    at: int
    level: str
    message: str


class Lines(NamedTuple):
    """Lines of one attempt in order, the first of them its `first`-th; and how many it has left out in all so far.

    `is_late`: they were told when the attempt did not hold the task's lease any more.
    """

    number: int
    lease: int
    first: int
    said: tuple[Said, ...]
    left_out: int
    is_late: bool


def checked_level(level: str) -> str:
    """One of LEVELS. Raises ValueError for any other word."""
    found = str(level).upper()
    found = _SAME.get(found, found)
    if found not in LEVELS:
        raise ValueError(f"level must be one of {', '.join(name.lower() for name in LEVELS)}, not {level!r}")
    return found


def plain(text: str) -> str:
    """The text without what cannot be written as UTF-8 or kept in a database's text."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def bounded(message: str) -> str:
    """The text, at most 4 KiB of it, without what a database refuses; a text that was cut ends with an ellipsis."""
    # Cut before it is encoded: a text of megabytes must not be copied whole.
    text = message[: MAX_LINE_BYTES + 1].replace("\0", "\ufffd").encode("utf-8", "replace")
    if len(text) <= MAX_LINE_BYTES:
        return text.decode()
    return text[: MAX_LINE_BYTES - len(_CUT.encode())].decode("utf-8", "ignore") + _CUT
