"""How an attempt ended, and the settlement that tells it: what is retried, when, and in words of bounded size."""

import math
import random
import traceback
from pathlib import Path
from typing import Any, NamedTuple

from arq.worker import Retry, RetryJob

from rota import jsontext
from rota.broker.scripts import Settlement
from rota.declare import Fatal
from rota.domain.events import ErrorBody
from rota.domain.payload import from_parsed
from rota.domain.rank import rank
from rota.domain.retry import backoff_ms, may_retry
from rota.domain.states import AttemptOutcome
from rota.worker.signature import BadArguments

MAX_RESULT_BYTES = 1024 * 1024
MAX_TRACEBACK = 16 * 1024  # characters
MAX_MESSAGE = 2_000
MAX_TYPE = 200

_RETRIED = frozenset({AttemptOutcome.FAILED, AttemptOutcome.TIMED_OUT})
_HERE = str(Path(__file__).parent)


class Ending(NamedTuple):
    """How one attempt ended. `defer_ms` is the wait that the function asked for; `exit` its process' status."""

    outcome: AttemptOutcome
    result: str | None = None
    error: ErrorBody | None = None
    exit: int | None = None
    is_fatal: bool = False
    defer_ms: int | None = None


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
    if len(data) > MAX_RESULT_BYTES:
        raise BadResult(
            f"the result has {len(data):,} bytes of JSON, the limit is {MAX_RESULT_BYTES:,}; keep it in a store and return where"
        )
    return data.decode()


def failure(error: BaseException) -> Ending:
    """What an exception makes of an attempt."""
    if isinstance(error, Failed):
        return error.ending
    if isinstance(error, Retry | RetryJob):
        defer_ms = getattr(error, "defer_score", None) or 0
        body = ErrorBody(type="Retry", message="The function asked to be run again.")
        return Ending(AttemptOutcome.FAILED, error=body, defer_ms=max(int(defer_ms), 0))
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
    return ErrorBody(type=type(error).__qualname__[:MAX_TYPE], message=_short(message), traceback=_plain(lines))


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


def succeeded(task_id: str, number: int, lease: int, used: int, at: int, result: str) -> Settlement:
    """The settlement of a success, put together as text: most attempts come this way."""
    body = (
        f'{{"id":"{task_id}","number":{number},"lease":"{lease}","outcome":"SUCCEEDED","at":{at},"used":{used + 1},'
        f'"result":{result}}}'
    )
    return Settlement(task_id, number, lease, body.encode())


def settlement(
    task_id: str, number: int, lease: int, used: int, at: int, ending: Ending, payload: dict[str, Any]
) -> Settlement:
    """The settlement of any ending. `used` counts before this attempt; `payload` is the task's, parsed."""
    outcome = ending.outcome
    if outcome is AttemptOutcome.SUCCEEDED:
        return succeeded(task_id, number, lease, used, at, ending.result or "null")
    is_released = outcome is AttemptOutcome.RELEASED
    used_now = used if is_released else used + 1
    body: dict[str, Any] = {
        "id": task_id,
        "number": number,
        "lease": str(lease),
        "outcome": outcome.value,
        "at": at,
        "used": used_now,
    }
    if ending.error is not None:
        body["error"] = ending.error
    if ending.exit is not None:
        body["exit"] = ending.exit
    goes_on = is_released or (
        outcome in _RETRIED
        and may_retry(used_now, payload.get("m") or from_parsed(payload).max_attempts, is_fatal=ending.is_fatal)
    )
    if not goes_on:
        return Settlement(task_id, number, lease, jsontext.dumpb(body), used=used_now)
    due_at, place = _next(ending, payload, used_now, at)
    body["due"], body["rank"] = due_at, place
    return Settlement(
        task_id, number, lease, jsontext.dumpb(body), goes_on=True, due_at=due_at, rank=place, used=used_now
    )


def _next(ending: Ending, short: dict[str, Any], used: int, at: int) -> tuple[int, int]:
    """When it is due again, and its rank then: it keeps the place that its age gives it."""
    payload = from_parsed(short)
    if ending.defer_ms is not None:
        wait_ms = ending.defer_ms
    elif ending.outcome is AttemptOutcome.RELEASED:
        wait_ms = 0
    else:
        wait_ms = backoff_ms(used, random.random(), payload.backoff)  # noqa: S311  (jitter, no secret)
    place = rank(
        priority=payload.priority,
        queued_at=payload.created_at,
        deadline_at=payload.deadline_at,
        expected_ms=payload.expected_ms,
        level_ms=payload.level_ms,
    )
    return at + wait_ms, math.floor(place)


def _short(text: str) -> str:
    text = _plain(text)
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 3] + "..."


def _plain(text: str) -> str:
    """Without what cannot be written as UTF-8 or kept in a database's text."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
