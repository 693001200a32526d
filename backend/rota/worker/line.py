"""One queue as a worker sees it: what is to be settled, what was asked for and not answered yet, whether to ask again."""

import itertools
from collections import deque
from typing import NamedTuple

from rota.broker.scripts import Broker, Claim, Settlement
from rota.broker.values import Handed
from rota.worker.attempt import Attempt

MOST_SETTLED = 500
MOST_BYTES = 4 * 1024 * 1024
SEEN = 64  # what comes both ways comes before so many others: one thing at most is under way


class Answer(NamedTuple):
    """What one exchange brought: the attempts that were settled, each with whether it was taken, and a claim."""

    settled: list[tuple[Attempt, bool]]
    claim: Claim | None


class Line:
    """Settles and claims with ids, so that what was asked is asked again as it was until an answer comes.

    Only one exchange at a time: Redis keeps the last claim and the last settlement of each worker.
    """

    def __init__(
        self,
        broker: Broker,
        queue: str,
        worker: str,
        lease_ms: int,
        *,
        slots: int = 0,
        is_stealing: bool = True,
        functions: str = "",
    ) -> None:
        self.queue = queue
        # Whether there may be work: false only while this worker waits, by name, to be woken.
        self.may_have_work = True
        self._was_woken = False  # since the last question went out
        # Whether the queue is to forget that this worker waits for work: it takes none.
        self.must_withdraw = False
        self._broker = broker
        self._worker = worker
        self._lease_ms = lease_ms
        # In a queue with lanes: how much this worker's holds, and whether it takes from others'.
        self._slots = slots
        self.is_stealing = is_stealing
        # The functions that this worker has, as Redis is to know them, and whether it is still to be told.
        self._functions = functions
        self._must_tell_functions = True
        self._numbers = itertools.count(1)
        self._outbox: deque[Attempt] = deque()
        self._sending: list[Attempt] = []
        self._settle_id = ""
        self._asked: tuple[str, int] | None = None
        # Whether a push may hand a task to this worker, as far as it knows, and the leases of those that came so, the latest
        # last. Not only the highest: after a clock was set right and Redis emptied the numbers begin lower.
        self.is_offered = False
        self._seen: deque[int] = deque([0], maxlen=SEEN)

    @property
    def has_outcomes(self) -> bool:
        return bool(self._sending or self._outbox)

    @property
    def is_unanswered(self) -> bool:
        """Whether a claim was sent whose answer has not come: tasks may be held that nobody here knows."""
        return self._asked is not None

    def add(self, attempt: Attempt) -> None:
        """Takes an attempt whose settlement is ready."""
        self._outbox.append(attempt)

    def wake(self) -> None:
        """There may be work again."""
        self.may_have_work = self._was_woken = True
        self.is_offered = False

    def tell_functions(self) -> None:
        """Redis may have forgotten which functions this worker has: the next claim tells."""
        self._must_tell_functions = True

    def handed(self, handed: Handed) -> bool:
        """Takes note of a task that came with a wake. False: it is known; it came as an answer, too."""
        is_known = handed.claim.lease in self._seen
        # Also then: the next claim is to say that it was seen.
        self._seen.append(handed.claim.lease)
        if is_known:
            return False
        self.is_offered = False
        if handed.asks:
            self.wake()
        return True

    async def exchange(self, want: int, *, is_free: bool = False) -> Answer:
        """Settles what is ready and claims up to `want`. Raises what redis-py raises; call it again then.

        `is_free`: the worker does nothing, and a task may be handed to it.
        """
        settle = self._settle()
        if self._asked is None and (want or self.must_withdraw):
            self._asked = (str(next(self._numbers)), want)
            self._was_woken = False
        if self._asked is None:
            if settle is None:
                return Answer([], None)
            flags, claim = await self._broker.settle(self.queue, self._worker, *settle), None
        else:
            claim_id, wanted = self._asked
            flags, claim = await self._broker.exchange(
                self.queue,
                self._worker,
                settle,
                (claim_id, wanted, self._lease_ms),
                slots=self._slots,
                is_stealing=self.is_stealing,
                seen=self._seen[-1],
                is_free=is_free,
                functions=self._functions if self._must_tell_functions else "",
            )
            self._asked = None
            if claim.was_handed:
                # Nothing was claimed: what it wants by now is asked anew.
                self.wake()
                if not self.handed(Handed(claim, asks=True)):
                    claim = claim._replace(tasks=[])
            else:
                self.must_withdraw = self._must_tell_functions = False
                # A wake may overtake the answer after which this worker waits for it.
                self.may_have_work = self._was_woken or wanted == 0 or len(claim.tasks) >= wanted
                self.is_offered = is_free and not self.may_have_work and not claim.tasks
        settled, self._sending = self._sending, []
        return Answer(list(zip(settled, flags, strict=True)), claim)

    def _settle(self) -> tuple[str, list[Settlement]] | None:
        if not self._sending and self._outbox:
            size = 0
            while self._outbox and len(self._sending) < MOST_SETTLED and size < MOST_BYTES:
                attempt = self._outbox.popleft()
                self._sending.append(attempt)
                size += len(attempt.settlement.body) if attempt.settlement else 0
            self._settle_id = str(next(self._numbers))
        if not self._sending:
            return None
        return self._settle_id, [one.settlement for one in self._sending if one.settlement is not None]
