"""Pausing and resuming queues: SQL first, then Redis."""

from rota.broker.client import REDIS_GONE
from rota.domain.access import Viewer, may_operate
from rota.domain.errors import NotAllowed, NotFound
from rota.domain.events import Change
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
