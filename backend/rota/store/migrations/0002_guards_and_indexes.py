"""What the models cannot say: the CHECK on statuses, partial indexes, defaults for raw inserts."""

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops

STATUSES = "'BLOCKED','SCHEDULED','QUEUED','ASSIGNED','RUNNING','SUCCEEDED','FAILED','CANCELLED','EXPIRED'"

INDEXES = [
    # id order is order of creation, so (what, id) serves every filtered page.
    "CREATE INDEX tasks_by_status ON tasks (status, id)",
    "CREATE INDEX tasks_by_queue ON tasks (queue, id)",
    "CREATE INDEX tasks_by_function ON tasks (function, id)",
    "CREATE INDEX tasks_by_owner ON tasks (owner_id, id)",
    "CREATE INDEX tasks_by_worker ON tasks (worker_id, id)",
    "CREATE INDEX tasks_by_deadline ON tasks (deadline_at, id) WHERE deadline_at IS NOT NULL",
    # What has not ended; the few that run are in both and are filtered out. Not by `status IN (...)`: SQLite builds that list
    # anew for every row that is written, and cannot tell that a query with parameters means the same.
    # NEXT_TO_RUN: the ready line, by rank.
    "CREATE INDEX tasks_in_line ON tasks (rank, id) WHERE finished_at IS NULL",
    # The reconciler's walk over what Redis is to hold.
    "CREATE INDEX tasks_live ON tasks (queue, id) WHERE finished_at IS NULL",
    # COALESCE: two without an owner are the same owner here, and NULL would equal nothing.
    "CREATE UNIQUE INDEX tasks_by_key ON tasks (COALESCE(owner_id, ''), idempotency_key) WHERE idempotency_key IS NOT NULL",
    "CREATE INDEX attempts_by_task ON attempts (task_id, number)",
    "CREATE INDEX dependencies_by_task ON dependencies (task_id)",
    "CREATE INDEX task_tags_by_task ON task_tags (task_id)",
    "CREATE INDEX api_tokens_by_user ON api_tokens (user_id)",
    "CREATE INDEX sessions_by_user ON sessions (user_id)",
]


async def guard_status(_: Any, editor: Any) -> None:
    client = editor.client
    # One comparison after the other: SQLite would build the list of an IN anew for every row that is written.
    allowed = " OR ".join(f"status = {status}" for status in STATUSES.split(","))
    check = f"CONSTRAINT tasks_status CHECK ({allowed})"
    if client.capabilities.dialect != "sqlite":
        await client.execute_script(f"ALTER TABLE tasks ADD {check}")
        return
    # SQLite adds no CHECK to a table that stands, and a trigger in its place more than doubles what a row costs. The
    # table has just been made and is empty: it is made again, with the CHECK.
    (table,) = await client.execute_query_dict("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'tasks'")
    body, _, tail = table["sql"].rpartition(")")
    await client.execute_query("DROP TABLE tasks")
    await client.execute_query(f"{body}, {check}){tail}")


class Migration(migrations.Migration):
    dependencies = [("rota", "0001_initial")]

    operations = [ops.RunPython(guard_status), ops.RunSQL(INDEXES)]
