from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("rota", "0011_leaner_indexes")]

    initial = False

    operations = [
        ops.AddField(model_name="Task", name="assigned_at", field=fields.BigIntField(null=True)),
        ops.AddField(model_name="Attempt", name="assigned_at", field=fields.BigIntField(null=True)),
    ]
