"""What the priority chart walks, and spans of what happened for charts over hours."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

INDEXES = [
    # How long ready tasks of each queue and priority have waited, and what is near the head of a line. One status alone, and not by IN:
    # each row is compared when it is written.
    "CREATE INDEX tasks_ready ON tasks (queue, priority DESC, queued_at) WHERE status = 'QUEUED'",
    # Which of them may miss their deadlines; empty where nobody gives any.
    "CREATE INDEX tasks_ready_deadlines ON tasks (queue, deadline_at) WHERE status = 'QUEUED' AND deadline_at IS NOT NULL",
    "CREATE INDEX tick_spans_by_width ON tick_spans (width, second)",
]


class Migration(migrations.Migration):
    dependencies = [("rota", "0008_undo")]

    initial = False

    operations = [
        ops.CreateModel(
            name="TickSpan",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=30)),
                ("width", fields.IntField()),
                ("second", fields.BigIntField()),
                ("submitted", fields.IntField()),
                ("finished", fields.IntField()),
                ("failed", fields.IntField()),
                ("waits", fields.TextField(unique=False)),
                ("runs", fields.TextField(unique=False)),
            ],
            options={
                "table": "tick_spans",
                "app": "rota",
                "pk_attr": "id",
                "table_description": "Ticks of `width` seconds, added up: what charts over more than a few minutes read.",
            },
            bases=["Model"],
        ),
        ops.RunSQL(INDEXES),
    ]
