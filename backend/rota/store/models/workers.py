"""Workers as their heartbeats told of them."""

from tortoise import fields
from tortoise.models import Model


class Worker(Model):
    """One process, program or person that does tasks."""

    id = fields.CharField(40, primary_key=True)
    name = fields.CharField(120)
    kind = fields.CharField(10)
    status = fields.CharField(10)
    queues = fields.TextField()  # JSON list of names
    slots = fields.IntField()
    running_count = fields.IntField()
    stealing = fields.BooleanField(default=True)
    is_stuck = fields.BooleanField(default=False)
    pool: fields.Field[str | None] = fields.CharField(60, null=True)
    host = fields.CharField(120)
    pid = fields.IntField()
    started_at = fields.BigIntField()
    heartbeat_at: fields.Field[int | None] = fields.BigIntField(null=True)
    ended_at: fields.Field[int | None] = fields.BigIntField(null=True)

    class Meta:
        table = "workers"
