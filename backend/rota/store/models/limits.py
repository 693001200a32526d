"""Limits on how much of a queue runs at once and starts in a period."""

from tortoise import fields
from tortoise.models import Model


class Limit(Model):
    """A limit of a queue, of a function in it, or of each limit key of a function in it."""

    id = fields.CharField(40, primary_key=True)
    queue = fields.CharField(60)
    function: fields.Field[str | None] = fields.CharField(200, null=True)
    per_key = fields.BooleanField()
    max_running: fields.Field[int | None] = fields.IntField(null=True)
    max_starts: fields.Field[int | None] = fields.IntField(null=True)
    period_ms: fields.Field[int | None] = fields.BigIntField(null=True)
    created_at = fields.BigIntField()
    changed_at = fields.BigIntField()

    class Meta:
        table = "limits"
