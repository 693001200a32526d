"""The settlement that tells how an attempt ended: whether another follows, when, and at which rank."""

import random
from collections.abc import Mapping
from typing import Any

from rota import jsontext
from rota.broker.scripts import Settlement
from rota.domain.payload import from_parsed
from rota.domain.rank import rank
from rota.domain.retry import DEFAULT_MAX_ATTEMPTS, backoff_ms, may_retry
from rota.domain.states import AttemptOutcome
from rota.worker.endings import Ending

_RETRIED = frozenset({AttemptOutcome.FAILED, AttemptOutcome.TIMED_OUT})


def succeeded(task_id: str, number: int, lease: int, used: int, at: int, result: str) -> Settlement:
    """The settlement of a success, put together as text: most attempts come this way."""
    body = (
        f'{{"id":"{task_id}","number":{number},"lease":"{lease}","outcome":"SUCCEEDED","at":{at},"used":{used + 1},'
        f'"result":{result}}}'
    )
    return Settlement(task_id, number, lease, body.encode())


def settlement(
    task_id: str,
    number: int,
    lease: int,
    used: int,
    at: int,
    ending: Ending,
    payload: Mapping[str, Any],
    *,
    is_begun: bool = True,
) -> Settlement:
    """The settlement of any ending. `used` counts before this attempt; `payload` is the task's, parsed.

    What comes back without having been begun (not `is_begun`) was no attempt.
    """
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
        outcome in _RETRIED and may_retry(used_now, payload.get("m", DEFAULT_MAX_ATTEMPTS), is_fatal=ending.is_fatal)
    )
    if not goes_on:
        return Settlement(task_id, number, lease, jsontext.dumpb(body), used=used_now)
    due_at, place = _next(ending, payload, used_now, at)
    body["due"], body["rank"] = due_at, place
    is_begun = is_begun or not is_released
    if not is_begun:
        body["begun"] = False
    return Settlement(
        task_id,
        number,
        lease,
        jsontext.dumpb(body),
        goes_on=True,
        due_at=due_at,
        rank=place,
        used=used_now,
        is_begun=is_begun,
        is_known=ending.is_known,
    )


def _next(ending: Ending, short: Mapping[str, Any], used: int, at: int) -> tuple[int, int]:
    """When it is due again, and its rank then: it keeps the place that its age gives it."""
    payload = from_parsed(dict(short))
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
    return at + wait_ms, int(place)
