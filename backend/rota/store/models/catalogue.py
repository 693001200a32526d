"""Queues, and the functions that workers offer."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class Queue(Model):
    """A named line of tasks for one kind of worker."""

    id = fields.CharField(40, primary_key=True)
    name = fields.CharField(60, unique=True)
    kind = fields.CharField(10, default="POOL")
    strategy = fields.CharField(20, default="PRIORITY")
    is_paused = fields.BooleanField(default=False)
    level_ms = fields.BigIntField()
    # How long what has ended is kept; null: as the settings say.
    retention_ms: fields.Field[int | None] = fields.BigIntField(null=True)
    created_at = fields.BigIntField()

    class Meta:
        table = "queues"


class Function(Model):
    """A callable that workers have offered, with the JSON Schema of its arguments."""

    name = fields.CharField(200, primary_key=True)
    description: Any = fields.TextField(null=True)
    args_schema = fields.TextField()
    example: Any = fields.TextField(null=True)
    queue = fields.CharField(60)
    default_priority = fields.IntField()
    max_attempts = fields.IntField()
    timeout_ms: fields.Field[int | None] = fields.BigIntField(null=True)
    executor = fields.CharField(10)
    backoff: fields.Field[str | None] = fields.CharField(80, null=True)  # JSON [base_ms, factor, cap_ms]
    # A running estimate of how long one attempt takes.
    expected_ms = fields.BigIntField(default=0)
    updated_at = fields.BigIntField()

    class Meta:
        table = "functions"
