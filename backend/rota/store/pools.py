"""Pools, and the decisions that sized them."""

from collections.abc import Mapping
from typing import Any

from tortoise.exceptions import IntegrityError

from rota.domain.errors import Conflict
from rota.store.database import Connection
from rota.store.models import Pool, ScalingDecision

KEPT_DECISIONS = 200  # of each pool, the newest


async def all_pools(db: Connection) -> list[Pool]:
    """All pools, the oldest first; those that are stopped, too."""
    return await Pool.all().using_db(db.client).order_by("created_at", "id")


async def running(db: Connection) -> list[Pool]:
    """The pools that are not stopped, the oldest first."""
    return await Pool.filter(stopped_at=None).using_db(db.client).order_by("created_at", "id")


async def get(db: Connection, pool_id: str) -> Pool | None:
    """One pool."""
    return await Pool.get_or_none(id=pool_id, using_db=db.client)


async def named(db: Connection, name: str) -> Pool | None:
    """The pool of this name."""
    return await Pool.get_or_none(name=name, using_db=db.client)


async def create(db: Connection, pool: Pool) -> None:
    """Adds a pool. Raises Conflict where the name is taken; the transaction is lost then."""
    try:
        await pool.save(using_db=db.client, force_create=True)
    except IntegrityError:
        raise name_taken(pool.name) from None


async def change(db: Connection, pool_id: str, version: int, values: Mapping[str, Any]) -> bool:
    """Writes these columns if nobody changed it since it had this version. Raises Conflict where the name is taken."""
    query = Pool.filter(id=pool_id, version=version).using_db(db.client)
    try:
        return bool(await query.update(**values, version=version + 1))
    except IntegrityError:
        raise name_taken(values["name"]) from None


async def note(db: Connection, pool: Pool, values: Mapping[str, Any]) -> bool:
    """Writes what the autoscaler found, if nobody has changed the pool since it was read."""
    return bool(await Pool.filter(id=pool.id, version=pool.version).using_db(db.client).update(**values))


async def add_decision(
    db: Connection, pool_id: str, at: int, sizes: tuple[int, int], reason: str, *, is_dry_run: bool = False
) -> None:
    """Keeps a decision, and of the pool's older ones the newest."""
    size_from, size_to = sizes
    await ScalingDecision.create(
        using_db=db.client,
        pool_id=pool_id,
        at=at,
        size_from=size_from,
        size_to=size_to,
        reason=reason[:500],
        is_dry_run=is_dry_run,
    )
    await db.run(
        "DELETE FROM scaling_decisions WHERE pool_id = $1 AND id <= "
        "(SELECT id FROM scaling_decisions WHERE pool_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
        pool_id,
        KEPT_DECISIONS,
    )


async def decisions_of(db: Connection, pool_id: str, first: int) -> list[ScalingDecision]:
    """A pool's newest decisions, the newest first."""
    return await ScalingDecision.filter(pool_id=pool_id).using_db(db.client).order_by("-id").limit(first)


async def prune(db: Connection, stopped_before: int, except_name: str) -> int:
    """Forgets pools that were stopped before an instant. Returns how many."""
    return await db.run("DELETE FROM pools WHERE stopped_at < $1 AND name <> $2", stopped_before, except_name)


def name_taken(name: str) -> Conflict:
    """What is raised where another pool has the name."""
    return Conflict(f"There is a pool named {name!r} already.", ("name",))
