"""Accounts as administrators keep them: made, given roles, disabled, given a new password, signed out."""

import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import NamedTuple

from rota.domain.access import Role, Viewer, may_operate
from rota.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from rota.domain.events import Change
from rota.logs import get_logger
from rota.operations import accounts
from rota.operations.passwords import check_password
from rota.operations.platform import Platform
from rota.store import users as store
from rota.store.database import Connection
from rota.store.models import User

log = get_logger(__name__)

GENERATED_BYTES = 12
LAST_ADMIN = "This is the last administrator who may sign in; make another one first."


# Something that an administrator does to an account by its id.
Do = Callable[[Platform, Viewer, str], Awaitable[User]]


class Keys(NamedTuple):
    """How an account may be used now: sessions that have not ended, API tokens that are good."""

    sessions: int
    tokens: int


async def create(
    platform: Platform, viewer: Viewer, username: str, password: str | None, email: str | None, roles: Iterable[Role]
) -> tuple[User, str | None]:
    """An account, and the password that was made for it where none was given. Raises NotAllowed, Invalid or Conflict."""
    _check_rights(viewer)
    chosen, made = _chosen(password)
    user = await accounts.register(platform, username, chosen, email, roles, viewer)
    log.info("account made", user=user.username, by=viewer.username)
    return user, made


async def set_roles(platform: Platform, viewer: Viewer, user_id: str, roles: Iterable[Role]) -> User:
    """Gives an account these roles instead of its own. Raises NotAllowed, Invalid, NotFound or Conflict (the last administrator)."""
    _check_rights(viewer)
    wanted = frozenset(roles)
    if not wanted:
        raise Invalid("An account needs at least one role: CLIENT, WORKER or ADMIN.", ("roles",))
    async with platform.database.transaction() as db:
        user = await _found(db, user_id)
        if Role.ADMIN not in wanted:
            await _keep_an_admin(db, user_id, ("roles",))
        await store.set_roles(db, user_id, ",".join(role for role in Role if role in wanted))
    log.info("roles set", user=user.username, roles=sorted(wanted), by=viewer.username)
    return await _changed(platform, user_id)


async def disable(platform: Platform, viewer: Viewer, user_id: str) -> User:
    """Ends an account's sessions and lets nobody in by it until it is enabled. Raises NotAllowed, NotFound or Conflict."""
    _check_rights(viewer)
    if user_id == viewer.user_id:
        raise Conflict("You cannot disable your own account; another administrator can.", ("id",))
    async with platform.database.transaction() as db:
        user = await _found(db, user_id)
        await _keep_an_admin(db, user_id, ("id",))
        await store.set_disabled(db, user_id, platform.clock.now_ms())
        await store.end_sessions(db, user_id)
    log.info("account disabled", user=user.username, by=viewer.username)
    return await _changed(platform, user_id)


async def enable(platform: Platform, viewer: Viewer, user_id: str) -> User:
    """Lets an account be used again, its API tokens too. Raises NotAllowed or NotFound."""
    _check_rights(viewer)
    async with platform.database.transaction() as db:
        user = await _found(db, user_id)
        await store.set_disabled(db, user_id, None)
    log.info("account enabled", user=user.username, by=viewer.username)
    return await _changed(platform, user_id)


async def set_password(
    platform: Platform, viewer: Viewer, user_id: str, password: str | None
) -> tuple[User, str | None]:
    """Gives an account a new password and ends its sessions; makes one where none is given. Raises NotAllowed, Invalid or NotFound."""
    _check_rights(viewer)
    async with platform.database.read() as db:
        user = await _found(db, user_id)
    chosen, made = _chosen(password)
    check_password(chosen, user.username)
    hashed = await platform.passwords.hash(chosen)
    async with platform.database.transaction() as db:
        await store.set_password(db, user_id, hashed)
        await store.end_sessions(db, user_id)
    log.info("password set", user=user.username, by=viewer.username)
    return await _changed(platform, user_id), made


async def end_sessions(platform: Platform, viewer: Viewer, user_id: str) -> User:
    """Signs an account out everywhere; its API tokens stay. Raises NotAllowed or NotFound."""
    _check_rights(viewer)
    async with platform.database.transaction() as db:
        user = await _found(db, user_id)
        ended = await store.end_sessions(db, user_id)
    log.info("sessions ended", user=user.username, sessions=ended, by=viewer.username)
    return await _changed(platform, user_id)


async def page(
    platform: Platform, viewer: Viewer, search: str | None, after: str | None, first: int
) -> tuple[list[User], bool]:
    """Accounts, the newest first, and whether more follow. Raises NotAllowed."""
    _check_rights(viewer)
    async with platform.database.read() as db:
        return await store.page(db, search, after, first)


async def keys_of(platform: Platform, user_ids: Sequence[str]) -> list[Keys]:
    """In how many ways each of these accounts may be used now."""
    async with platform.database.read() as db:
        at = platform.clock.now_ms()
        sessions = await store.count_sessions(db, user_ids, at)
        tokens = await store.count_tokens(db, user_ids, at)
    return [Keys(sessions.get(user_id, 0), tokens.get(user_id, 0)) for user_id in user_ids]


def _chosen(password: str | None) -> tuple[str, str | None]:
    """The password to take, and the same where it was made here."""
    if password is not None:
        return password, None
    made = secrets.token_urlsafe(GENERATED_BYTES)
    return made, made


def _check_rights(viewer: Viewer) -> None:
    if not may_operate(viewer):
        raise NotAllowed("Only administrators see and change accounts.")


async def _found(db: Connection, user_id: str) -> User:
    user = await store.get(db, user_id)
    if user is None:
        raise NotFound(f"There is no account {user_id}.", ("id",))
    return user


async def _keep_an_admin(db: Connection, user_id: str, path: tuple[str, ...]) -> None:
    """Raises Conflict where nobody else could administer. Two who ask at once are asked one after the other."""
    if await store.admins(db) == [user_id]:
        raise Conflict(LAST_ADMIN, path)


async def _changed(platform: Platform, user_id: str) -> User:
    platform.announcer.tell(Change(users=True))
    async with platform.database.read() as db:
        return await _found(db, user_id)
