from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("rota", "0006_limits")]

    initial = False

    operations = [
        ops.AddField(model_name="User", name="disabled_at", field=fields.BigIntField(null=True)),
        ops.AddField(model_name="User", name="seen_at", field=fields.BigIntField(null=True)),
        ops.AddField(model_name="Schedule", name="limit_key", field=fields.CharField(null=True, max_length=200)),
    ]
