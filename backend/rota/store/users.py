"""Accounts, sessions and API tokens."""

from collections.abc import Sequence

from rota.domain.errors import Conflict
from rota.store.database import Connection
from rota.store.models import ApiToken, Session, User


async def create(db: Connection, user: User) -> None:
    """Adds an account. Raises Conflict where the name is taken, in whatever case."""
    made = await db.run(
        "INSERT INTO users (id, username, username_key, email, password_hash, roles, created_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (username_key) DO NOTHING",
        user.id,
        user.username,
        user.username_key,
        user.email,
        user.password_hash,
        user.roles,
        user.created_at,
    )
    if not made:
        raise Conflict(f"The name {user.username!r} is taken.", ("username",))


async def by_name(db: Connection, username: str) -> User | None:
    """The account of this name, in whatever case."""
    return await User.get_or_none(username_key=username.lower(), using_db=db.client)


async def get(db: Connection, user_id: str) -> User | None:
    """One account."""
    return await User.get_or_none(id=user_id, using_db=db.client)


async def get_many(db: Connection, ids: list[str]) -> list[User]:
    """These accounts, in no order."""
    return await User.filter(id__in=ids).using_db(db.client) if ids else []


async def any_admin(db: Connection) -> bool:
    """Whether there is an administrator."""
    return await User.filter(roles__contains="ADMIN").using_db(db.client).exists()


async def first_admin(db: Connection) -> User | None:
    """The administrator that was made first."""
    return await User.filter(roles__contains="ADMIN").using_db(db.client).order_by("created_at", "id").first()


async def set_password(db: Connection, user_id: str, password_hash: str) -> None:
    """Replaces a password's hash."""
    await User.filter(id=user_id).using_db(db.client).update(password_hash=password_hash)


async def page(db: Connection, search: str | None, after: str | None, first: int) -> tuple[list[User], bool]:
    """Accounts, the newest first, after the one with this id, and whether more follow; of those that have `search` in their names."""
    query = User.all()
    if search:
        query = query.filter(username_key__contains=search.lower())
    if after is not None:
        query = query.filter(id__lt=after)
    rows = await query.using_db(db.client).order_by("-id").limit(first + 1)
    return rows[:first], len(rows) > first


async def admins(db: Connection) -> list[str]:
    """The administrators who may sign in. On PostgreSQL no other transaction that asks this goes on before this one ends."""
    lock = "" if db.is_sqlite else " ORDER BY id FOR UPDATE"
    rows = await db.rows(f"SELECT id FROM users WHERE roles LIKE '%ADMIN%' AND disabled_at IS NULL{lock}")
    return [row["id"] for row in rows]


async def set_roles(db: Connection, user_id: str, roles: str) -> None:
    """Replaces an account's roles."""
    await User.filter(id=user_id).using_db(db.client).update(roles=roles)


async def set_disabled(db: Connection, user_id: str, at: int | None) -> None:
    """Disables an account, or enables it."""
    await User.filter(id=user_id).using_db(db.client).update(disabled_at=at)


async def seen(db: Connection, user_id: str, at: int) -> None:
    """Notes that an account was used."""
    await User.filter(id=user_id).using_db(db.client).update(seen_at=at)


async def count_sessions(db: Connection, user_ids: Sequence[str], at: int) -> dict[str, int]:
    """How many sessions of each of these accounts have not ended."""
    rows = await db.rows(
        f"SELECT user_id, count(*) AS amount FROM sessions WHERE {db.among('user_id', 1)} AND expires_at > $2 GROUP BY user_id",
        db.array(user_ids),
        at,
    )
    return {row["user_id"]: row["amount"] for row in rows}


async def count_tokens(db: Connection, user_ids: Sequence[str], at: int) -> dict[str, int]:
    """How many API tokens of each of these accounts are neither revoked nor expired."""
    rows = await db.rows(
        f"SELECT user_id, count(*) AS amount FROM api_tokens WHERE {db.among('user_id', 1)} AND revoked_at IS NULL "
        "AND (expires_at IS NULL OR expires_at > $2) GROUP BY user_id",
        db.array(user_ids),
        at,
    )
    return {row["user_id"]: row["amount"] for row in rows}


async def end_sessions(db: Connection, user_id: str, but: str = "") -> int:
    """Ends all sessions of an account, but for one where its key is given. Returns how many."""
    return await Session.filter(user_id=user_id).exclude(id=but).using_db(db.client).delete()


async def add_session(db: Connection, session: Session) -> None:
    """Adds a session, and forgets those that have ended."""
    await Session.filter(expires_at__lt=session.created_at).using_db(db.client).delete()
    await session.save(using_db=db.client, force_create=True)


async def session(db: Connection, key: str, at: int) -> tuple[Session, User] | None:
    """A session that has not ended, with its user, whose account is not disabled."""
    found = (
        await Session.filter(id=key, expires_at__gt=at, user__disabled_at=None)
        .using_db(db.client)
        .select_related("user")
        .first()
    )
    return (found, found.user) if found else None


async def behind_sessions(db: Connection, keys: Sequence[str], at: int) -> dict[str, User]:
    """The users of those of these sessions that have not ended."""
    query = Session.filter(id__in=list(keys), expires_at__gt=at, user__disabled_at=None).using_db(db.client)
    return {found.id: found.user for found in await query.select_related("user")} if keys else {}


async def behind_tokens(db: Connection, token_ids: Sequence[str], at: int) -> dict[str, User]:
    """The users of those of these API tokens that are neither revoked nor expired."""
    query = ApiToken.filter(id__in=list(token_ids), revoked_at=None, user__disabled_at=None).using_db(db.client)
    found = await query.select_related("user") if token_ids else []
    return {token.id: token.user for token in found if _lasts(token, at)}


async def touch_session(db: Connection, key: str, at: int, expires_at: int) -> None:
    """Prolongs a session that was used."""
    await Session.filter(id=key).using_db(db.client).update(seen_at=at, expires_at=expires_at)


async def end_session(db: Connection, key: str) -> None:
    """Ends a session."""
    await Session.filter(id=key).using_db(db.client).delete()


async def add_token(db: Connection, token: ApiToken) -> None:
    """Adds an API token."""
    await token.save(using_db=db.client, force_create=True)


async def token(db: Connection, secret_hash: str, at: int) -> tuple[ApiToken, User] | None:
    """An API token that is neither revoked nor expired, with its user."""
    query = ApiToken.filter(secret_hash=secret_hash, revoked_at=None, user__disabled_at=None).using_db(db.client)
    found = await query.select_related("user").first()
    return (found, found.user) if found is not None and _lasts(found, at) else None


async def tokens_of(db: Connection, user_id: str) -> list[ApiToken]:
    """A user's API tokens that are not revoked, newest first."""
    return await ApiToken.filter(user_id=user_id, revoked_at=None).using_db(db.client).order_by("-id")


async def touch_token(db: Connection, token_id: str, at: int) -> None:
    """Notes that a token was used."""
    await ApiToken.filter(id=token_id).using_db(db.client).update(used_at=at)


async def revoke_token(db: Connection, user_id: str, token_id: str, at: int) -> bool:
    """Revokes a user's token. False where there is none."""
    return bool(
        await ApiToken.filter(id=token_id, user_id=user_id, revoked_at=None).using_db(db.client).update(revoked_at=at)
    )


def _lasts(token: ApiToken, at: int) -> bool:
    return token.expires_at is None or token.expires_at > at
