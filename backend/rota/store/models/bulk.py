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
    marked = fields.BigIntField(default=0)  # how many tasks undoing it would put back
    undoes: fields.Field[str | None] = fields.CharField(40, null=True)  # of an UNDO: which action
    undone_by: fields.Field[str | None] = fields.CharField(40, null=True)

    class Meta:
        table = "bulk_actions"


class BulkMark(Model):
    """What a task was before an action on many tasks changed it, so that it can be put back."""

    id = fields.BigIntField(primary_key=True, generated=True)
    action_id = fields.CharField(40)
    task_id = fields.CharField(40)
    version = fields.IntField()  # the task's, after the action
    before = fields.TextField()  # JSON [priority, deadline_at, run_at, due_at]

    class Meta:
        table = "bulk_marks"
        unique_together = (("action_id", "task_id"),)
