"""The trail: entries are added and pruned, never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rota.store.database import Connection
from rota.store.models import AuditEntry

COLUMNS = {
    "id": "text",
    "at": "bigint",
    "actor_id": "text",
    "actor": "text",
    "action": "text",
    "outcome": "text",
    "targets": "text",
    "amount": "int",
    "address": "text",
    "request_id": "text",
}
# Ids sort by time, so that the primary key leads to the oldest.
_PRUNE = "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE id < $1 ORDER BY id LIMIT $2)"


@dataclass(frozen=True, slots=True)
class TrailQuery:
    """Which entries; what is left out does not matter."""

    actor_id: str | None = None
    actions: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    target: str | None = None
    since: int | None = None
    until: int | None = None
    from_id: str | None = None


async def add(db: Connection, rows: Sequence[Sequence[Any]]) -> None:
    """Adds entries; one that is there already stays."""
    await db.insert("audit", COLUMNS, rows, "ON CONFLICT DO NOTHING")


async def page(db: Connection, wanted: TrailQuery, after: str | None, first: int) -> tuple[list[AuditEntry], bool]:
    """Entries, the newest first, and whether more follow."""
    given: dict[str, Any] = {
        "actor_id": wanted.actor_id,
        "action__in": wanted.actions,
        "outcome__in": wanted.outcomes,
        "targets__contains": None if wanted.target is None else f'"{wanted.target}"',
        "at__gte": wanted.since,
        "at__lt": wanted.until,
        "id__lt": after,
        "id__gte": wanted.from_id,
    }
    query = AuditEntry.filter(**{name: value for name, value in given.items() if value not in (None, ())})
    rows = await query.using_db(db.client).order_by("-id").limit(first + 1)
    return rows[:first], len(rows) > first


async def prune(db: Connection, upto: str, limit: int) -> int:
    """Deletes the oldest entries with ids below one. Returns how many."""
    return await db.run(_PRUNE, upto, limit)
