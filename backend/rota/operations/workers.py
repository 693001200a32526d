"""Asking workers to pause, to go on, or to finish and end; and how full their lanes are."""

from collections.abc import Awaitable, Sequence

from rota.broker.client import REDIS_GONE
from rota.domain.access import Viewer, may_operate
from rota.domain.errors import Conflict, NotAllowed, NotFound
from rota.domain.events import Change
from rota.logs import get_logger
from rota.operations.glance import glance
from rota.operations.platform import Platform
from rota.store import workers as store
from rota.store.models import Worker

log = get_logger(__name__)

ONLINE, PAUSED, DRAINING = store.HERE


async def want(platform: Platform, viewer: Viewer, worker_id: str, desired: str) -> Worker:
    """Sets the state that a worker should take; it takes it with its next sign of life, at the latest.

    `desired` is ONLINE, PAUSED or DRAINING. Raises NotAllowed, NotFound, or Conflict where the worker has ended, is
    about to, or cannot be reached.
    """
    worker = await _reachable(platform, viewer, worker_id)
    if worker.status == DRAINING and desired != DRAINING:
        raise Conflict("The worker is finishing what it runs and then ends; that cannot be called off.", ("id",))
    await _told(platform, worker_id, platform.workers.want(worker_id, desired))
    return worker


async def set_stealing(platform: Platform, viewer: Viewer, worker_id: str, stealing: bool) -> Worker:
    """Sets whether a worker takes from others' lanes when it is idle, with its next sign of life and until it ends.

    Raises as `want`.
    """
    worker = await _reachable(platform, viewer, worker_id)
    await _told(platform, worker_id, platform.workers.want_stealing(worker_id, stealing))
    return worker


async def _reachable(platform: Platform, viewer: Viewer, worker_id: str) -> Worker:
    if not may_operate(viewer):
        raise NotAllowed("Only administrators pause, resume, change and stop workers.")
    async with platform.database.read() as db:
        worker = await store.get(db, worker_id)
    if worker is None:
        raise NotFound(f"There is no worker {worker_id}.", ("id",))
    if worker.status not in store.HERE:
        raise Conflict(f"The worker has ended already; it is {worker.status}.", ("id",))
    return worker


async def _told(platform: Platform, worker_id: str, telling: Awaitable[None]) -> None:
    try:
        await telling
    except REDIS_GONE as error:
        log.warning("worker was not told", worker_id=worker_id, error=str(error))
        raise Conflict("Workers cannot be reached while Redis is away; try again shortly.") from error
    platform.announcer.tell(Change(workers=True))


async def lane_counts(platform: Platform, asked: Sequence[tuple[str, Sequence[str]]]) -> list[int]:
    """How many tasks are in the lanes of each (worker, queues); zeros while Redis is away."""
    lanes = [(queue, worker) for worker, queues in asked for queue in queues]
    sizes: dict[tuple[str, str], int] = {}
    async with glance("lanes are unknown while Redis is away"):
        sizes = dict(zip(lanes, await platform.broker.lane_sizes(lanes), strict=True))
    return [sum(sizes.get((queue, worker), 0) for queue in queues) for worker, queues in asked]
