"""Where the recorder stands, who leads, and the counters that a dashboard reads."""

from tortoise import fields
from tortoise.models import Model


class Position(Model):
    """Up to where a journal is recorded, as epoch and stream id."""

    queue = fields.CharField(60, primary_key=True)
    position = fields.CharField(80)

    class Meta:
        table = "positions"


class Leader(Model):
    """Who leads, until when (the database's clock, ms)."""

    name = fields.CharField(40, primary_key=True)
    holder = fields.CharField(80)
    expires_at = fields.BigIntField()
    term = fields.BigIntField()

    class Meta:
        table = "leaders"


class Counter(Model):
    """Tasks by queue, status and priority. Each writing process has its own shard, so that none waits for another's row."""

    id = fields.CharField(140, primary_key=True)  # shard|queue|status|priority
    shard = fields.CharField(40)
    queue = fields.CharField(60)
    status = fields.CharField(10)
    priority = fields.SmallIntField()
    amount = fields.BigIntField()

    class Meta:
        table = "counters"


class Total(Model):
    """What was counted since the first start, by queue and name; it only grows."""

    id = fields.CharField(150, primary_key=True)  # shard|queue|name
    shard = fields.CharField(40)
    queue = fields.CharField(60)
    name = fields.CharField(40)
    amount = fields.BigIntField()

    class Meta:
        table = "totals"


class Tick(Model):
    """What ended or was submitted in one second: counts, and log-scale histograms of waiting and running."""

    id = fields.CharField(60, primary_key=True)  # second|shard
    second = fields.BigIntField(db_index=True)  # since the epoch
    submitted = fields.IntField()
    finished = fields.IntField()
    failed = fields.IntField()
    waits = fields.TextField()  # JSON {bucket: count}
    runs = fields.TextField()

    class Meta:
        table = "ticks"


class TickSpan(Model):
    """Ticks of `width` seconds, added up: what charts over more than a few minutes read."""

    id = fields.CharField(30, primary_key=True)  # width|second
    width = fields.IntField()
    second = fields.BigIntField()  # its first, since the epoch
    submitted = fields.IntField()
    finished = fields.IntField()
    failed = fields.IntField()
    waits = fields.TextField()  # as a tick's
    runs = fields.TextField()

    class Meta:
        table = "tick_spans"
