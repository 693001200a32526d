"""The trail of who did what."""

from tortoise import fields
from tortoise.models import Model


class AuditEntry(Model):
    """One mutation. Never its arguments: only ids and names that it was about."""

    id = fields.CharField(40, primary_key=True)
    at = fields.BigIntField()
    actor_id: fields.Field[str | None] = fields.CharField(40, null=True)
    actor: fields.Field[str | None] = fields.CharField(40, null=True)
    action = fields.CharField(60)
    outcome = fields.CharField(24)  # OK, or an error's code
    targets = fields.TextField()  # JSON list of ids and names, the first of them
    amount = fields.IntField()  # how many there were
    address = fields.CharField(64)
    request_id = fields.CharField(64)

    class Meta:
        table = "audit"
