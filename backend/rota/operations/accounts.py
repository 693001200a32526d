"""Accounts, sessions and API tokens: secrets are random, and only their SHA-256 is kept."""

import hashlib
import re
import secrets
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rota import ids
from rota.domain.access import Role, Viewer, may_submit
from rota.domain.errors import Conflict, Invalid, NotAllowed, NotFound, SignInRefused
from rota.domain.events import Change
from rota.operations.passwords import check_password
from rota.operations.platform import Platform
from rota.store import users as store
from rota.store.models import ApiToken, Session, User

USERNAME = re.compile(r"[A-Za-z0-9._-]{3,40}")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,185}\.[^@\s.]{1,63}")
TOKEN_PREFIX = "rota_"
SECRET_BYTES = 32
SESSION_TOUCH_MS = 5 * 60_000  # a session in use is prolonged at most this often
TOKEN_TOUCH_MS = 60_000
DAY_MS = 24 * 3600 * 1000
ASKED_AT_ONCE = 500  # of sessions and tokens, in one statement
MOST_TOKENS = 100
MOST_TOKEN_DAYS = 3650
LONGEST_TOKEN_NAME = 100
REGISTERED_FREELY = frozenset({Role.CLIENT, Role.WORKER})


class SignedIn(NamedTuple):
    """Who asks, and by what: exactly one of the two is set. The session's key is the SHA-256 of its secret."""

    viewer: Viewer
    session_key: str | None
    token_id: str | None


def viewer_of(user: User) -> Viewer:
    """The account as whoever asks."""
    return Viewer(user.id, user.username, roles_of(user))


def roles_of(user: User) -> frozenset[Role]:
    """The account's roles."""
    return frozenset(Role(role) for role in user.roles.split(","))


async def register(
    platform: Platform,
    username: str,
    password: str,
    email: str | None,
    roles: Iterable[Role],
    by: Viewer | None,
    address: str = "",
) -> User:
    """Makes an account. Raises Invalid, Conflict (the name is taken), NotAllowed or RateLimited.

    Anybody may register as a client or worker while registration is open; only administrators make administrators.
    """
    wanted = frozenset(roles)
    is_by_admin = by is not None and by.is_admin
    if not is_by_admin:
        if not platform.settings.registration_open:
            raise NotAllowed("Registration is closed here; ask an administrator for an account.")
        if wanted - REGISTERED_FREELY:
            raise NotAllowed("Only an administrator makes administrators.", ("roles",))
        await platform.doors.knock_to_register(address)
    if not wanted:
        raise Invalid("An account needs at least one role: CLIENT, WORKER or ADMIN.", ("roles",))
    _check_name(username)
    _check_email(email)
    check_password(password, username)
    return await _make(platform, username, password, email, wanted)


async def login(platform: Platform, username: str, password: str, address: str) -> tuple[User, str]:
    """The account and a new session's secret, for the cookie. Raises SignInRefused, or RateLimited by account and address."""
    await platform.doors.knock_to_sign_in(username, address)
    async with platform.database.read() as db:
        user = await store.by_name(db, username) if USERNAME.fullmatch(username) else None
    # An unknown name takes as long as a wrong password: the clock tells nobody which names there are.
    if not await platform.passwords.verify(user.password_hash if user else None, password[:1000]) or user is None:
        raise SignInRefused("Wrong name or password.", ("password",), user.id if user else None)
    if user.disabled_at is not None:
        raise SignInRefused("This account is disabled; an administrator can enable it.", ("username",), user.id)
    await platform.doors.opened(username)
    if platform.passwords.is_outdated(user.password_hash):
        user.password_hash = await platform.passwords.hash(password)
        async with platform.database.transaction() as db:
            await store.set_password(db, user.id, user.password_hash)
    return user, await open_session(platform, user)


async def change_password(platform: Platform, signed_in: SignedIn, current: str, new: str, address: str) -> User:
    """Gives the account that is signed in another password, and ends its other sessions; its API tokens stay.

    It needs the current one, which is counted as a sign-in is. Raises NotAllowed, Invalid or RateLimited.
    """
    if signed_in.session_key is None:
        raise NotAllowed("An API token cannot change the password; sign in to do that.")
    async with platform.database.read() as db:
        user = await store.get(db, signed_in.viewer.user_id)
    assert user is not None  # accounts stay
    await platform.doors.knock_to_sign_in(user.username, address)
    if not await platform.passwords.verify(user.password_hash, current[:1000]):
        raise Invalid("This is not your current password.", ("currentPassword",))
    await platform.doors.opened(user.username)
    check_password(new, user.username, "newPassword")
    if new == current:
        raise Invalid("The new password is the current one.", ("newPassword",))
    hashed = await platform.passwords.hash(new)
    async with platform.database.transaction() as db:
        await store.set_password(db, user.id, hashed)
        await store.end_sessions(db, user.id, but=signed_in.session_key)
    platform.announcer.tell(Change(users=True))
    return user


async def open_session(platform: Platform, user: User) -> str:
    """A new session's secret."""
    secret, at = secrets.token_urlsafe(SECRET_BYTES), platform.clock.now_ms()
    session = Session(
        id=_hashed(secret), user_id=user.id, created_at=at, seen_at=at, expires_at=at + _session_ms(platform)
    )
    async with platform.database.transaction() as db:
        await store.add_session(db, session)
        await store.seen(db, user.id, at)
    platform.announcer.tell(Change(users=True))
    return secret


async def logout(platform: Platform, session_key: str) -> None:
    """Ends a session."""
    async with platform.database.transaction() as db:
        await store.end_session(db, session_key)
    platform.announcer.tell(Change(users=True))


async def by_session(platform: Platform, secret: str) -> SignedIn | None:
    """Whose session this is; its use prolongs it."""
    key, at = _hashed(secret), platform.clock.now_ms()
    async with platform.database.read() as db:
        found = await store.session(db, key, at)
    if found is None:
        return None
    session, user = found
    if at - session.seen_at >= SESSION_TOUCH_MS:
        async with platform.database.transaction() as db:
            await store.touch_session(db, key, at, at + _session_ms(platform))
            await store.seen(db, user.id, at)
    return SignedIn(viewer_of(user), key, None)


async def by_token(platform: Platform, secret: str) -> SignedIn | None:
    """Whose API token this is."""
    if not secret.startswith(TOKEN_PREFIX):
        return None
    at = platform.clock.now_ms()
    async with platform.database.read() as db:
        found = await store.token(db, _hashed(secret), at)
    if found is None:
        return None
    token, user = found
    if token.used_at is None or at - token.used_at >= TOKEN_TOUCH_MS:
        async with platform.database.transaction() as db:
            await store.touch_token(db, token.id, at)
            await store.seen(db, user.id, at)
    return SignedIn(viewer_of(user), None, token.id)


async def still(platform: Platform, asking: Sequence[SignedIn]) -> dict[SignedIn, Viewer | None]:
    """Who each of these is as the account is now; None where the session has ended or the token was revoked.

    A few statements for all of them: thousands are asked for every other second.
    """
    at = platform.clock.now_ms()
    behind: dict[str, User] = {}
    async with platform.database.read() as db:
        for start in range(0, len(asking), ASKED_AT_ONCE):
            some = asking[start : start + ASKED_AT_ONCE]
            keys = [one.session_key for one in some if one.session_key is not None]
            token_ids = [one.token_id for one in some if one.token_id is not None]
            behind |= await store.behind_sessions(db, keys, at)
            behind |= await store.behind_tokens(db, token_ids, at)
    users = {one: behind.get(one.session_key or one.token_id or "") for one in asking}
    return {one: viewer_of(user) if user else None for one, user in users.items()}


async def create_token(
    platform: Platform, viewer: Viewer, name: str, expires_in_days: int | None
) -> tuple[ApiToken, str]:
    """An API token and its secret, which is never shown again. Raises Invalid, Conflict or NotAllowed."""
    if not may_submit(viewer):
        raise NotAllowed("API tokens are for clients and administrators; this account is a worker's alone.")
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_TOKEN_NAME or not name.isprintable():
        raise Invalid(f"A token's name has 1 to {LONGEST_TOKEN_NAME} printable characters.", ("name",))
    if expires_in_days is not None and not 1 <= expires_in_days <= MOST_TOKEN_DAYS:
        raise Invalid(f"expiresInDays must be 1 to {MOST_TOKEN_DAYS:,}, or left out.", ("expiresInDays",))
    secret, at = TOKEN_PREFIX + secrets.token_urlsafe(SECRET_BYTES), platform.clock.now_ms()
    token = ApiToken(
        id=ids.new_id(ids.TOKEN),
        user_id=viewer.user_id,
        name=name,
        secret_hash=_hashed(secret),
        created_at=at,
        expires_at=None if expires_in_days is None else at + expires_in_days * DAY_MS,
    )
    async with platform.database.transaction() as db:
        if len(await store.tokens_of(db, viewer.user_id)) >= MOST_TOKENS:
            raise Conflict(f"There are {MOST_TOKENS} tokens already; revoke one first.")
        await store.add_token(db, token)
    return token, secret


async def revoke_token(platform: Platform, viewer: Viewer, token_id: str) -> None:
    """Revokes a token of the viewer's own. Raises NotFound."""
    async with platform.database.transaction() as db:
        if not await store.revoke_token(db, viewer.user_id, token_id, platform.clock.now_ms()):
            raise NotFound(f"You have no token {token_id}.", ("id",))


async def ensure_admin(platform: Platform) -> str | None:
    """Makes the first administrator; the generated password, where none was set. None where there is one already."""
    async with platform.database.read() as db:
        if await store.any_admin(db):
            return None
    username, chosen = platform.settings.admin_username, platform.settings.admin_password
    password = chosen or secrets.token_urlsafe(15)
    _check_name(username)
    check_password(password, username)
    await _make(platform, username, password, None, frozenset({Role.ADMIN, Role.CLIENT}))
    return None if chosen else password


async def _make(platform: Platform, username: str, password: str, email: str | None, roles: frozenset[Role]) -> User:
    user = User(
        id=ids.new_id(ids.USER),
        username=username,
        username_key=username.lower(),
        email=email,
        password_hash=await platform.passwords.hash(password),
        roles=",".join(role for role in Role if role in roles),
        created_at=platform.clock.now_ms(),
    )
    async with platform.database.transaction() as db:
        await store.create(db, user)
    platform.announcer.tell(Change(users=True))
    return user


def _check_name(username: str) -> None:
    if not USERNAME.fullmatch(username):
        raise Invalid("A name has 3 to 40 letters (a to z), digits, dots, dashes or underscores.", ("username",))


def _check_email(email: str | None) -> None:
    if email is not None and not (len(email) <= 254 and EMAIL.fullmatch(email) and email.isprintable()):
        raise Invalid("This is no e-mail address, like ada@example.org.", ("email",))


def _session_ms(platform: Platform) -> int:
    return int(platform.settings.session_days * DAY_MS)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
