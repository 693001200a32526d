"""Pools: started, changed and stopped by administrators. The autoscaler sizes them, supervisors run them."""

from collections.abc import Iterable
from typing import Any

from rota import ids, jsontext
from rota.broker.pools import Share
from rota.domain import pools as rules
from rota.domain.access import Viewer, may_operate
from rota.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from rota.domain.events import Change
from rota.domain.hints import there_is_no
from rota.domain.pools import NewPool, Size
from rota.logs import get_logger
from rota.operations.platform import Platform
from rota.store import pools as store
from rota.store import queues, workers
from rota.store.database import Connection
from rota.store.models import Pool, ScalingDecision

log = get_logger(__name__)
MOST_STAYS = 1_000
MOST_SIZES = 500

_WISHED = ("slots_per_worker", "min_workers", "max_workers", "stealing", "target_wait_ms", "dry_run")


async def start(platform: Platform, viewer: Viewer, wish: NewPool) -> Pool:
    """A new pool, or a stopped one of this name again. Raises NotAllowed, Invalid or Conflict.

    It begins with its minimum of workers. Where no supervisor has room for them, its decisions say so.
    """
    _check_viewer(viewer)
    rules.check(wish)
    now = platform.clock.now_ms()
    async with platform.database.transaction() as db:
        await _check_queues(db, wish.queues or ())
        known = await store.all_pools(db)
        name = wish.name or _free_name(pool.name for pool in known)
        old = next((pool for pool in known if pool.name == name), None)
        if old is not None and old.stopped_at is None:
            raise store.name_taken(name)
        if sum(pool.stopped_at is None for pool in known) >= rules.MOST_POOLS:
            raise Conflict(f"There are {rules.MOST_POOLS} pools, which is as many as there may be; stop one first.")
        values = {**_columns(wish), "name": name, **_sized(wish.min_workers)}
        pool_id = old.id if old is not None else ids.new_id(ids.POOL)
        if old is None:
            await store.create(db, Pool(id=pool_id, created_at=now, version=1, served="[]", **values))
        elif not await store.change(db, old.id, old.version, values):
            raise _changed_meanwhile()
        words = f"Started by {viewer.username} with {_between(wish.min_workers, wish.max_workers)}."
        await store.add_decision(db, pool_id, now, (0, wish.min_workers), words)
    return await _told(platform, viewer, pool_id, "pool started")


async def update(platform: Platform, viewer: Viewer, pool_id: str, wish: NewPool) -> Pool:
    """Changes a pool; without a name or queues it keeps its own. Raises NotAllowed, NotFound, Invalid or Conflict.

    Its size is within the new bounds at once. Workers whose slots, queues or stealing change are replaced: they finish
    what they run.
    """
    _check_viewer(viewer)
    rules.check(wish)
    now = platform.clock.now_ms()
    async with platform.database.transaction() as db:
        pool = await _found(db, pool_id)
        if pool.stopped_at is not None:
            raise Conflict(f"The pool is stopped; startPool with the name {pool.name!r} starts it again.", ("id",))
        await _check_queues(db, wish.queues or ())
        await _check_name(db, pool, wish.name)
        size = min(max(pool.desired_workers, wish.min_workers), wish.max_workers)
        values = {**_columns(wish), "name": wish.name or pool.name, **_sized(size)}
        if size == pool.desired_workers:
            # Nothing newer is told here, so what is wrong still is the last word, until the autoscaler takes it back.
            values["trouble"] = pool.trouble
        if wish.queues is None:
            values["queues"] = pool.queues
        if not await store.change(db, pool_id, pool.version, values):
            raise _changed_meanwhile()
        if size != pool.desired_workers:
            words = f"{viewer.username} allows {_between(wish.min_workers, wish.max_workers)}."
            await store.add_decision(db, pool_id, now, (pool.desired_workers, size), words)
    return await _told(platform, viewer, pool_id, "pool changed")


async def stop(platform: Platform, viewer: Viewer, pool_id: str) -> Pool:
    """Lets its workers finish what they run, then ends them. Raises NotAllowed, NotFound or Conflict."""
    _check_viewer(viewer)
    now = platform.clock.now_ms()
    async with platform.database.transaction() as db:
        pool = await _found(db, pool_id)
        if pool.stopped_at is not None:
            return pool
        if not await store.change(db, pool_id, pool.version, {**_sized(0), "stopped_at": now}):
            raise _changed_meanwhile()
        await store.add_decision(db, pool_id, now, (pool.desired_workers, 0), f"Stopped by {viewer.username}.")
    return await _told(platform, viewer, pool_id, "pool stopped")


async def ensure_default(platform: Platform, workers: int, slots: int) -> list[Pool]:
    """Makes the pool of `rota up`, which has all queues; while nobody has changed it, it follows the settings.

    Returns all pools that are not stopped.
    """
    now = platform.clock.now_ms()
    values = {"min_workers": workers, "max_workers": workers, "slots_per_worker": slots, **_sized(workers)}
    # What was wrong when it ended is the autoscaler's to take back: it tells so.
    del values["trouble"]
    async with platform.database.transaction() as db:
        pool = await store.named(db, rules.DEFAULT_POOL)
        if pool is None:
            wish = {**_columns(NewPool()), "name": rules.DEFAULT_POOL, **values}
            await store.create(db, Pool(id=ids.new_id(ids.POOL), created_at=now, version=1, served="[]", **wish))
        elif pool.version == 1:
            await store.note(db, pool, values)
        return await store.running(db)


async def listed(platform: Platform, viewer: Viewer) -> list[Pool]:
    """All pools, those that are stopped last. Raises NotAllowed."""
    _check_viewer(viewer)
    async with platform.database.read() as db:
        return sorted(await store.all_pools(db), key=lambda pool: pool.stopped_at is not None)


async def get(platform: Platform, viewer: Viewer, pool_id: str) -> Pool:
    """One pool. Raises NotAllowed or NotFound."""
    _check_viewer(viewer)
    async with platform.database.read() as db:
        return await _found(db, pool_id)


async def decisions_of(platform: Platform, pool_id: str, first: int) -> list[ScalingDecision]:
    """A pool's newest decisions, the newest first; the newest 200 are kept."""
    async with platform.database.read() as db:
        return await store.decisions_of(db, pool_id, first)


async def sizes_of(platform: Platform, pool_id: str, seconds: int) -> list[Size]:
    """How many workers a pool should have had and had, in the last seconds; a step for each change, the oldest first."""
    now = platform.clock.now_ms()
    since = now - seconds * 1000
    async with platform.database.read() as db:
        pool = await store.get(db, pool_id)
        decisions = await store.decisions_of(db, pool_id, store.KEPT_DECISIONS)
        stays = await workers.stays(db, pool_id, since, MOST_STAYS)
    if pool is None:
        return []
    wishes = [(one.at, one.size_from, one.size_to) for one in reversed(decisions) if not one.is_dry_run]
    return rules.sizes(since, now, wishes, pool.desired_workers, stays)[-MOST_SIZES:]


def queues_of(pool: Pool) -> list[str]:
    """The queues that a pool's workers take from, as far as they are known."""
    named: list[str] = jsontext.loads(pool.queues)
    served: list[str] = jsontext.loads(pool.served)
    return named or served


def share_of(pool: Pool, workers: int) -> Share:
    """What a supervisor is told of a pool."""
    named = tuple(jsontext.loads(pool.queues))
    return Share(pool.id, pool.name, named, pool.slots_per_worker, pool.stealing, workers)


def _check_viewer(viewer: Viewer) -> None:
    if not may_operate(viewer):
        raise NotAllowed("Pools are for administrators.")


async def _check_queues(db: Connection, wanted: Iterable[str]) -> None:
    kinds = {queue.name: queue.kind for queue in await queues.all_queues(db)}
    for name in wanted:
        if name not in kinds:
            raise Invalid(there_is_no("queue", name, kinds), ("queues",))
        if kinds[name] != "POOL":
            raise Invalid(f"The queue {name!r} is not for workers of pools.", ("queues",))


async def _check_name(db: Connection, pool: Pool, name: str | None) -> None:
    if name is None or name == pool.name:
        return
    if pool.name == rules.DEFAULT_POOL:
        raise Invalid(f"The pool {pool.name!r} keeps its name: rota up knows it by that.", ("name",))
    if await store.named(db, name) is not None:
        raise store.name_taken(name)


async def _found(db: Connection, pool_id: str) -> Pool:
    pool = await store.get(db, pool_id)
    if pool is None:
        raise NotFound(f"There is no pool {pool_id}.", ("id",))
    return pool


async def _told(platform: Platform, viewer: Viewer, pool_id: str, what: str) -> Pool:
    log.info(what, pool_id=pool_id, user=viewer.username)
    platform.announcer.tell(Change(workers=True))
    async with platform.database.read() as db:
        return await _found(db, pool_id)


def _columns(wish: NewPool) -> dict[str, Any]:
    named = jsontext.dumps(list(dict.fromkeys(wish.queues or ())))
    return {**{name: getattr(wish, name) for name in _WISHED}, "queues": named, "stopped_at": None}


def _sized(size: int) -> dict[str, Any]:
    return {"desired_workers": size, "advised_workers": size, "trouble": None}


def _free_name(taken: Iterable[str]) -> str:
    names = set(taken)
    return next(name for number in range(1, len(names) + 2) if (name := f"pool-{number}") not in names)


def _between(least: int, most: int) -> str:
    if least == most:
        return "1 worker" if most == 1 else f"{most} workers"
    return f"{least} to {most} workers"


def _changed_meanwhile() -> Conflict:
    return Conflict("Somebody else changes this pool at the same moment; try again.", ("id",))
