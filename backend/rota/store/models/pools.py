"""Pools, and the decisions that sized them."""

from tortoise import fields
from tortoise.models import Model


class Pool(Model):
    """A set of like worker processes."""

    id = fields.CharField(40, primary_key=True)
    name = fields.CharField(60, unique=True)
    queues = fields.TextField()  # JSON list of names; empty: those of its workers' functions
    # The queues that its workers last said they take from, JSON; what it is sized by where `queues` is empty.
    served = fields.TextField()
    slots_per_worker = fields.IntField()
    min_workers = fields.IntField()
    max_workers = fields.IntField()
    stealing = fields.BooleanField()
    target_wait_ms = fields.BigIntField()
    dry_run = fields.BooleanField()
    desired_workers = fields.IntField()
    # What the autoscaler would have; the same as `desired_workers` but for a dry run.
    advised_workers = fields.IntField()
    # Why it has fewer workers than it should, in words.
    trouble: fields.Field[str | None] = fields.CharField(500, null=True)
    stopped_at: fields.Field[int | None] = fields.BigIntField(null=True)
    created_at = fields.BigIntField()
    # Grows by one with each change that a person makes; the autoscaler leaves it alone.
    version = fields.IntField()

    class Meta:
        table = "pools"


class ScalingDecision(Model):
    """A change of a pool's size, or what would have been one, with its reason in words."""

    id = fields.BigIntField(primary_key=True, generated=True)
    pool: fields.ForeignKeyRelation[Pool] = fields.ForeignKeyField("rota.Pool", "decisions", on_delete=fields.CASCADE)
    pool_id: str
    at = fields.BigIntField()
    size_from = fields.IntField()
    size_to = fields.IntField()
    reason = fields.CharField(500)
    is_dry_run = fields.BooleanField()

    class Meta:
        table = "scaling_decisions"
