"""A large table of tasks as a year of use leaves it: most have ended, few wait, some words and tags are common and some rare."""

import random
import uuid
from collections import Counter
from typing import Any

from typeid import TypeID

from rota import ids, jsontext
from rota.domain.rank import DEFAULT_LEVEL_MS
from rota.domain.states import FINAL, TaskStatus
from rota.operations.platform import Platform
from rota.store import counters, functions, queues, tasks

A_TRANSACTION = 5_000
SPAN_MS = 14 * 24 * 3600 * 1000
STATUSES = {
    TaskStatus.SUCCEEDED: 900,
    TaskStatus.FAILED: 30,
    TaskStatus.CANCELLED: 20,
    TaskStatus.EXPIRED: 10,
    TaskStatus.QUEUED: 35,
    TaskStatus.SCHEDULED: 3,
    TaskStatus.RUNNING: 2,
}
QUEUES = {"default": 70, "mail": 25, "reports": 5}
FUNCTIONS = {"resize": 60, "send_mail": 30, "render_report": 9, "audit": 1}
TAGS = {"": 60, "batch": 30, "customer-7": 9, "vip": 1}
PRIORITIES = dict(enumerate((4, 4, 6, 8, 40, 12, 10, 8, 5, 3), 1))


async def do(platform: Platform, asked: dict[str, Any]) -> int:
    """Fills the table up to so many rows; how many there are."""
    now, chance = platform.clock.now_ms(), random.Random(2026)
    async with platform.database.transaction() as db:
        await queues.ensure(db, list(QUEUES), platform.settings.level_ms, now)
        offer = {"description": "", "args_schema": {"type": "object"}, "default_priority": 5, "max_attempts": 3}
        offers = [{**offer, "name": name, "queue": "default", "executor": "ASYNC"} for name in FUNCTIONS]
        await functions.offer(db, offers, now)
        [[have]] = [list(row.values()) for row in await db.rows("SELECT count(*) AS n FROM tasks")]
    missing = max(0, asked["rows"] - have)
    for start in range(0, missing, A_TRANSACTION):
        numbers = range(start, min(start + A_TRANSACTION, missing))
        rows = [_row(number, now - SPAN_MS + SPAN_MS * number // missing, chance) for number in numbers]
        async with platform.database.transaction() as db:
            await db.insert("tasks", tasks.COLUMNS, [[row.get(name) for name in tasks.COLUMNS] for row in rows])
            tags = [(tag, row["id"]) for row in rows for tag in jsontext.loads(row["tags"])]
            await db.insert("task_tags", {"tag": "text", "task_id": "text"}, tags)
            await counters.add(db, "bench", Counter((row["queue"], row["status"], row["priority"]) for row in rows))
    async with platform.database.transaction() as db:
        # As autovacuum would soon, and as Rota does for SQLite when it closes.
        await db.run("ANALYZE")
    return int(have + missing)


def _row(number: int, at: int, chance: random.Random) -> dict[str, Any]:
    status, queue, function, tag, priority = (
        _one(chance, of) for of in (STATUSES, QUEUES, FUNCTIONS, TAGS, PRIORITIES)
    )
    is_over, has_deadline = status in FINAL, chance.random() < 0.1
    return {
        "id": str(TypeID.from_uuid(uuid.UUID(int=(at << 80) | chance.getrandbits(74)), ids.TASK)),
        "function": function,
        "title": f"{function.replace('_', ' ').title()} {number} for customer {number % 5_000}",
        "args": jsontext.dumps(
            {"path": f"/images/{number}.png", "user": {"id": number % 50_000}, "width": number % 1_000}
        ),
        "queue": queue,
        "priority": priority,
        "status": status.value,
        "rank": at + (10 - priority) * DEFAULT_LEVEL_MS,
        "deadline_at": at + chance.randrange(3_600_000, SPAN_MS) if has_deadline else None,
        "on_deadline": "CANCEL",
        "due_at": at + SPAN_MS * 2 if status is TaskStatus.SCHEDULED else None,
        "max_attempts": 3,
        "tags": jsontext.dumps([tag] if tag else []),
        "number": 1 if is_over else 0,
        "lease": 1,
        "used": 1 if is_over else 0,
        "deaths": 0,
        "result": jsontext.dumps({"bytes": number}) if status is TaskStatus.SUCCEEDED else None,
        "is_late": False,
        "created_at": at,
        "queued_at": at,
        "started_at": at + 50 if is_over else None,
        "finished_at": at + 1_000 if is_over else None,
        "changed_at": at + 1_000,
        "version": 3,
    }


def _one(chance: random.Random, of: dict[Any, int]) -> Any:
    return chance.choices(list(of), list(of.values()))[0]
