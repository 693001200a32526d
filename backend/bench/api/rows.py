"""A large table of tasks as a year of use leaves it: most have ended, few wait, some words and tags are common and some rare.

The database makes the rows itself, by one statement that both understand, from numbers mixed so that each run makes the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rota.domain.rank import DEFAULT_LEVEL_MS
from rota.domain.states import FINAL, TaskStatus
from rota.operations.platform import Platform
from rota.store import functions, queues
from rota.store.database import Connection

SPAN_MS = 14 * 24 * 3600 * 1000
USED = {
    TaskStatus.SUCCEEDED: 900,
    TaskStatus.FAILED: 30,
    TaskStatus.CANCELLED: 20,
    TaskStatus.EXPIRED: 10,
    TaskStatus.QUEUED: 35,
    TaskStatus.SCHEDULED: 3,
    TaskStatus.RUNNING: 2,
}
# Nobody has taken anything yet.
WAITING = {TaskStatus.QUEUED: 970, TaskStatus.SCHEDULED: 30}
QUEUES = {"default": 700, "mail": 250, "reports": 50}
FUNCTIONS = {"resize": 600, "send_mail": 300, "render_report": 90, "audit": 10}
TAGS = {"": 600, "batch": 300, "customer-7": 90, "vip": 10}
PRIORITIES = dict(enumerate((40, 40, 60, 80, 400, 120, 100, 80, 50, 30), 1))
# Of a thousand tasks each of these clients has so many.
OWNERS = (300, 10)
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_PRIME = 2_147_483_647


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which table: how many tasks, how they stand, and the clients that own some."""

    rows: int
    statuses: Mapping[TaskStatus, int]
    owners: tuple[str, ...]


async def do(platform: Platform, wanted: Wanted) -> int:
    """Fills the table where it is empty; the instant of its newest task. Raises RuntimeError where it holds others."""
    async with platform.database.read() as db:
        [[have]] = [list(row.values()) for row in await db.rows("SELECT count(*) AS n FROM tasks")]
    if have == 0:
        await _fill(platform, wanted)
    elif have != wanted.rows:
        raise RuntimeError(f"the kept table has {have:,} tasks, not {wanted.rows:,}: remove .data/bench/tables")
    async with platform.database.read() as db:
        [row] = await db.rows("SELECT created_at FROM tasks ORDER BY id DESC LIMIT 1")
    return int(row["created_at"])


async def _fill(platform: Platform, wanted: Wanted) -> None:
    now = platform.clock.now_ms()
    async with platform.database.transaction() as db:
        await queues.ensure(db, list(QUEUES), platform.settings.level_ms, now)
        offer = {"description": "", "args_schema": {"type": "object"}, "default_priority": 5, "max_attempts": 3}
        offers = [{**offer, "name": name, "queue": "default", "executor": "ASYNC"} for name in FUNCTIONS]
        await functions.offer(db, offers, now)
    async with platform.database.transaction() as db:
        indexes = await _without_indexes(db)
        await db.run(_tasks(wanted, now))
        for index in indexes:
            await db.run(index)
        await db.run(
            "INSERT INTO task_tags (tag, task_id) "
            "SELECT substr(tags, 3, length(tags) - 4), id FROM tasks WHERE tags <> '[]' ORDER BY id"
        )
        await db.run(
            "INSERT INTO counters (id, shard, queue, status, priority, amount) SELECT 'bench|' || queue || '|' || status || '|' || priority, "
            "'bench', queue, status, priority, count(*) FROM tasks GROUP BY queue, status, priority"
        )
    async with platform.database.unguarded() as db:
        # As autovacuum would soon, and as Rota does for SQLite when it closes; and all of it is on the disk.
        for statement in ["ANALYZE", "PRAGMA wal_checkpoint"] if db.is_sqlite else ["VACUUM ANALYZE", "CHECKPOINT"]:
            await db.run(statement)


async def _without_indexes(db: Connection) -> list[str]:
    """Drops what is quicker to make at the end; the statements that do."""
    if db.is_sqlite:
        found = await db.rows(
            "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'tasks' AND type = 'index' AND sql IS NOT NULL"
        )
    else:
        found = await db.rows(
            "SELECT i.indexname AS name, i.indexdef AS sql FROM pg_indexes i JOIN pg_class c ON c.relname = i.indexname "
            "JOIN pg_index x ON x.indexrelid = c.oid WHERE i.tablename = 'tasks' AND NOT x.indisprimary AND i.schemaname = current_schema()"
        )
    for row in found:
        await db.run(f"DROP INDEX {row['name']}")
    return [row["sql"] for row in found]


def _tasks(wanted: Wanted, now: int) -> str:
    """The statement that makes them: numbers, then what is drawn for each, then the columns."""
    start, step = now - SPAN_MS, SPAN_MS // wanted.rows
    owners = {"": 1000 - sum(OWNERS[: len(wanted.owners)]), **dict(zip(wanted.owners, OWNERS, strict=False))}
    drawn = {
        "status": _one({status.value: share for status, share in wanted.statuses.items()}, 1),
        "queue": _one(QUEUES, 2),
        "function": _one(FUNCTIONS, 3),
        "tag": _one(TAGS, 4),
        "priority": _one(PRIORITIES, 5),
        "owner": _one(owners, 6),
        "hours": f"(1 + {_mixed(7)} % {SPAN_MS // 3_600_000})",
        "has_deadline": f"({_mixed(8)} % 10 = 0)",
    }
    final = ", ".join(f"'{status.value}'" for status in sorted(FINAL))
    is_over = f"status IN ({final})"
    columns = {
        "id": f"'task_' || {_base32('at', 10)} || {_base32(_high(), 8)} || {_base32(_low(), 8)}",
        "function": "function",
        "title": "upper(substr(function, 1, 1)) || replace(substr(function, 2), '_', ' ') || ' ' || n || ' for customer ' || (n % 5000)",
        "args": """'{"path":"/images/' || n || '.png","user":{"id":' || (n % 50000) || '},"width":' || (n % 1000) || '}'""",
        "queue": "queue",
        "priority": "priority",
        "status": "status",
        "rank": f"at + (10 - priority) * {DEFAULT_LEVEL_MS}",
        "deadline_at": "CASE WHEN has_deadline THEN at + hours * 3600000 END",
        "on_deadline": "'CANCEL'",
        "due_at": f"CASE WHEN status = 'SCHEDULED' THEN at + {2 * SPAN_MS} END",
        "max_attempts": "3",
        "owner_id": "nullif(owner, '')",
        "tags": """CASE WHEN tag = '' THEN '[]' ELSE '["' || tag || '"]' END""",
        "number": f"CASE WHEN {is_over} THEN 1 ELSE 0 END",
        "lease": "1",
        "used": f"CASE WHEN {is_over} THEN 1 ELSE 0 END",
        "deaths": "0",
        "result": """CASE WHEN status = 'SUCCEEDED' THEN '{"bytes":' || n || '}' END""",
        "is_late": "(1 = 0)",
        "created_at": "at",
        "queued_at": "CASE WHEN status <> 'SCHEDULED' THEN at END",
        "started_at": f"CASE WHEN {is_over} OR status = 'RUNNING' THEN at + 50 END",
        "finished_at": f"CASE WHEN {is_over} THEN at + 1000 END",
        "changed_at": "at + 1000",
        "version": "3",
    }
    return (
        f"WITH RECURSIVE numbers(n) AS (SELECT {_big('0')} UNION ALL SELECT n + 1 FROM numbers WHERE n < {wanted.rows - 1}), "
        f"drawn AS (SELECT n, {start} + {step} * n AS at, {', '.join(f'{sql} AS {name}' for name, sql in drawn.items())} FROM numbers) "
        f"INSERT INTO tasks ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM drawn"
    )


def _big(number: str) -> str:
    return f"CAST({number} AS bigint)"


def _mixed(salt: int) -> str:
    """A number that looks drawn by lot, always the same for a row."""
    spread = f"((n * {1_103_515_245 + 2 * salt * 7_919} + {salt * 104_729}) % {_PRIME})"
    return f"({spread} * {spread} % {_PRIME})"


def _one(shares: Mapping[Any, int], salt: int) -> str:
    """One of these, each with its share of a thousand."""
    whens, upto = [], 0
    for value, share in shares.items():
        upto += share
        whens.append(f"WHEN {_mixed(salt)} % 1000 < {upto} THEN {value!r}")
    assert upto == 1000, f"the shares of {list(shares)} make {upto} of a thousand"
    return f"CASE {' '.join(whens)} END"


def _high() -> str:
    """Version 7, 12 bits by lot, the variant, 22 bits by lot."""
    return f"({7 << 36} + {_mixed(9)} % 4096 * {1 << 24} + {2 << 22} + {_mixed(10)} % {1 << 22})"


def _low() -> str:
    """The row's number, so that no two are alike, and 20 bits by lot."""
    return f"(n * {1 << 20} + {_mixed(11)} % {1 << 20})"


def _base32(number: str, digits: int) -> str:
    return " || ".join(
        f"substr('{_DIGITS}', 1 + CAST({number} >> {5 * place} & 31 AS int), 1)" for place in reversed(range(digits))
    )
