"""Pausing and resuming queues, SQL first, then Redis; and how long they keep what has ended."""

from rota.broker.client import REDIS_GONE
from rota.domain.access import Viewer, may_operate
from rota.domain.errors import NotAllowed, NotFound
from rota.domain.events import Change
from rota.domain.retention import retention_ms
from rota.logs import get_logger
from rota.operations.platform import Platform
from rota.store import queues as store
from rota.store.models import Queue

log = get_logger(__name__)


async def set_paused(platform: Platform, viewer: Viewer, name: str, is_paused: bool) -> Queue:
    """Pauses or resumes a queue; what runs goes on. Raises NotAllowed or NotFound."""
    if not may_operate(viewer):
        raise NotAllowed("Only administrators pause and resume queues.")
    async with platform.database.transaction() as db:
        await store.set_paused(db, name, is_paused)
        queue = await store.get(db, name)
        if queue is None:
            raise NotFound(f"There is no queue {name!r}.", ("name",))
    try:
        await platform.broker.configure(name, is_paused=is_paused)
    except REDIS_GONE as error:
        log.warning("queue is set when Redis is back", queue=name, error=str(error))
    platform.announcer.tell(Change(queues=True))
    return queue


async def set_retention(platform: Platform, viewer: Viewer, name: str, days: float | None) -> Queue:
    """Sets how long a queue keeps what has ended; None: as the settings say. Raises NotAllowed, Invalid or NotFound."""
    if not may_operate(viewer):
        raise NotAllowed("Only administrators say how long a queue keeps its tasks.")
    kept_ms = retention_ms(days)
    async with platform.database.transaction() as db:
        await store.set_retention(db, name, kept_ms)
        queue = await store.get(db, name)
        if queue is None:
            raise NotFound(f"There is no queue {name!r}.", ("name",))
    log.info("retention set", queue=name, days=days, user=viewer.username)
    platform.announcer.tell(Change(queues=True))
    return queue
