"""What an ending costs: index entries that nobody looks for are not made, and PostgreSQL looks for no doubles where there are none."""

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops

INDEXES = [
    # Nobody asks for the tasks of nobody: without these, what waits has no worker in the index, nor has what belongs to
    # no user an owner.
    "DROP INDEX tasks_by_owner",
    "CREATE INDEX tasks_by_owner ON tasks (owner_id, id) WHERE owner_id IS NOT NULL",
    "DROP INDEX tasks_by_worker",
    "CREATE INDEX tasks_by_worker ON tasks (worker_id, id) WHERE worker_id IS NOT NULL",
]
# Each ends in the id, so that no two rows have the same key; only the versions of one row do, until they are vacuumed.
SINGLE = (
    *("tasks_pkey", "tasks_by_status", "tasks_by_queue", "tasks_by_function", "tasks_by_owner", "tasks_by_worker"),
    *("tasks_in_line", "tasks_live"),
)


async def look_for_no_doubles(_: Any, editor: Any) -> None:
    client = editor.client
    if client.capabilities.dialect != "sqlite":
        for index in SINGLE:
            await client.execute_script(f"ALTER INDEX {index} SET (deduplicate_items = off)")


class Migration(migrations.Migration):
    dependencies = [("rota", "0010_totals")]

    initial = False

    operations = [ops.RunSQL(INDEXES), ops.RunPython(look_for_no_doubles)]
