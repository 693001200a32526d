"""Tasks, their attempts, tags and dependencies."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class Task(Model):
    """One piece of work that a client submitted."""

    id = fields.CharField(40, primary_key=True)
    function: fields.Field[str | None] = fields.CharField(200, null=True)
    title = fields.CharField(200)
    args = fields.TextField()  # JSON object, as it came
    queue = fields.CharField(60)
    priority = fields.SmallIntField()
    status = fields.CharField(10)
    rank = fields.BigIntField()
    deadline_at: fields.Field[int | None] = fields.BigIntField(null=True)
    on_deadline = fields.CharField(12)
    run_at: fields.Field[int | None] = fields.BigIntField(null=True)
    # When it becomes ready, while SCHEDULED: run_at, or the end of a backoff.
    due_at: fields.Field[int | None] = fields.BigIntField(null=True)
    timeout_ms: fields.Field[int | None] = fields.BigIntField(null=True)
    max_attempts = fields.IntField()
    backoff: fields.Field[str | None] = fields.CharField(80, null=True)
    idempotency_key: fields.Field[str | None] = fields.CharField(200, null=True)
    content_hash: fields.Field[str | None] = fields.CharField(64, null=True)
    owner_id: fields.Field[str | None] = fields.CharField(40, null=True)
    tags = fields.TextField()  # JSON list
    # Tasks of one function and one key share a limit.
    limit_key: fields.Field[str | None] = fields.CharField(200, null=True)
    worker_id: fields.Field[str | None] = fields.CharField(40, null=True)
    # The fencing token of the attempt that runs or ran last, and the counts beside it.
    number = fields.IntField()
    lease = fields.BigIntField()
    used = fields.IntField()
    deaths = fields.IntField()
    progress: fields.Field[float | None] = fields.FloatField(null=True)
    progress_message: fields.Field[str | None] = fields.CharField(500, null=True)
    result: Any = fields.TextField(null=True)  # JSON, as it came
    exit_code: fields.Field[int | None] = fields.IntField(null=True)
    error: Any = fields.TextField(null=True)  # JSON {type, message, traceback?}
    is_late = fields.BooleanField()
    created_at = fields.BigIntField()
    queued_at: fields.Field[int | None] = fields.BigIntField(null=True)
    # When it came into the lane that it is in, or that its last attempt was taken from; of no meaning while it is QUEUED.
    assigned_at: fields.Field[int | None] = fields.BigIntField(null=True)
    started_at: fields.Field[int | None] = fields.BigIntField(null=True)
    finished_at: fields.Field[int | None] = fields.BigIntField(null=True)
    changed_at = fields.BigIntField()
    version = fields.IntField()

    class Meta:
        table = "tasks"


class Attempt(Model):
    """One run of a task by one worker, where the task's row does not tell of it (`store/attempts.py`)."""

    id = fields.CharField(48, primary_key=True)
    task: fields.ForeignKeyRelation[Task] = fields.ForeignKeyField("rota.Task", "attempts", on_delete=fields.CASCADE)
    task_id: str
    number = fields.IntField()
    lease = fields.BigIntField()
    worker_id: fields.Field[str | None] = fields.CharField(40, null=True)
    outcome = fields.CharField(10)
    # What came after the lease had ended; it changed nothing.
    late_outcome: fields.Field[str | None] = fields.CharField(10, null=True)
    started_at = fields.BigIntField()
    finished_at: fields.Field[int | None] = fields.BigIntField(null=True)
    error: Any = fields.TextField(null=True)
    # When it came into the lane from which it was taken; null where a worker pulled it.
    assigned_at: fields.Field[int | None] = fields.BigIntField(null=True)

    class Meta:
        table = "attempts"


class TaskTag(Model):
    """A tag of a task, for finding tasks by tag."""

    id = fields.BigIntField(primary_key=True, generated=True)
    tag = fields.CharField(50)
    task: fields.ForeignKeyRelation[Task] = fields.ForeignKeyField("rota.Task", "tag_rows", on_delete=fields.CASCADE)
    task_id: str

    class Meta:
        table = "task_tags"
        unique_together = (("tag", "task_id"),)


class Dependency(Model):
    """A task waits until another has succeeded."""

    id = fields.BigIntField(primary_key=True, generated=True)
    task: fields.ForeignKeyRelation[Task] = fields.ForeignKeyField("rota.Task", "needs_rows", on_delete=fields.CASCADE)
    task_id: str
    needs: fields.ForeignKeyRelation[Task] = fields.ForeignKeyField(
        "rota.Task", "needed_by_rows", on_delete=fields.CASCADE
    )
    needs_id: str

    class Meta:
        table = "dependencies"
        unique_together = (("needs_id", "task_id"),)
