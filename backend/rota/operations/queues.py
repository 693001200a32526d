"""Pausing and resuming queues and their strategies, SQL first, then Redis; and how long they keep what has ended."""

from rota.broker.client import REDIS_GONE
from rota.domain.access import Viewer, may_operate
from rota.domain.errors import NotAllowed, NotFound
from rota.domain.events import Change
from rota.domain.hints import there_is_no
from rota.domain.limits import rule, rule_name
from rota.domain.retention import retention_ms
from rota.logs import get_logger
from rota.operations.platform import Platform
from rota.store import limits
from rota.store import queues as store
from rota.store.database import Connection
from rota.store.models import Queue

log = get_logger(__name__)


async def set_paused(platform: Platform, viewer: Viewer, name: str, is_paused: bool) -> Queue:
    """Pauses or resumes a queue; what runs goes on. Raises NotAllowed or NotFound."""
    if not may_operate(viewer):
        raise NotAllowed("Only administrators pause and resume queues.")
    async with platform.database.transaction() as db:
        await store.set_paused(db, name, is_paused)
        queue = await named(db, name, ("name",))
    await tell_redis(platform, name)
    platform.announcer.tell(Change(queues=True))
    return queue


async def set_strategy(platform: Platform, viewer: Viewer, name: str, strategy: str) -> Queue:
    """Sets how a queue's tasks find their workers; what is in lanes is dealt anew. Raises NotAllowed or NotFound."""
    if not may_operate(viewer):
        raise NotAllowed("Only administrators set a queue's strategy.")
    async with platform.database.transaction() as db:
        await store.set_strategy(db, name, strategy)
        queue = await named(db, name, ("name",))
    log.info("strategy set", queue=name, strategy=strategy, user=viewer.username)
    await tell_redis(platform, name)
    platform.announcer.tell(Change(queues=True))
    return queue


async def named(db: Connection, name: str, path: tuple[str, ...]) -> Queue:
    """A queue by its name. Raises NotFound, at `path`, with the names there are."""
    queue = await store.get(db, name)
    if queue is None:
        known = (one.name for one in await store.all_queues(db))
        raise NotFound(there_is_no("queue", name, known), path)
    return queue


async def tell_redis(platform: Platform, name: str) -> None:
    """Tells Redis all that SQL says of a queue: whether it is paused, its strategy, its limits. Raises nothing."""
    try:
        wrong = await configure(platform, name)
    except REDIS_GONE as error:
        log.warning("queue is set when Redis is back", queue=name, error=str(error))
    else:
        if wrong:
            log.warning("counts of what runs were wrong and are mended", queue=name, counts=wrong)


async def configure(platform: Platform, name: str) -> int:
    """The same, and raises what redis-py raises. Returns how many counts of what runs were wrong."""
    # Read only now: what was read earlier might undo a change that came in between.
    async with platform.database.read() as db:
        queue = await store.get(db, name)
        rules = await limits.of_queue(db, name)
    if queue is None:
        return 0
    return await platform.broker.configure(
        name,
        is_paused=queue.is_paused,
        strategy=queue.strategy,
        limits={
            rule_name(one.function, per_key=one.per_key): rule(one.max_running, one.max_starts, one.period_ms)
            for one in rules
        },
    )


async def set_retention(platform: Platform, viewer: Viewer, name: str, days: float | None) -> Queue:
    """Sets how long a queue keeps what has ended; None: as the settings say. Raises NotAllowed, Invalid or NotFound."""
    if not may_operate(viewer):
        raise NotAllowed("Only administrators say how long a queue keeps its tasks.")
    kept_ms = retention_ms(days)
    async with platform.database.transaction() as db:
        await store.set_retention(db, name, kept_ms)
        queue = await named(db, name, ("name",))
    log.info("retention set", queue=name, days=days, user=viewer.username)
    platform.announcer.tell(Change(queues=True))
    return queue
