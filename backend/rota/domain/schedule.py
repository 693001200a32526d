"""A schedule as a client hands it in, what is allowed in it, and which of its ticks are due."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rota.domain.errors import Invalid
from rota.domain.tasks import FAR_FUTURE_MS, NewTask

MAX_NAME = 100  # characters
MAX_PER_OWNER = 100
MOST_MISSED = 100  # missed ticks that are caught up with, the newest of them
MINUTE_MS = 60_000
# A tick that comes up to this late was not missed: a new leader or a restart took its time.
ON_TIME_MS = MINUTE_MS

Ticks = Callable[[int], Iterator[int]]  # the ticks after an instant, in order, ms since the epoch


@dataclass(frozen=True, slots=True)
class NewSchedule:
    """A client's wish. What it says of the task is as in NewTask, but for `deadline_ms`: so long after it is made."""

    name: str
    cron: str
    function: str
    timezone: str = "UTC"
    args: dict[str, Any] = field(default_factory=dict)
    title: str | None = None
    queue: str | None = None
    priority: int | None = None
    deadline_ms: int | None = None
    on_deadline: str = "CANCEL"
    timeout_ms: int | None = None
    max_attempts: int | None = None
    tags: tuple[str, ...] = ()
    catch_up: bool = False
    limit_key: str | None = None

    def task(self, now: int, idempotency_key: str | None = None) -> NewTask:
        """The task that it makes now."""
        return NewTask(
            function=self.function,
            title=self.title or self.name,
            args=self.args,
            queue=self.queue,
            priority=self.priority,
            deadline_at=None if self.deadline_ms is None else now + self.deadline_ms,
            on_deadline=self.on_deadline,
            timeout_ms=self.timeout_ms,
            max_attempts=self.max_attempts,
            idempotency_key=idempotency_key,
            tags=self.tags,
            limit_key=self.limit_key,
        )


def check(wish: NewSchedule) -> None:
    """Raises Invalid where the schedule's own fields break a rule; those of its task are checked with the task."""
    if not wish.name.strip():
        raise Invalid("name must not be blank.", ("name",))
    if len(wish.name) > MAX_NAME:
        raise Invalid(f"name may have at most {MAX_NAME} characters.", ("name",))
    if not wish.name.isprintable():
        raise Invalid("name must not have control characters.", ("name",))
    if wish.deadline_ms is not None and not 1_000 <= wish.deadline_ms <= FAR_FUTURE_MS:
        raise Invalid("deadlineSeconds must be at least 1 and at most ten years.", ("deadlineSeconds",))


def key_of(schedule_id: str, tick: int) -> str:
    """The idempotency key of the task of a tick."""
    return f"schedule:{schedule_id}:{tick}"


class Due(NamedTuple):
    """The ticks that make a task now, and the tick after them; None where none lies ahead."""

    ticks: tuple[int, ...]
    next_at: int | None


def due(next_at: int, now: int, ticks: Ticks, *, catch_up: bool) -> Due:
    """What is due of a schedule whose next tick was `next_at`, at or before now.

    With `catch_up` each tick since then makes a task, the newest hundred of them. Without it only one does, the newest,
    and only if it is not missed, that is at most a minute late.
    """
    if next_at > now:
        return Due((), next_at)
    found = _newest(next_at, now, ticks) if catch_up else _on_time(next_at, now, ticks)
    return Due(found, next(ticks(now), None))


def _newest(next_at: int, now: int, ticks: Ticks) -> tuple[int, ...]:
    """The newest ticks up to now, at most a hundred; does not walk through years of minutes to find them."""
    window = MOST_MISSED * MINUTE_MS
    while True:
        start = max(next_at, now - window)
        found = deque(_between(start, now, next_at, ticks), maxlen=MOST_MISSED)
        if start == next_at or len(found) == MOST_MISSED:
            return tuple(found)
        window *= 4


def _on_time(next_at: int, now: int, ticks: Ticks) -> tuple[int, ...]:
    start = max(next_at, now - ON_TIME_MS)
    return tuple(deque(_between(start, now, next_at, ticks), maxlen=1))


def _between(start: int, end: int, next_at: int, ticks: Ticks) -> Iterator[int]:
    """The ticks from start to end. What was promised as the next tick is one, whatever the line says by now."""
    if start == next_at:
        yield next_at
    for tick in ticks(start if start == next_at else start - 1):
        if tick > end:
            return
        yield tick
