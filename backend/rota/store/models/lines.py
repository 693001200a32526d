"""What functions said while they ran, and how much of it is kept of each task."""

from tortoise import fields
from tortoise.models import Model

from rota.store.models.tasks import Task


class LogLine(Model):
    """A line of a task. `seq` counts a task's lines in the order in which they were recorded: live cursors go by it."""

    id = fields.BigIntField(primary_key=True, generated=True)
    task: fields.ForeignKeyRelation[Task] = fields.ForeignKeyField("rota.Task", "line_rows", on_delete=fields.CASCADE)
    task_id: str
    seq = fields.IntField()
    number = fields.IntField()  # of the attempt
    at = fields.BigIntField()
    level = fields.CharField(7)
    message = fields.TextField()
    is_late = fields.BooleanField()

    class Meta:
        table = "logs"
        unique_together = (("task_id", "seq"),)


class LogTotal(Model):
    """How many lines a task has, how many were left out, and up to where each of its attempts is recorded."""

    task: fields.OneToOneRelation[Task] = fields.OneToOneField(
        "rota.Task", "line_total", on_delete=fields.CASCADE, primary_key=True
    )
    task_id: str
    amount = fields.IntField()
    left_out = fields.IntField()
    seen = fields.TextField()  # JSON {"number:lease": [last line, left out]}

    class Meta:
        table = "log_totals"
