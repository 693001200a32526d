from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("rota", "0006_bulk_and_audit")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Limit",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("queue", fields.CharField(max_length=60)),
                ("function", fields.CharField(null=True, max_length=200)),
                ("per_key", fields.BooleanField()),
                ("max_running", fields.IntField(null=True)),
                ("max_starts", fields.IntField(null=True)),
                ("period_ms", fields.BigIntField(null=True)),
                ("created_at", fields.BigIntField()),
                ("changed_at", fields.BigIntField()),
            ],
            options={
                "table": "limits",
                "app": "rota",
                "pk_attr": "id",
                "table_description": "A limit of a queue, of a function in it, or of each limit key of a function in it.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Task",
            name="limit_key",
            field=fields.CharField(null=True, max_length=200),
        ),
        # COALESCE: a queue has one limit of its own, and NULL would equal nothing.
        ops.RunSQL(["CREATE UNIQUE INDEX limits_by_what ON limits (queue, COALESCE(function, ''), per_key)"]),
    ]
