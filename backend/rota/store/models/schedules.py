"""Schedules, and the tasks that they made."""

from tortoise import fields
from tortoise.models import Model

from rota.store.models.tasks import Task


class Schedule(Model):
    """A cron line that makes tasks of one function."""

    id = fields.CharField(40, primary_key=True)
    name = fields.CharField(100)
    owner_id = fields.CharField(40)
    cron = fields.CharField(200)
    timezone = fields.CharField(64)
    function = fields.CharField(200)
    title: fields.Field[str | None] = fields.CharField(200, null=True)
    args = fields.TextField()  # JSON object
    queue: fields.Field[str | None] = fields.CharField(60, null=True)
    priority: fields.Field[int | None] = fields.SmallIntField(null=True)
    # How long after it is made a task's deadline lies.
    deadline_ms: fields.Field[int | None] = fields.BigIntField(null=True)
    on_deadline = fields.CharField(12)
    timeout_ms: fields.Field[int | None] = fields.BigIntField(null=True)
    max_attempts: fields.Field[int | None] = fields.IntField(null=True)
    tags = fields.TextField()  # JSON list
    limit_key: fields.Field[str | None] = fields.CharField(200, null=True)
    catch_up = fields.BooleanField()
    is_paused = fields.BooleanField()
    # The next tick; null while paused, and where no tick lies ahead.
    next_at: fields.Field[int | None] = fields.BigIntField(null=True, db_index=True)
    # The last tick that made a task.
    last_at: fields.Field[int | None] = fields.BigIntField(null=True)
    # Why the last tick made no task, and when that was; null where it did.
    error: fields.Field[str | None] = fields.CharField(500, null=True)
    failed_at: fields.Field[int | None] = fields.BigIntField(null=True)
    created_at = fields.BigIntField()
    changed_at = fields.BigIntField()
    # Grows by one with each change that a person makes; ticks leave it alone.
    version = fields.IntField()

    class Meta:
        table = "schedules"
        unique_together = (("owner_id", "name"),)


class ScheduleRun(Model):
    """A task that a schedule made. `tick_at` is null where somebody ran it by hand, and a tick has one task at most."""

    id = fields.BigIntField(primary_key=True, generated=True)
    schedule: fields.ForeignKeyRelation[Schedule] = fields.ForeignKeyField(
        "rota.Schedule", "runs", on_delete=fields.CASCADE
    )
    schedule_id: str
    task: fields.OneToOneRelation[Task] = fields.OneToOneField("rota.Task", "run_row", on_delete=fields.CASCADE)
    task_id: str
    tick_at: fields.Field[int | None] = fields.BigIntField(null=True)

    class Meta:
        table = "schedule_runs"
        unique_together = (("schedule_id", "tick_at"),)
