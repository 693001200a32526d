"""When a function keeps the event loop from turning: whether the process must end, and what is settled before it does."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from rota import jsontext
from rota.broker.scripts import Settlement
from rota.domain.payload import FINISH_LATE
from rota.domain.states import AttemptOutcome
from rota.worker.attempt import Attempt
from rota.worker.endings import Ending, stopped
from rota.worker.outcomes import settlement


def last_words(
    attempts: Sequence[Attempt], running: "asyncio.Task[Any] | None", lease_s: float, at: int
) -> dict[str, list[Settlement]] | None:
    """By queue: who keeps the loop has timed out, who merely sits beside it is given back, unharmed.

    `running` is the loop's task of the moment, `at` the instant by Redis' clock. None as long as the attempt that runs
    is within its time and a lease more, and for ever where its time has no bound.
    """
    culprit = next((attempt for attempt in attempts if attempt.task is running), None)
    # A task that the function made itself is nobody's here: then any attempt may be at fault.
    suspects = attempts if culprit is None else [culprit]
    now = time.monotonic()
    late = [one for one in suspects if one.give_up_at is not None and now >= one.give_up_at + lease_s]
    if not late:
        return None
    words: dict[str, list[Settlement]] = {}
    for attempt in attempts:
        if attempt is culprit:
            word = _settled(attempt, _timed_out(attempt, at), at)
        elif attempt.is_concluded:
            word = attempt.settlement
        else:
            # Without a culprit nobody can say whether one that is late did it: the end of its lease decides.
            word = None if attempt in late else _settled(attempt, Ending(AttemptOutcome.RELEASED), at)
        if word is not None:
            words.setdefault(attempt.queue, []).append(word)
    return words


def _timed_out(attempt: Attempt, at: int) -> Ending:
    payload = attempt.payload
    deadline_at = payload.get("d")
    is_expired = deadline_at is not None and deadline_at <= at and payload.get("o") != FINISH_LATE[0]
    return stopped(AttemptOutcome.EXPIRED if is_expired else AttemptOutcome.TIMED_OUT, payload.get("t"))


def _settled(attempt: Attempt, ending: Ending, at: int) -> Settlement | None:
    try:
        payload = attempt.payload or jsontext.loads(attempt.text)
        return settlement(
            attempt.id, attempt.number, attempt.lease, attempt.used, at, ending, payload, is_begun=attempt.has_begun
        )
    except (ValueError, KeyError, TypeError):  # it would have failed with that; another worker shall say so
        return None
