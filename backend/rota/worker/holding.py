"""What a worker holds: the attempts that it has claimed and not settled, the slots that they take, and who runs alone."""

import asyncio
import time

from rota.broker.values import Held
from rota.domain.retry import POISON_DEATHS
from rota.domain.states import AttemptOutcome
from rota.worker import attempt as steps
from rota.worker.attempt import Attempt, Desk

# What else runs may go on for hours: a suspect is not kept from running for longer than this.
APART_S = 10.0


class Holding:
    """The attempts by id. A slot is free when an attempt's work has ended, which may be after it is settled (a thread)."""

    def __init__(self, desk: Desk, loop: asyncio.AbstractEventLoop, slots: int) -> None:
        self._desk = desk
        self._loop = loop
        self._slots = slots
        self.attempts: dict[str, Attempt] = {}
        self.busy = 0
        # While it waits for the others to end, and while it runs, nothing is claimed.
        self._suspect: Attempt | None = None

    def free(self) -> int:
        """How many more may be claimed."""
        return 0 if self._suspect is not None else max(self._slots - self.busy, 0)

    @property
    def is_full(self) -> bool:
        """Whether each slot is taken, whoever may claim."""
        return self.busy >= self._slots

    def take(self, attempt: Attempt) -> None:
        """Begins an attempt; one whose task was lost so often that one more death ends it waits until it is alone."""
        before = self.attempts.get(attempt.id)
        if before is not None:  # its lease ended unnoticed, and the task came back here
            before.stop(AttemptOutcome.LOST, self._desk)
        self.attempts[attempt.id] = attempt
        self.busy += 1
        attempt.is_suspect = attempt.deaths >= POISON_DEATHS - 1
        if not attempt.is_suspect:
            self._run(attempt)
        elif self._suspect is None:
            self._suspect = attempt
            self._loop.call_later(APART_S, self._run, attempt)
        else:  # one at a time
            attempt.stop_reason = attempt.stop_reason or AttemptOutcome.RELEASED
            self._run(attempt)

    def settled(self, attempt: Attempt) -> None:
        """Redis has answered for it, or need not."""
        if self.attempts.get(attempt.id) is attempt:
            del self.attempts[attempt.id]
        self.look_at_suspect()

    def freed(self, attempt: Attempt) -> bool:
        """Its slot is free. True: it was the one that ran alone, and others may be claimed again."""
        self.busy -= 1
        was_alone = attempt is self._suspect
        if was_alone:
            self._suspect = None
        self.look_at_suspect()
        return was_alone

    def look_at_suspect(self) -> None:
        """Lets who is to run alone run, once it is: so that it dies of itself or not at all."""
        # Also what others told must be settled: their endings would be lost with this process.
        if self._suspect is not None and self.busy == 1 and len(self.attempts) == 1:
            self._run(self._suspect)

    def of(self, token: Held) -> Attempt | None:
        """The attempt under exactly this token."""
        attempt = self.attempts.get(token.id)
        return attempt if attempt and (attempt.number, attempt.lease) == (token.number, token.lease) else None

    def stop_all(self, outcome: AttemptOutcome) -> None:
        """Stops all of them, for this reason."""
        for attempt in list(self.attempts.values()):
            attempt.stop(outcome, self._desk)

    def leases(self, lease_s: float) -> dict[str, list[Held]]:
        """The leases to renew, by queue."""
        now = time.monotonic()
        held: dict[str, list[Held]] = {}
        for attempt in list(self.attempts.values()):
            # Long past its time and still here: the loop is stuck in it or in another. The task shall run elsewhere.
            if attempt.give_up_at is None or now < attempt.give_up_at + lease_s:
                held.setdefault(attempt.queue, []).append(Held(attempt.id, attempt.number, attempt.lease))
        return held

    def _run(self, attempt: Attempt) -> None:
        # One that ran alone and is over has no task any more either.
        if attempt.task is None and not attempt.is_concluded:
            attempt.task = self._loop.create_task(steps.run(attempt, self._desk))
