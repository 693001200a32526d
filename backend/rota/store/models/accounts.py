"""Who may sign in, and how they stay signed in."""

from tortoise import fields
from tortoise.models import Model


class User(Model):
    """A person or program with an account."""

    id = fields.CharField(40, primary_key=True)
    username = fields.CharField(40)
    # What makes it unique: the name in lower case.
    username_key = fields.CharField(40, unique=True)
    email: fields.Field[str | None] = fields.CharField(254, null=True)
    password_hash = fields.CharField(200)
    roles = fields.CharField(60)  # comma-separated
    created_at = fields.BigIntField()
    # Null while the account may be used.
    disabled_at: fields.Field[int | None] = fields.BigIntField(null=True)
    # When one of its sessions or tokens was last used, to a few minutes.
    seen_at: fields.Field[int | None] = fields.BigIntField(null=True)

    class Meta:
        table = "users"


class Session(Model):
    """A signed-in browser. The key is the SHA-256 of the secret in its cookie."""

    id = fields.CharField(64, primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("rota.User", on_delete=fields.CASCADE)
    user_id: str
    created_at = fields.BigIntField()
    seen_at = fields.BigIntField()
    expires_at = fields.BigIntField(db_index=True)

    class Meta:
        table = "sessions"


class ApiToken(Model):
    """The key of a program, of which only the SHA-256 is kept."""

    id = fields.CharField(40, primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("rota.User", on_delete=fields.CASCADE)
    user_id: str
    name = fields.CharField(100)
    secret_hash = fields.CharField(64, unique=True)
    created_at = fields.BigIntField()
    expires_at: fields.Field[int | None] = fields.BigIntField(null=True)
    used_at: fields.Field[int | None] = fields.BigIntField(null=True)
    revoked_at: fields.Field[int | None] = fields.BigIntField(null=True)

    class Meta:
        table = "api_tokens"
