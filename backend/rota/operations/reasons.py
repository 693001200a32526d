"""What waits in each queue, by the reason: from counters and a few numbers of Redis, never by asking task after task."""

from collections.abc import Sequence

from rota import jsontext
from rota.domain.limits import QUEUE_LIMIT
from rota.domain.states import TaskStatus
from rota.operations.glance import glance
from rota.operations.metrics import Counts
from rota.operations.platform import Platform
from rota.store import limits, workers
from rota.store.models import Limit, Queue

Reasons = list[tuple[str, int]]  # a reason of WaitReason, and how many wait for it


async def reasons_of(platform: Platform, queues: Sequence[Queue], counts: Counts) -> list[Reasons]:
    """For each queue why how many wait; reasons for which nobody waits are left out."""
    async with platform.database.read() as db:
        bounds = await limits.all_limits(db)
        here = [worker for worker in await workers.here(db) if worker.status == "ONLINE"]
    takers = {queue.name: set[str]() for queue in queues}
    for worker in here:
        for name in takers.keys() & set(jsontext.loads(worker.queues)):
            takers[name].add(worker.id)
    return [await _reasons(platform, queue, counts, bounds, takers[queue.name]) for queue in queues]


async def _reasons(
    platform: Platform, queue: Queue, counts: Counts, bounds: Sequence[Limit], takers: set[str]
) -> Reasons:
    amounts = counts.by_status(queue.name)
    mine = [limit for limit in bounds if limit.queue == queue.name]
    queued = amounts[TaskStatus.QUEUED]
    found: Reasons = []
    if queue.is_paused:
        found.append(("QUEUE_PAUSED", queued))
    elif not takers:
        found.append(("NO_WORKER", queued))
    elif queued:
        held = await _held(platform, queue.name, mine, queued) if mine else 0
        undone = min(await _undone(platform, queue.name, takers), queued - held)
        found += [("ALL_BUSY", queued - held - undone), ("LIMIT", held), ("NO_WORKER", undone)]
    found += [
        ("IN_LANE", amounts[TaskStatus.ASSIGNED]),
        ("NOT_BEFORE", amounts[TaskStatus.SCHEDULED]),
        ("DEPENDENCY", amounts[TaskStatus.BLOCKED]),
    ]
    return [(reason, amount) for reason, amount in found if amount > 0]


async def _held(platform: Platform, queue: str, mine: Sequence[Limit], queued: int) -> int:
    """How many of those in line a limit holds back: what is not on offer, or all where the queue's own limit is reached."""
    running: dict[str, int] = {}
    ready = queued
    async with glance("what limits hold back is unknown while Redis is away", queue=queue):
        running = await platform.broker.counts(queue)
        ready = await platform.broker.ready_count(queue)
    own = next((limit.max_running for limit in mine if limit.function is None), None)
    if own is not None and running.get(QUEUE_LIMIT, 0) >= own:
        return queued
    return min(queued, max(0, queued - ready)) if any(limit.function is not None for limit in mine) else 0


async def _undone(platform: Platform, queue: str, takers: set[str]) -> int:
    """How many of those on offer have a function that no worker has which takes from the queue."""
    offers: dict[str, set[str]] | None = None
    ready: dict[str, int] = {}
    async with glance("what no worker can do is unknown while Redis is away", queue=queue):
        offers = await platform.broker.offers(queue)
        if offers is not None:
            ready = await platform.broker.ready_by_function(queue)
    # Of a worker that has not told it is not known what it lacks.
    if offers is None or not takers <= offers.keys():
        return 0
    had = set[str]().union(*(offers[worker] for worker in takers))
    return sum(amount for function, amount in ready.items() if function and function not in had)
