from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("rota", "0007_accounts_and_schedules")]

    initial = False

    operations = [
        ops.AddField(model_name="BulkAction", name="marked", field=fields.BigIntField(default=0)),
        ops.AddField(model_name="BulkAction", name="undoes", field=fields.CharField(null=True, max_length=40)),
        ops.AddField(model_name="BulkAction", name="undone_by", field=fields.CharField(null=True, max_length=40)),
        ops.CreateModel(
            name="BulkMark",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("action_id", fields.CharField(max_length=40)),
                ("task_id", fields.CharField(max_length=40)),
                ("version", fields.IntField()),
                ("before", fields.TextField(unique=False)),
            ],
            options={
                "table": "bulk_marks",
                "app": "rota",
                "unique_together": (("action_id", "task_id"),),
                "pk_attr": "id",
                "table_description": "What a task was before an action on many tasks changed it, so that it can be put back.",
            },
            bases=["Model"],
        ),
    ]
