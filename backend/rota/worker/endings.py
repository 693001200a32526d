"""How one attempt ended, in words of bounded size. Stands apart from Redis: a process of its own starts quicker so."""

import sys
import traceback
from pathlib import Path
from typing import Any, NamedTuple

from rota import jsontext
from rota.declare import Fatal
from rota.domain.events import ErrorBody
from rota.domain.lines import plain
from rota.domain.states import AttemptOutcome
from rota.domain.tasks import FAR_FUTURE_MS
from rota.worker.signature import BadArguments

MAX_RESULT_BYTES = 1024 * 1024
MAX_TRACEBACK = 16 * 1024  # characters
MAX_MESSAGE = 2_000
MAX_TYPE = 200

_HERE = str(Path(__file__).parent)


class Ending(NamedTuple):
    """How one attempt ended. `defer_ms` is the wait that the function asked for; `exit` its process' status."""

    outcome: AttemptOutcome
    result: str | None = None
    error: ErrorBody | None = None
    exit: int | None = None
    is_fatal: bool = False
    defer_ms: int | None = None
    is_known: bool = True  # False: its worker has no such function


class BadResult(Exception):
    """A function returned what cannot be kept; another attempt would return the like."""


class Failed(Exception):
    """A failure that is told already, by a process of its own."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.error)
        self.ending = ending


def result_text(value: Any) -> str:
    """A result as JSON text. Raises BadResult where it has none, or too much of it."""
    if value is None:
        return "null"
    try:
        data = jsontext.dumpb(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise BadResult(f"the function returned what has no JSON form: {error}") from error
    if b"null" in data and (odd := jsontext.not_finite(value)):
        raise BadResult(f"the result cannot be kept as JSON: {odd}")
    if len(data) > MAX_RESULT_BYTES:
        raise BadResult(
            f"the result has {len(data):,} bytes of JSON, the limit is {MAX_RESULT_BYTES:,}; keep it in a store and return where"
        )
    return data.decode()


def failure(error: BaseException) -> Ending:
    """What an exception makes of an attempt."""
    if isinstance(error, Failed):
        return error.ending
    if _is_retry(error):
        defer_ms = getattr(error, "defer_score", None) or 0
        body = ErrorBody(type="Retry", message="The function asked to be run again.")
        # As with any instant that a client names: what lies further ahead is a mistake, and no date to show.
        return Ending(AttemptOutcome.FAILED, error=body, defer_ms=min(max(int(defer_ms), 0), FAR_FUTURE_MS))
    if isinstance(error, BadArguments | BadResult):
        name = "ArgumentError" if isinstance(error, BadArguments) else "ResultError"
        return Ending(AttemptOutcome.FAILED, error=ErrorBody(type=name, message=_short(str(error))), is_fatal=True)
    return Ending(AttemptOutcome.FAILED, error=describe(error), is_fatal=isinstance(error, Fatal))


def describe(error: BaseException) -> ErrorBody:
    """An exception in words of bounded size; the traceback begins in the function, not in the worker."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None and trace.tb_frame.f_code.co_filename.startswith(_HERE):
        trace = trace.tb_next
    try:
        lines = "".join(traceback.format_exception(type(error), error, trace))
        message = str(error)
    except Exception as second:  # noqa: BLE001  (an exception whose own __str__ raises)
        lines, message = "", f"its text cannot be made: {type(second).__name__}"
    if len(lines) > MAX_TRACEBACK:
        lines = "...\n" + lines[-(MAX_TRACEBACK - 4) :]
    return ErrorBody(type=type(error).__qualname__[:MAX_TYPE], message=_short(message), traceback=plain(lines))


def stopped(outcome: AttemptOutcome, timeout_ms: int | None) -> Ending:
    """What stopping made of an attempt."""
    if outcome is AttemptOutcome.TIMED_OUT:
        seconds = (timeout_ms or 0) / 1000
        return Ending(
            outcome, error=ErrorBody(type="TimedOut", message=f"It ran longer than its timeout of {seconds:g} s.")
        )
    if outcome is AttemptOutcome.CANCELLED:
        return Ending(outcome, error=ErrorBody(type="Cancelled", message="It was cancelled while it ran."))
    if outcome is AttemptOutcome.EXPIRED:
        return Ending(outcome, error=ErrorBody(type="Expired", message="Its deadline passed while it ran."))
    return Ending(outcome)


def _is_retry(error: BaseException) -> bool:
    """Whether it is arq's Retry. Who has not imported arq cannot have raised it, and importing it takes a while."""
    arq = sys.modules.get("arq.worker")
    return arq is not None and isinstance(error, arq.Retry | arq.RetryJob)


def _short(text: str) -> str:
    text = plain(text)
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 3] + "..."
