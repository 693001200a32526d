from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("rota", "0002_guards_and_indexes")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Schedule",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("name", fields.CharField(max_length=100)),
                ("owner_id", fields.CharField(max_length=40)),
                ("cron", fields.CharField(max_length=200)),
                ("timezone", fields.CharField(max_length=64)),
                ("function", fields.CharField(max_length=200)),
                ("title", fields.CharField(null=True, max_length=200)),
                ("args", fields.TextField(unique=False)),
                ("queue", fields.CharField(null=True, max_length=60)),
                ("priority", fields.SmallIntField(null=True)),
                ("deadline_ms", fields.BigIntField(null=True)),
                ("on_deadline", fields.CharField(max_length=12)),
                ("timeout_ms", fields.BigIntField(null=True)),
                ("max_attempts", fields.IntField(null=True)),
                ("tags", fields.TextField(unique=False)),
                ("catch_up", fields.BooleanField()),
                ("is_paused", fields.BooleanField()),
                ("next_at", fields.BigIntField(null=True, db_index=True)),
                ("last_at", fields.BigIntField(null=True)),
                ("error", fields.CharField(null=True, max_length=500)),
                ("failed_at", fields.BigIntField(null=True)),
                ("created_at", fields.BigIntField()),
                ("changed_at", fields.BigIntField()),
                ("version", fields.IntField()),
            ],
            options={
                "table": "schedules",
                "app": "rota",
                "unique_together": (("owner_id", "name"),),
                "pk_attr": "id",
                "table_description": "A cron line that makes tasks of one function.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ScheduleRun",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "schedule",
                    fields.ForeignKeyField(
                        "rota.Schedule",
                        source_field="schedule_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="runs",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "task",
                    fields.OneToOneField(
                        "rota.Task",
                        source_field="task_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="run_row",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("tick_at", fields.BigIntField(null=True)),
            ],
            options={
                "table": "schedule_runs",
                "app": "rota",
                "unique_together": (("schedule_id", "tick_at"),),
                "pk_attr": "id",
                "table_description": "A task that a schedule made. `tick_at` is null where somebody ran it by hand, and a tick has one task at most.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Queue",
            name="retention_ms",
            field=fields.BigIntField(null=True),
        ),
        # A schedule's newest tasks.
        ops.RunSQL(["CREATE INDEX schedule_runs_newest ON schedule_runs (schedule_id, id)"]),
    ]
