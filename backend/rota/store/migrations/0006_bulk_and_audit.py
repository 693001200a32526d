from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("rota", "0005_pools")]

    initial = False

    operations = [
        ops.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("at", fields.BigIntField()),
                ("actor_id", fields.CharField(null=True, max_length=40)),
                ("actor", fields.CharField(null=True, max_length=40)),
                ("action", fields.CharField(max_length=60)),
                ("outcome", fields.CharField(max_length=24)),
                ("targets", fields.TextField(unique=False)),
                ("amount", fields.IntField()),
                ("address", fields.CharField(max_length=64)),
                ("request_id", fields.CharField(max_length=64)),
            ],
            options={
                "table": "audit",
                "app": "rota",
                "pk_attr": "id",
                "table_description": "One mutation. Never its arguments: only ids and names that it was about.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="BulkAction",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("kind", fields.CharField(max_length=12)),
                ("status", fields.CharField(max_length=8)),
                ("owner_id", fields.CharField(max_length=40)),
                ("ids", fields.TextField(null=True, unique=False)),
                ("wanted", fields.TextField(null=True, unique=False)),
                ("changes", fields.TextField(unique=False)),
                ("total", fields.BigIntField(null=True)),
                ("done", fields.BigIntField()),
                ("failed", fields.BigIntField()),
                ("errors", fields.TextField(unique=False)),
                ("stopped", fields.CharField(null=True, max_length=300)),
                ("place", fields.CharField(max_length=40)),
                ("created_at", fields.BigIntField()),
                ("finished_at", fields.BigIntField(null=True)),
            ],
            options={
                "table": "bulk_actions",
                "app": "rota",
                "pk_attr": "id",
                "table_description": "Something that is done to many tasks, a few at a time. `place` is up to where it is done.",
            },
            bases=["Model"],
        ),
        ops.RunSQL(
            [
                "CREATE INDEX bulk_actions_unfinished ON bulk_actions (owner_id) WHERE status = 'RUNNING'",
                # Ids sort by time: a user's entries, the newest first.
                "CREATE INDEX audit_by_actor ON audit (actor_id, id)",
                "CREATE INDEX audit_by_action ON audit (action, id)",
            ]
        ),
    ]
