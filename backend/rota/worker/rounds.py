"""The rounds of a worker: one exchange after the other with its queues, whenever there is something to ask or to tell."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from rota.broker.client import REDIS_GONE
from rota.broker.scripts import Claim
from rota.broker.values import Handed
from rota.domain.states import AttemptOutcome
from rota.logs import get_logger
from rota.worker.attempt import Attempt
from rota.worker.holding import Holding
from rota.worker.line import Line
from rota.worker.patience import Patience

log = get_logger(__name__)

ONLINE, PAUSED, DRAINING = "ONLINE", "PAUSED", "DRAINING"
HALVED_FROM = 20
# When nothing runs any more Redis is waited for so long, to take the last words of a worker that ends.
FAREWELL_S = 2.0


class OnSettled(Protocol):
    """Called for each attempt that Redis has answered for, or need not."""

    def __call__(self, attempt: Attempt, *, is_taken: bool) -> None: ...


class Rounds:
    """Claims and settles, in the loop, one exchange at a time. `tell` sends what attempts have said; `on_back`: Redis was gone."""

    def __init__(
        self,
        lines: Mapping[str, Line],
        holding: Holding,
        loop: asyncio.AbstractEventLoop,
        *,
        slots: int,
        lease_ms: int,
        tell: Callable[[], Awaitable[None]],
        on_settled: OnSettled,
        on_back: Callable[[], None],
    ) -> None:
        self.status = ONLINE
        self._lines = lines
        self._holding = holding
        self._loop = loop
        # With many slots half of them are claimed at once: one half runs while Redis answers for the other.
        self._batch = slots if slots < HALVED_FROM else (slots + 1) // 2
        self._lease_s = lease_ms / 1000
        self._tell = tell
        self._on_settled = on_settled
        self._on_back = on_back
        self._stir = asyncio.Event()
        self._clock_ms = time.time_ns() // 1_000_000 - int(time.monotonic() * 1000)
        self._dues: dict[str, asyncio.TimerHandle] = {}
        self._early: set[str] = set()  # cancelled before the claim that gave them was answered
        self._must_tell = False  # lines of an attempt that has ended
        self._is_over = False
        self._is_answered = False  # since the time for farewells was set
        self._farewell: asyncio.TimerHandle | None = None
        self._going: asyncio.Task[None] | None = None
        self._turn = 0

    async def run(self, check: Callable[[], None]) -> None:
        """Goes round until the worker is drained, or `end`. Raises what `check` raises."""
        self._going = asyncio.create_task(self._go(check))
        try:
            await asyncio.wait({self._going})
        finally:
            self._going.cancel()
            await asyncio.wait({self._going})
        if not self._going.cancelled():
            self._going.result()

    async def _go(self, check: Callable[[], None]) -> None:
        # Several times within a lease: what a lost answer gave is held, and nobody but the next question renews it.
        patience, was_gone, is_hungry = Patience(self._lease_s / 4), False, False
        self._stir.set()
        while not self._is_done(check):
            await self._stir.wait()
            self._stir.clear()
            if not is_hungry:
                # A moment more: what ends now is settled in the same exchange.
                await asyncio.sleep(0)
            try:
                is_hungry = await self._round()
            except REDIS_GONE as error:
                if not was_gone:
                    running = self._holding.busy
                    log.warning("Redis does not answer; what runs goes on", error=str(error), running=running)
                was_gone = True
                for line in self._lines.values():
                    line.tell_functions()
                await asyncio.sleep(patience.next_s())
                self._stir.set()
                continue
            if was_gone:
                log.info("Redis answers again")
                was_gone = False
                patience.reset()
                # Asks at once what is still held: Redis is believed, not this process' memory.
                self._on_back()

    def now_ms(self) -> int:
        """The instant by Redis' clock, as its last claim told it."""
        return int(time.monotonic() * 1000) + self._clock_ms

    # What it is told

    def stir(self) -> None:
        """There is something to look at."""
        self._stir.set()

    def wake(self, queue: str | None = None) -> None:
        """There may be work, in one queue or in any."""
        for line in self._lines.values() if queue is None else (self._lines[queue],):
            line.wake()
        if self._holding.free() and self.status == ONLINE:
            self._stir.set()

    def take(self, state: str) -> None:
        """Is ONLINE, PAUSED or DRAINING from now on."""
        self.status = state
        for line in self._lines.values():
            # Who takes nothing must not be woken in others' stead.
            line.wake()
            line.must_withdraw = state != ONLINE
        self._take_leave_soon()
        self._stir.set()

    def cancel_early(self, queue: str, task_id: str) -> None:
        """A task is cancelled that is not held: it may be among what an answer brings that is on its way."""
        if self._lines[queue].is_unanswered:
            self._early.add(task_id)

    def handed(self, queue: str, handed: Handed) -> None:
        """Begins a task that came with a wake."""
        if self.now_ms() - handed.claim.at >= self._lease_s * 500:
            # It was long on its way, to a process that stood still, say: half its lease is over, and renewed by nobody. If it
            # still holds, the next answer brings it.
            self.wake(queue)
        elif self._lines[queue].handed(handed):
            self._clock_ms = handed.claim.at - int(time.monotonic() * 1000)
            # Since it offered itself it may have taken a task that is to run alone.
            self._start(queue, handed.claim, is_welcome=self._holding.free() > 0)
            if handed.asks:
                self._stir.set()

    def concluded(self, attempt: Attempt, *, has_lines: bool) -> None:
        """Takes an attempt whose settlement is ready, or that must not be settled; `has_lines`: some are not told yet."""
        self._must_tell = self._must_tell or has_lines
        if attempt.settlement is not None:
            self._lines[attempt.queue].add(attempt)
            if not attempt.settlement.is_known:
                self._lines[attempt.queue].tell_functions()
        else:
            self._on_settled(attempt, is_taken=False)
        if self.status == DRAINING:
            self._take_leave_soon()
        self._stir.set()

    def end(self) -> None:
        """Goes round no more, whatever is held, and waits for no answer."""
        self._is_over = True
        if self._going is not None:
            self._going.cancel()

    def close(self) -> None:
        """Stops its timers."""
        for timer in (*self._dues.values(), self._farewell):
            if timer is not None:
                timer.cancel()

    # What it does

    def _is_done(self, check: Callable[[], None]) -> bool:
        check()
        if self._is_over:
            return True
        is_idle = not self._holding.attempts and not any(
            line.is_unanswered or line.must_withdraw for line in self._lines.values()
        )
        return self.status == DRAINING and is_idle

    def _take_leave_soon(self) -> None:
        if self._farewell is None:
            self._take_leave()

    def _take_leave(self) -> None:
        """Bounds the wait for Redis once nothing else keeps this worker from ending; what answers in time is given more."""
        is_waiting = self._farewell is not None and not self._is_answered
        if self.status != DRAINING or not all(one.is_concluded for one in self._holding.attempts.values()):
            self._farewell = None
        elif is_waiting:
            self.end()
        else:
            self._is_answered = False
            self._farewell = self._loop.call_later(FAREWELL_S, self._take_leave)

    async def _round(self) -> bool:
        """One exchange with each queue that has something to say; each round begins with another one.

        True: there are slots left and there may be work. Then the next question goes out before what was just
        begun runs, so that Redis and this process work at the same time.
        """
        lines = list(self._lines.values())
        self._turn = (self._turn + 1) % len(lines)
        for line in lines[self._turn :] + lines[: self._turn]:
            is_free = self._holding.busy == 0
            # Who has just ended all that it did tells so with that: then a push may hand it the next task.
            asks = line.may_have_work or (is_free and line.has_outcomes and not line.is_offered)
            want = min(self._holding.free(), self._batch) if asks and self.status == ONLINE else 0
            while line.has_outcomes and self._must_tell:
                await self._tell_all()
            if want or line.has_outcomes or line.is_unanswered or line.must_withdraw:
                answer = await line.exchange(want, is_free=is_free)
                self._is_answered = True
                for attempt, is_taken in answer.settled:
                    self._on_settled(attempt, is_taken=is_taken)
                if answer.claim is not None:
                    self._begin(line, answer.claim)
        is_hungry = self.status == ONLINE and self._holding.free() > 0 and any(line.may_have_work for line in lines)
        if is_hungry or any(line.has_outcomes or line.is_unanswered or line.must_withdraw for line in lines):
            self._stir.set()
        return is_hungry

    async def _tell_all(self) -> None:
        """Tells lines before the endings, for what comes after them is late. Meanwhile another may end, with lines of its own."""
        self._must_tell, is_told = False, False
        try:
            await self._tell()
            is_told = True
        finally:
            self._must_tell = self._must_tell or not is_told

    def _begin(self, line: Line, claim: Claim) -> None:
        self._clock_ms = claim.at - int(time.monotonic() * 1000)
        self._start(line.queue, claim)
        self._early.clear()
        self._note_due(line, claim)

    def _start(self, queue: str, claim: Claim, *, is_welcome: bool = True) -> None:
        for claimed in claim.tasks:
            attempt = Attempt(claimed, queue, claim.lease)
            # While one queue answered, another may have handed out what takes the slot.
            if self.status != ONLINE or not is_welcome or self._holding.is_full:
                attempt.stop_reason = AttemptOutcome.RELEASED
            elif attempt.id in self._early:
                attempt.stop_reason = AttemptOutcome.CANCELLED
            self._holding.take(attempt)
        self._holding.look_at_suspect()

    def _note_due(self, line: Line, claim: Claim) -> None:
        """Claims when the next scheduled task is due; a worker that has no slot asks when it has one."""
        timer = self._dues.pop(line.queue, None)
        if timer is not None:
            timer.cancel()
        if claim.next_due_at and not line.may_have_work:
            wait_s = max(claim.next_due_at - claim.at, 0) / 1000
            self._dues[line.queue] = self._loop.call_later(wait_s, self.wake, line.queue)
