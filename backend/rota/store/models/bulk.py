"""Actions on many tasks."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class BulkAction(Model):
    """Something that is done to many tasks, a few at a time. `place` is up to where it is done."""

    id = fields.CharField(40, primary_key=True)
    kind = fields.CharField(12)
    status = fields.CharField(8)
    owner_id = fields.CharField(40)
    ids: Any = fields.TextField(null=True)  # JSON list; or
    wanted: Any = fields.TextField(null=True)  # JSON of a TaskQuery
    changes = fields.TextField()  # JSON, of a RESCHEDULE
    total: fields.Field[int | None] = fields.BigIntField(null=True)
    done = fields.BigIntField()
    failed = fields.BigIntField()
    errors = fields.TextField()  # JSON [{id, code, message}], the first of them
    stopped: fields.Field[str | None] = fields.CharField(300, null=True)  # why
    place = fields.CharField(40)
    created_at = fields.BigIntField()
    finished_at: fields.Field[int | None] = fields.BigIntField(null=True)

    class Meta:
        table = "bulk_actions"
