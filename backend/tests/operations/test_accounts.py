"""Accounts: what is kept of secrets, how sessions slide and end, and what the clock and limits give away."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from rota.commands import up
from rota.commands.connection import CONNECTION_FILE, load_connection
from rota.domain.access import Role, Viewer
from rota.domain.errors import Conflict, Invalid, NotAllowed, NotFound, RateLimited
from rota.operations import accounts
from rota.operations.accounts import DAY_MS, SESSION_TOUCH_MS
from rota.operations.passwords import Passwords
from rota.operations.platform import Platform
from rota.settings import load_settings
from rota.store import users
from rota.store.models import User
from rota.wiring import open_platform

PASSWORD = "long enough to do"


class SetClock:
    """Tells what it was set to."""

    def __init__(self, at: int) -> None:
        self.at = at

    def now_ms(self) -> int:
        return self.at


@pytest.fixture
def clock() -> SetClock:
    return SetClock(1_800_000_000_000)


@pytest.fixture
async def platform(database_url: str, redis_url: str, clock: SetClock) -> AsyncIterator[Platform]:
    settings = load_settings(database_url=database_url, redis_url=redis_url, admin_username="boss", session_days=14)
    async with open_platform(settings, clock) as platform:
        yield platform


async def make(platform: Platform, name: str = "ann", *roles: Role) -> User:
    return await accounts.register(platform, name, PASSWORD, None, roles or [Role.CLIENT], None)


async def test_of_secrets_only_hashes_are_kept(platform: Platform) -> None:
    user = await make(platform)
    _, session = await accounts.login(platform, "ann", PASSWORD, "")
    _, token = await accounts.create_token(platform, accounts.viewer_of(user), "ci", None)
    async with platform.database.read() as db:
        kept = [
            str(row) for table in ("users", "sessions", "api_tokens") for row in await db.rows(f"SELECT * FROM {table}")
        ]
    assert not any(secret in row for row in kept for secret in (PASSWORD, session, token))
    assert user.password_hash.startswith("$argon2id$")
    assert any(hashlib.sha256(session.encode()).hexdigest() in row for row in kept)
    assert any(hashlib.sha256(token.encode()).hexdigest() in row for row in kept)
    assert len({(await accounts.login(platform, "ann", PASSWORD, ""))[1] for _ in range(3)}) == 3


async def test_names_are_the_same_in_upper_and_lower_case(platform: Platform) -> None:
    await make(platform, "Ann")
    with pytest.raises(Conflict):
        await make(platform, "aNN")
    user, _ = await accounts.login(platform, "ANN", PASSWORD, "")
    assert user.username == "Ann"


@pytest.mark.parametrize("name", ["", "ab", "a" * 41, "a b c", "ann\n", "änn", "ann@x", "../ann"])
async def test_names_that_are_none(platform: Platform, name: str) -> None:
    with pytest.raises(Invalid) as caught:
        await make(platform, name)
    assert caught.value.path == ("username",)


@pytest.mark.parametrize(
    "password", ["", "short", "a" * 201, "username-1", "Username-12", "password123", "PASSWORD123", "aaaaaaaaaaaaa"]
)
async def test_passwords_that_are_none(platform: Platform, password: str) -> None:
    with pytest.raises(Invalid) as caught:
        await accounts.register(platform, "username-1", password, None, [Role.CLIENT], None)
    assert caught.value.path == ("password",)
    assert password == "" or password not in caught.value.message


async def test_a_password_of_any_letters_is_one(platform: Platform) -> None:
    for name, password in (("ann", "пароль с пробелами 🗝"), ("bob", "x1y2z3w4v5")):
        await accounts.register(platform, name, password, None, [Role.CLIENT], None)
        assert (await accounts.login(platform, name, password, ""))[0].username == name


async def test_a_session_slides_with_its_use_and_ends_without(platform: Platform, clock: SetClock) -> None:
    await make(platform)
    _, secret = await accounts.login(platform, "ann", PASSWORD, "")
    for _ in range(4):
        clock.at += 10 * DAY_MS
        found = await accounts.by_session(platform, secret)
        assert found is not None
        assert (found.viewer.username, found.token_id) == ("ann", None)
    clock.at += 14 * DAY_MS + 1
    assert await accounts.by_session(platform, secret) is None
    assert await accounts.by_session(platform, "") is None


async def test_a_session_is_written_at_most_each_few_minutes(platform: Platform, clock: SetClock) -> None:
    await make(platform)
    _, secret = await accounts.login(platform, "ann", PASSWORD, "")
    begin = clock.at
    for pause, seen in ((SESSION_TOUCH_MS - 1, begin), (1, begin + SESSION_TOUCH_MS)):
        clock.at += pause
        await accounts.by_session(platform, secret)
        async with platform.database.read() as db:
            assert [row["seen_at"] for row in await db.rows("SELECT seen_at FROM sessions")] == [seen]


async def test_who_streams_is_checked_as_the_account_is_now(platform: Platform, clock: SetClock) -> None:
    user = await make(platform)
    _, secret = await accounts.login(platform, "ann", PASSWORD, "")
    by_session = await accounts.by_session(platform, secret)
    token, token_secret = await accounts.create_token(platform, accounts.viewer_of(user), "ci", 1)
    by_token = await accounts.by_token(platform, token_secret)
    assert by_session is not None
    assert by_token is not None
    async with platform.database.transaction() as db:
        await User.filter(id=user.id).using_db(db.client).update(roles="WORKER")
    found = await accounts.still(platform, [by_session, by_token])
    assert list(found) == [by_session, by_token]
    assert all(viewer is not None and viewer.roles == {Role.WORKER} for viewer in found.values())
    await accounts.logout(platform, by_session.session_key or "")
    await accounts.revoke_token(platform, by_token.viewer, token.id)
    assert await accounts.still(platform, [by_session, by_token]) == {by_session: None, by_token: None}
    assert await accounts.still(platform, []) == {}


async def test_a_token_ends_with_its_day(platform: Platform, clock: SetClock) -> None:
    viewer = accounts.viewer_of(await make(platform))
    _, secret = await accounts.create_token(platform, viewer, "ci", 1)
    _, forever = await accounts.create_token(platform, viewer, "ci", None)
    clock.at += DAY_MS - 1
    assert await accounts.by_token(platform, secret) is not None
    clock.at += 1
    assert await accounts.by_token(platform, secret) is None
    assert await accounts.by_token(platform, forever) is not None
    assert await accounts.by_token(platform, forever.removeprefix("rota_")) is None


async def test_tokens_are_the_owners_alone_and_not_for_workers(platform: Platform) -> None:
    ann, bob = await make(platform, "ann"), await make(platform, "bob")
    token, _ = await accounts.create_token(platform, accounts.viewer_of(ann), "ci", None)
    with pytest.raises(NotFound):
        await accounts.revoke_token(platform, accounts.viewer_of(bob), token.id)
    worker = await make(platform, "wil", Role.WORKER)
    with pytest.raises(NotAllowed):
        await accounts.create_token(platform, accounts.viewer_of(worker), "ci", None)


async def test_closed_registration_is_for_administrators(platform: Platform) -> None:
    platform.settings = platform.settings.model_copy(update={"registration_open": False})
    with pytest.raises(NotAllowed):
        await make(platform)
    admin = Viewer("user_x", "root", frozenset({Role.ADMIN}))
    made = await accounts.register(platform, "ann", PASSWORD, None, [Role.ADMIN], admin)
    assert accounts.roles_of(made) == {Role.ADMIN}


async def test_sign_ins_are_limited_by_account_and_by_address(platform: Platform) -> None:
    await make(platform)
    for _ in range(9):
        with pytest.raises(Invalid):
            await accounts.login(platform, "ann", "wrong", "192.0.2.1")
    await accounts.login(platform, "ann", PASSWORD, "192.0.2.1")  # which forgets the nine
    for _ in range(10):
        with pytest.raises(Invalid):
            await accounts.login(platform, "ann", "wrong", "192.0.2.1")
    with pytest.raises(RateLimited) as caught:
        await accounts.login(platform, "Ann", PASSWORD, "192.0.2.2")
    assert 0 < caught.value.retry_after_s <= 60
    knocks = [platform.doors.knock_to_sign_in(f"user-{index}", "192.0.2.9") for index in range(60)]
    await asyncio.gather(*knocks)
    with pytest.raises(RateLimited):
        await platform.doors.knock_to_sign_in("another", "192.0.2.9")
    await platform.doors.knock_to_sign_in("another", "192.0.2.10")


async def test_a_hash_with_old_parameters_is_made_anew(platform: Platform) -> None:
    user = await make(platform)
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    async with platform.database.transaction() as db:
        await users.set_password(db, user.id, old)
    with pytest.raises(Invalid):
        await accounts.login(platform, "ann", "wrong password", "")
    async with platform.database.read() as db:
        assert (await db.rows("SELECT password_hash FROM users"))[0]["password_hash"] == old
    await accounts.login(platform, "ann", PASSWORD, "")
    async with platform.database.read() as db:
        kept = (await db.rows("SELECT password_hash FROM users"))[0]["password_hash"]
    assert kept != old
    assert not platform.passwords.is_outdated(kept)
    await accounts.login(platform, "ann", PASSWORD, "")


async def test_an_unknown_name_costs_a_verification_too(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    await make(platform)
    verified: list[str] = []
    real = PasswordHasher.verify

    def counting(self: PasswordHasher, password_hash: str, password: str) -> object:
        verified.append(password_hash)
        return real(self, password_hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    for name in ("ann", "nobody", "no name at all"):
        with pytest.raises(Invalid) as caught:
            await accounts.login(platform, name, "wrong password", "")
        assert caught.value.message == "Wrong name or password."
    assert len(verified) == 3
    parameters = {password_hash.rpartition("$")[0].rpartition("$")[0] for password_hash in verified}
    assert len(parameters) == 1


async def test_a_crowd_of_sign_ins_is_refused_rather_than_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rota.operations.passwords.MOST_WAITING", 8)
    passwords = Passwords()
    crowd = [passwords.hash("any password") for _ in range(8 + 5)]
    answers = await asyncio.gather(*crowd, return_exceptions=True)
    assert sum(isinstance(answer, RateLimited) for answer in answers) == 5
    assert (await passwords.hash("any password")).startswith("$argon2id$")


async def test_the_first_administrator_is_made_once(platform: Platform) -> None:
    password = await accounts.ensure_admin(platform)
    assert password is not None
    user, _ = await accounts.login(platform, "boss", password, "")
    assert Role.ADMIN in accounts.roles_of(user)
    assert await accounts.ensure_admin(platform) is None


async def test_a_chosen_password_is_not_shown_and_is_checked(platform: Platform) -> None:
    platform.settings = platform.settings.model_copy(update={"admin_password": "short"})
    with pytest.raises(Invalid):
        await accounts.ensure_admin(platform)
    platform.settings = platform.settings.model_copy(update={"admin_password": PASSWORD})
    assert await accounts.ensure_admin(platform) is None
    await accounts.login(platform, "boss", PASSWORD, "")


async def test_rota_up_goes_on_where_no_further_token_may_be_made(
    database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a database elsewhere and a data folder that is new at each start, each leaves a token behind."""
    monkeypatch.setattr(accounts, "MOST_TOKENS", 1)
    settings = load_settings(database_url=database_url, redis_url=redis_url, data_dir=tmp_path, admin_username="boss")
    async with open_platform(settings) as platform:
        await accounts.ensure_admin(platform)
        async with platform.database.read() as db:
            boss = await users.first_admin(db)
        assert boss is not None
        await up._keep_connection(platform, "http://here", boss)
        assert load_connection(tmp_path) is not None
        (tmp_path / CONNECTION_FILE).unlink()
        await up._keep_connection(platform, "http://here", boss)
        assert load_connection(tmp_path) is None
