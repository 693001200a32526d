from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("rota", "0003_schedules_and_retention")]

    initial = False

    operations = [
        ops.CreateModel(
            name="LogLine",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "task",
                    fields.ForeignKeyField(
                        "rota.Task",
                        source_field="task_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="line_rows",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("seq", fields.IntField()),
                ("number", fields.IntField()),
                ("at", fields.BigIntField()),
                ("level", fields.CharField(max_length=7)),
                ("message", fields.TextField(unique=False)),
                ("is_late", fields.BooleanField()),
            ],
            options={
                "table": "logs",
                "app": "rota",
                "unique_together": (("task_id", "seq"),),
                "pk_attr": "id",
                "table_description": "A line of a task. `seq` counts a task's lines in the order in which they were recorded: live cursors go by it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LogTotal",
            fields=[
                (
                    "task",
                    fields.OneToOneField(
                        "rota.Task",
                        source_field="task_id",
                        primary_key=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="line_total",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("amount", fields.IntField()),
                ("left_out", fields.IntField()),
                ("seen", fields.TextField(unique=False)),
            ],
            options={
                "table": "log_totals",
                "app": "rota",
                "pk_attr": "task_id",
                "table_description": "How many lines a task has, how many were left out, and up to where each of its attempts is recorded.",
            },
            bases=["Model"],
        ),
    ]
