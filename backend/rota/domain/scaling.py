"""How many workers a pool should have: by the wait that is to be expected, within bounds, without flapping."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rota.domain.forecast import about

# Run times that nobody has measured yet are taken as this long, or as long as those that run have run so far.
UNKNOWN_MS = 1_000
# One fewer suffices only while its slots would be at most this busy: else the backlog would bring it back.
ROOM = 0.85
# A pool grows at most to twice its size in one step, and by this many if it is small.
STEP = 4


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a pool allows. `target_ms` is how long a ready task should wait at most."""

    least: int
    most: int
    slots: int  # of one worker
    target_ms: int
    # So long one worker fewer must have sufficed before one goes, and then again for the next.
    quiet_ms: int = 30_000


class QueueLoad(NamedTuple):
    """What waits in a queue of the pool: ready tasks and those in lanes. `other_slots` belong to other workers that take from it.

    `mean_ms` is how long one runs, None where nothing of it has been measured; `so_far_ms` is then how long those that
    run have run so far, on average.
    """

    waiting: int
    mean_ms: float | None
    other_slots: int = 0
    so_far_ms: float = 0

    @property
    def run_ms(self) -> float:
        """How long one is taken to run: what was measured, else what is assumed."""
        return self.mean_ms or max(self.so_far_ms, UNKNOWN_MS)


class Load(NamedTuple):
    """What there is to do. `running` counts what the pool's own workers run.

    `has_started`: something in its queues has been started since the last look, however soon it ended.
    """

    queues: Sequence[QueueLoad]
    running: int
    has_started: bool = False

    @property
    def waiting(self) -> int:
        return sum(queue.waiting for queue in self.queues)

    @property
    def assumed_ms(self) -> float:
        """The longest run time that had to be assumed; 0 where all of them are known."""
        return max((queue.run_ms for queue in self.queues if queue.waiting and not queue.mean_ms), default=0)


class Calm(NamedTuple):
    """What hysteresis remembers: since when one worker fewer would do (None: it would not), and how busy slots were on average."""

    since: int | None = None
    busy: float = 0.0
    at: int = 0


class Decision(NamedTuple):
    """The size from now on. `reason` is empty where nothing changes."""

    size: int
    reason: str
    calm: Calm


def decide(bounds: Bounds, load: Load, size: int, calm: Calm, now: int) -> Decision:
    """The size that a pool of this size should have now (ms since the epoch). Call it about once a second.

    It grows at once, as far as the expected wait asks for. It shrinks by one when that would have sufficed for `quiet_ms`.
    """
    calm = calm._replace(busy=_mean_busy(bounds, calm, load.running, now), at=now)
    bounded = min(max(size, bounds.least), bounds.most)
    if bounded != size:
        return Decision(bounded, _bound_words(bounds, size), calm._replace(since=None))
    wanted = min(needed(bounds, load, size), size + max(size, STEP), bounds.most)
    if wanted > size:
        return Decision(wanted, _growth_words(bounds, load, size, wanted), calm._replace(since=None))
    if size == bounds.least or not _would_do(bounds, load, size - 1, calm):
        return Decision(size, "", calm._replace(since=None))
    if calm.since is None:
        return Decision(size, "", calm._replace(since=now))
    if now - calm.since < bounds.quiet_ms:
        return Decision(size, "", calm)
    return Decision(size - 1, _rest_words(bounds, size, calm), calm._replace(since=now))


def needed(bounds: Bounds, load: Load, size: int) -> int:
    """How many workers it takes, at this size, for what waits to start within the target; at least as many as there are where they do not suffice.

    A free slot takes a waiting task at once, and there is no use for more slots than tasks.
    """
    slots = size * bounds.slots
    if load.waiting == 0 or (0 < load.waiting <= slots - load.running):
        return 0
    lacking = sum(_lacking(queue, bounds.target_ms) for queue in load.queues)
    wanted = math.ceil(min(lacking, load.running + load.waiting) / bounds.slots)
    if size == 0 and any(queue.waiting and not queue.other_slots for queue in load.queues):
        wanted = max(wanted, 1)
    return wanted


def expected_wait_ms(load: Load, slots: int) -> float:
    """How long the last task of the slowest queue should wait with so many slots of the pool; infinite without any."""
    return max(
        (_work_ms(queue) / _or_none(slots + queue.other_slots) for queue in load.queues if queue.waiting), default=0
    )


def _or_none(slots: int) -> float:
    return float(slots) if slots else 1e-12


def _work_ms(queue: QueueLoad) -> float:
    return queue.waiting * queue.run_ms


def _lacking(queue: QueueLoad, target_ms: int) -> float:
    """Slots of the pool that a queue needs so that what waits in it starts within the target."""
    return max(_work_ms(queue) / target_ms - queue.other_slots, 0.0)


def _would_do(bounds: Bounds, load: Load, size: int, calm: Calm) -> bool:
    """Whether so many workers would be enough for what there is, with room to spare."""
    if size == 0:
        return not (load.waiting or load.running or load.has_started)
    return needed(bounds, load, size) <= size and calm.busy <= ROOM * size * bounds.slots


def _mean_busy(bounds: Bounds, calm: Calm, running: int, now: int) -> float:
    """The mean of what ran, over about half the quiet period."""
    passed = now - calm.at if calm.at else bounds.quiet_ms
    return calm.busy + (running - calm.busy) * passed / (passed + bounds.quiet_ms / 2)


def _growth_words(bounds: Bounds, load: Load, size: int, wanted: int) -> str:
    tasks = "A task waits" if load.waiting == 1 else f"{load.waiting:,} tasks wait"
    assumed = about(round(load.assumed_ms))[6:]
    guess = f" How long they run is not known yet; {assumed} each is assumed." if load.assumed_ms else ""
    if size == 0:
        return f"{tasks} and there is no worker.{guess}"
    wait = about(int(expected_wait_ms(load, size * bounds.slots)))
    held = f" {bounds.most} is the maximum." if wanted == bounds.most else ""
    return (
        f"{tasks} {wait} for {size * bounds.slots:,} slots; {about(bounds.target_ms)[6:]} is the target.{guess}{held}"
    )


def _rest_words(bounds: Bounds, size: int, calm: Calm) -> str:
    quiet = about(bounds.quiet_ms)[6:]
    if size == 1:
        return f"For {quiet} nothing has waited or run."
    return f"For {quiet} one worker fewer would have done: {calm.busy:.1f} of {size * bounds.slots:,} slots were busy."


def _bound_words(bounds: Bounds, size: int) -> str:
    if size < bounds.least:
        return f"At least {bounds.least} {_workers(bounds.least)} wanted."
    return f"At most {bounds.most} {_workers(bounds.most)} allowed."


def _workers(count: int) -> str:
    return "worker is" if count == 1 else "workers are"
