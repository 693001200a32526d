from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("rota", "0004_logs")]

    initial = False

    operations = [
        # Nothing has written to it yet.
        ops.DeleteModel(name="Pool"),
        ops.CreateModel(
            name="Pool",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("name", fields.CharField(unique=True, max_length=60)),
                ("queues", fields.TextField(unique=False)),
                ("served", fields.TextField(unique=False)),
                ("slots_per_worker", fields.IntField()),
                ("min_workers", fields.IntField()),
                ("max_workers", fields.IntField()),
                ("stealing", fields.BooleanField()),
                ("target_wait_ms", fields.BigIntField()),
                ("dry_run", fields.BooleanField()),
                ("desired_workers", fields.IntField()),
                ("advised_workers", fields.IntField()),
                ("trouble", fields.CharField(null=True, max_length=500)),
                ("stopped_at", fields.BigIntField(null=True)),
                ("created_at", fields.BigIntField()),
                ("version", fields.IntField()),
            ],
            options={
                "table": "pools",
                "app": "rota",
                "pk_attr": "id",
                "table_description": "A set of like worker processes.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ScalingDecision",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "pool",
                    fields.ForeignKeyField(
                        "rota.Pool",
                        source_field="pool_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="decisions",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("at", fields.BigIntField()),
                ("size_from", fields.IntField()),
                ("size_to", fields.IntField()),
                ("reason", fields.CharField(max_length=500)),
                ("is_dry_run", fields.BooleanField()),
            ],
            options={
                "table": "scaling_decisions",
                "app": "rota",
                "pk_attr": "id",
                "table_description": "A change of a pool's size, or what would have been one, with its reason in words.",
            },
            bases=["Model"],
        ),
        ops.RunSQL(["CREATE INDEX scaling_decisions_newest ON scaling_decisions (pool_id, id)"]),
    ]
