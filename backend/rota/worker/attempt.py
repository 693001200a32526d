"""One attempt as a pipe of named steps: load -> start -> perform -> settle -> report.

The first four run in a task of their own; `report` comes when Redis has answered the settlement.
"""

import asyncio
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Protocol

from arq.typing import StartupShutdown

from rota import jsontext
from rota.broker.scripts import Claimed, Settlement
from rota.domain.events import ErrorBody
from rota.domain.lines import Said
from rota.domain.states import AttemptOutcome
from rota.logs import get_logger
from rota.worker.catalogue import Catalogue, Entry
from rota.worker.endings import Ending, failure, stopped
from rota.worker.handle import TaskHandle
from rota.worker.lines import LineBook, speaking
from rota.worker.outcomes import settlement, succeeded
from rota.worker.signature import BadArguments

log = get_logger(__name__)

# An async function that was cancelled may clean up for so long; then its ending is told, whatever it still does.
CLEANUP_S = 5.0
_making_a_book = threading.Lock()


class Desk(Protocol):
    """What the steps need of the worker."""

    catalogue: Catalogue
    ctx: dict[Any, Any]
    on_job_start: StartupShutdown | None
    on_job_end: StartupShutdown | None
    after_job_end: StartupShutdown | None
    loop: asyncio.AbstractEventLoop

    def now_ms(self) -> int:
        """The instant by Redis' clock."""

    async def execute(self, attempt: "Attempt") -> str:
        """Runs the function where it is to run; its result as JSON text, or what it raises."""

    def progressed(self, attempt: "Attempt", share: float | None, message: str | None) -> None:
        """Passes on how far an attempt is; may be called from any thread."""

    def said(self, attempt: "Attempt") -> None:
        """Hears that lines of an attempt wait; may be called from any thread."""

    def concluded(self, attempt: "Attempt") -> None:
        """Takes an attempt whose settlement is ready, or that must not be settled (None)."""

    async def begins(self, attempt: "Attempt") -> None:
        """Tells Redis that one which waited to run alone begins."""

    def is_free(self, attempt: "Attempt") -> None:
        """The attempt's work has ended: its slot is free."""

    def counted(self, attempt: "Attempt", *, is_taken: bool) -> None:
        """Counts an attempt that Redis has answered."""


class Attempt:
    """One run of a task here, from its claim to its settlement."""

    # Defaults stand here, not in __init__: there are many thousands a second, and most change few of them.
    entry: Entry | None = None
    payload: Mapping[str, Any] = MappingProxyType({})
    args: Mapping[str, Any] = MappingProxyType({})
    positional: Sequence[Any] = ()
    named: Mapping[str, Any] = MappingProxyType({})
    ctx: dict[Any, Any] | None = None
    task: asyncio.Task[None] | None = None
    timers: tuple[asyncio.TimerHandle, ...] = ()
    # By the monotonic clock: after it even a stuck loop keeps the lease no longer; None: no bound is set.
    give_up_at: float | None = None
    is_performing = False
    has_begun = False  # else it was no run of its task
    is_concluded = False
    stop_reason: AttemptOutcome | None = None
    ending: Ending | None = None
    settlement: Settlement | None = None
    # A thread that goes on although nobody waits for it: the slot is not free before it ends.
    work_left: asyncio.Future[Any] | None = None
    # Its lines, once it has said one.
    book: LineBook | None = None
    is_suspect = False  # one more death under it ends its task

    def __init__(self, claimed: Claimed, queue: str, lease: int) -> None:
        self.id, self.text, self.number, self.used, self.deaths = claimed
        self.queue = queue
        self.lease = lease

    def stop(self, reason: AttemptOutcome, desk: Desk) -> None:
        """Stops it, once, for this reason; a function that swallows the cancellation is not waited for long."""
        if self.stop_reason is not None or self.is_concluded:
            return
        self.stop_reason = reason
        if self.is_performing and self.task is not None:
            self.task.cancel()
            self.timers += (desk.loop.call_later(CLEANUP_S, conclude, self, desk, self._stopped()),)

    def say(self, said: Said, desk: Desk) -> None:
        """Keeps a line; any thread may call it."""
        if self._written().add(said):
            desk.said(self)

    def leave_out(self, count: int, desk: Desk) -> None:
        """Notes how many lines were left out in all where they were said."""
        if self._written().count_left_out(count):
            desk.said(self)

    def let_go(self) -> None:
        """Forgets, when it is over, what refers back to it: it goes at once then, and the collector need not find it."""
        if self.task is not None and self.task.done():
            self.ctx = self.task = None
            self.timers = ()

    def _written(self) -> LineBook:
        with _making_a_book:
            if self.book is None:
                self.book = LineBook()
            return self.book

    def _stopped(self) -> Ending:
        timeout_ms = self.payload.get("t")
        return stopped(self.stop_reason or AttemptOutcome.CANCELLED, timeout_ms)


class Stopped(Exception):
    """The attempt was stopped before its function was called."""


class UnknownHere(Exception):
    """The function is none of this worker's."""


async def run(attempt: Attempt, desk: Desk) -> None:
    """The attempt from load to settle; it raises nothing."""
    try:
        if attempt.is_suspect and attempt.stop_reason is None:
            await desk.begins(attempt)
        ending = await perform(await start(load(attempt, desk), desk), desk)
    except (KeyboardInterrupt, GeneratorExit):  # the process' own end, and the loop's
        raise
    except BaseException as error:  # noqa: BLE001  (the edge of an attempt: whatever passed it would keep slot and lease for ever)
        ending = _ending_of(error, attempt)
    attempt.is_performing = False
    if desk.on_job_end is not None and attempt.ctx:
        await call_hook(desk.on_job_end, attempt)
    settle(attempt, desk, ending)


def load(attempt: Attempt, desk: Desk) -> Attempt:
    """Reads the payload, finds the function and binds the arguments."""
    try:
        payload = jsontext.loads(attempt.text)
        attempt.payload, attempt.args = payload, payload["a"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadArguments(f"the task's payload cannot be read: {error!r}") from None
    if attempt.stop_reason is not None:
        raise Stopped
    entry = desk.catalogue.get(payload["f"])
    if entry is None:
        raise UnknownHere(payload["f"])
    attempt.entry = entry
    attempt.positional, attempt.named = entry.signature.bind(attempt.args)
    return attempt


async def start(attempt: Attempt, desk: Desk) -> Attempt:
    """Sets the bounds on its time, makes its context and calls the hook."""
    now, payload = desk.now_ms(), attempt.payload
    attempt.is_performing = attempt.has_begun = True
    timeout_ms, deadline_at = payload.get("t"), payload.get("d")
    if timeout_ms is not None:
        _bound(attempt, desk, timeout_ms / 1000, AttemptOutcome.TIMED_OUT)
    if deadline_at is not None and payload.get("o") != "F":
        _bound(attempt, desk, max(deadline_at - now, 0) / 1000, AttemptOutcome.EXPIRED)
    handle = TaskHandle(attempt, desk)
    speaking.set(handle)  # in the context of this run; its thread gets a copy
    attempt.ctx = ctx = {
        **desk.ctx,
        "task": handle,
        "job_id": attempt.id,
        "job_try": attempt.number,
        "enqueue_time": datetime.fromtimestamp(payload["c"] / 1000, UTC),
        "score": now,
    }
    if desk.on_job_start is not None:
        await desk.on_job_start(ctx)
    return attempt


async def perform(attempt: Attempt, desk: Desk) -> Ending:
    """Calls the function where it is to run."""
    result = await desk.execute(attempt)
    # It may have swallowed its cancellation. When it was to be given back a result is worth keeping; else it is not.
    if attempt.stop_reason is not None and attempt.stop_reason is not AttemptOutcome.RELEASED:
        raise Stopped
    return Ending(AttemptOutcome.SUCCEEDED, result)


def settle(attempt: Attempt, desk: Desk, ending: Ending) -> None:
    """Tells the ending, unless that is done, and frees the slot when no work is left."""
    conclude(attempt, desk, ending)
    if attempt.work_left is None or attempt.work_left.done():
        desk.is_free(attempt)
    else:
        attempt.work_left.add_done_callback(lambda _: desk.is_free(attempt))


def conclude(attempt: Attempt, desk: Desk, ending: Ending) -> None:
    """Makes the settlement, once. A lost attempt has none: its lease is somebody else's by now."""
    if attempt.is_concluded:
        return
    attempt.is_concluded = True
    attempt.ending = ending
    for timer in attempt.timers:
        timer.cancel()
    outcome, at = ending.outcome, desk.now_ms()
    if outcome is AttemptOutcome.SUCCEEDED:
        attempt.settlement = succeeded(
            attempt.id, attempt.number, attempt.lease, attempt.used, at, ending.result or "null"
        )
    elif outcome is not AttemptOutcome.LOST:
        attempt.settlement = settlement(
            attempt.id,
            attempt.number,
            attempt.lease,
            attempt.used,
            at,
            ending,
            attempt.payload,
            is_begun=attempt.has_begun,
        )
    desk.concluded(attempt)


async def call_hook(hook: StartupShutdown, attempt: Attempt) -> None:
    """Calls a hook whose failure changes nothing any more; it is logged."""
    try:
        await hook(attempt.ctx or {})
    except Exception as error:  # noqa: BLE001  (the edge of an attempt)
        # Not its message, which may hold an argument; where it was raised leads to it.
        frames = traceback.extract_tb(error.__traceback__)
        at = f"{frames[-1].filename}:{frames[-1].lineno}"
        name = getattr(hook, "__name__", "?")
        log.error("a hook failed", hook=name, task_id=attempt.id, error=type(error).__name__, at=at)


def report(attempt: Attempt, desk: Desk, *, is_taken: bool) -> None:
    """Counts and logs an attempt that is settled; `is_taken` False: its lease was no longer ours."""
    desk.counted(attempt, is_taken=is_taken)
    ending = attempt.ending
    if ending is None or (is_taken and ending.outcome is AttemptOutcome.SUCCEEDED):
        return
    name = attempt.entry.name if attempt.entry else attempt.payload.get("f")
    if not is_taken and ending.outcome is not AttemptOutcome.CANCELLED:
        log.warning("outcome refused: the lease had ended", task_id=attempt.id, function=name, outcome=ending.outcome)
        return
    kind = (ending.error or {}).get("type")
    log.info(
        "attempt ended", task_id=attempt.id, function=name, number=attempt.number, outcome=ending.outcome, error=kind
    )


def _bound(attempt: Attempt, desk: Desk, seconds: float, reason: AttemptOutcome) -> None:
    attempt.timers += (desk.loop.call_later(seconds, attempt.stop, reason, desk),)
    give_up_at = time.monotonic() + seconds
    attempt.give_up_at = give_up_at if attempt.give_up_at is None else min(attempt.give_up_at, give_up_at)


def _ending_of(error: BaseException, attempt: Attempt) -> Ending:
    if attempt.stop_reason is not None and attempt.payload:
        return stopped(attempt.stop_reason, attempt.payload.get("t"))
    if isinstance(error, UnknownHere):
        return _unknown(error)
    return failure(error)


def _unknown(error: UnknownHere) -> Ending:
    """It goes back at once, into the line of its function, from which only workers take that have it."""
    body = ErrorBody(type="UnknownFunction", message=f"This worker has no function {str(error)!r}.")
    return Ending(AttemptOutcome.RELEASED, error=body, is_known=False)
