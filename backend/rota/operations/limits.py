"""Setting and removing limits: SQL first, then Redis; and how full they are."""

from collections.abc import Sequence
from typing import NamedTuple

from rota.domain import limits as rules
from rota.domain.access import Viewer, may_operate
from rota.domain.errors import NotAllowed, NotFound
from rota.domain.events import Change
from rota.domain.limits import NewLimit
from rota.logs import get_logger
from rota.operations.glance import glance
from rota.operations.platform import Platform
from rota.operations.queues import named, tell_redis
from rota.store import limits as store
from rota.store.models import Limit

log = get_logger(__name__)


class Load(NamedTuple):
    """How many run under a limit and how many it holds back; None for a limit per key, which has many of both."""

    running: int | None
    held_back: int | None


async def put(platform: Platform, viewer: Viewer, wanted: NewLimit) -> Limit:
    """Sets a limit; what waits follows at once. Raises NotAllowed, Invalid, NotFound (queue) or UnknownFunction."""
    _check_rights(viewer)
    rules.check(wanted)
    if wanted.function is not None:
        await platform.catalogue.function(wanted.function)
    async with platform.database.transaction() as db:
        await named(db, wanted.queue, ("queue",))
        limit = await store.get(db, await store.put(db, wanted, platform.clock.now_ms()))
    if limit is None:
        raise NotFound("The limit was removed meanwhile.")
    log.info("limit set", queue=limit.queue, function=limit.function, user=viewer.username)
    await _applied(platform, limit.queue)
    return limit


async def remove(platform: Platform, viewer: Viewer, limit_id: str) -> None:
    """Removes a limit; what it holds back goes on. Raises NotAllowed or NotFound."""
    _check_rights(viewer)
    async with platform.database.transaction() as db:
        limit = await store.get(db, limit_id)
        if limit is None:
            raise NotFound(f"There is no limit {limit_id}.", ("id",))
        await store.remove(db, limit_id)
    log.info("limit removed", queue=limit.queue, function=limit.function, user=viewer.username)
    await _applied(platform, limit.queue)


async def loads(platform: Platform, limits: Sequence[Limit]) -> list[Load]:
    """How full each of these limits is; zeros while Redis is away."""
    found: dict[str, dict[str, int]] = {}
    parked: dict[tuple[str, str], int] = {}
    names = [rules.rule_name(limit.function, per_key=limit.per_key) for limit in limits]
    async with glance("how full limits are is unknown while Redis is away"):
        for queue in {limit.queue for limit in limits}:
            found[queue] = await platform.broker.counts(queue)
            mine = [name for limit, name in zip(limits, names, strict=True) if limit.queue == queue]
            for name, size in zip(mine, await platform.broker.parked_sizes(queue, mine), strict=True):
                parked[queue, name] = size
    return [
        Load(None, None)
        if limit.per_key
        else Load(found.get(limit.queue, {}).get(name, 0), parked.get((limit.queue, name), 0))
        for limit, name in zip(limits, names, strict=True)
    ]


def _check_rights(viewer: Viewer) -> None:
    if not may_operate(viewer):
        raise NotAllowed("Only administrators set and remove limits.")


async def _applied(platform: Platform, queue: str) -> None:
    await tell_redis(platform, queue)
    platform.announcer.tell(Change(queues=True))
