from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("rota", "0009_ready_lines")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Total",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=150)),
                ("shard", fields.CharField(max_length=40)),
                ("queue", fields.CharField(max_length=60)),
                ("name", fields.CharField(max_length=40)),
                ("amount", fields.BigIntField()),
            ],
            options={
                "table": "totals",
                "app": "rota",
                "pk_attr": "id",
                "table_description": "What was counted since the first start, by queue and name.",
            },
            bases=["Model"],
        ),
    ]
