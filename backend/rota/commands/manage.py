"""`rota migrate` and `rota user create`: what is done to the database beside a running Rota."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit, urlunsplit

import typer
from rich.console import Console

from rota.commands.steps import Steps, Trouble, fail
from rota.datafolder import DataFolderError, hold
from rota.domain.access import Role, Viewer
from rota.domain.errors import RotaError
from rota.operations import accounts
from rota.operations.platform import Platform
from rota.settings import Settings
from rota.store import leaders
from rota.store.migrate import migrate
from rota.wiring import open_platform

REACHED_S = 10.0
# Who works on the machine itself needs nobody's leave to make an administrator.
OPERATOR = Viewer("", "command line", frozenset({Role.ADMIN}))


def run_migrate(settings: Settings) -> int:
    """Brings the database to this version's tables, and makes the administrator whose password is set where there is none.

    Returns the exit status.
    """
    steps = Steps()
    try:
        with _folder_of(settings):
            with steps.step("Migrating", f"The database is up to date: {shown(settings)}"):
                asyncio.run(bring_up_to_date(settings))
            if settings.admin_password:
                with steps.step("Looking for an administrator", "There is an administrator"):
                    asyncio.run(_ensure_admin(settings))
    except (Trouble, DataFolderError) as error:
        fail(str(error))
        return 1
    return 0


def run_user_create(
    settings: Settings, username: str, *, is_admin: bool, email: str | None, password_stdin: bool
) -> int:
    """Makes an account. Returns the exit status."""
    try:
        password = _password_from_stdin() if password_stdin else _ask_password()
        roles = [Role.CLIENT, Role.ADMIN] if is_admin else [Role.CLIENT]
        made = asyncio.run(_create(settings, username, password, email, roles))
    except (Trouble, RotaError) as error:
        fail(str(error))
        return 1
    kind = "administrator" if is_admin else "client"
    Console(highlight=False).print(f"Made {made}, {'an' if is_admin else 'a'} {kind}.")
    return 0


async def bring_up_to_date(settings: Settings) -> None:
    """Migrates. Raises Trouble with what the database said."""
    try:
        await migrate(settings.effective_database_url)
    except Exception as error:  # the edge: drivers raise what they like
        raise Trouble(f"the database {shown(settings)} cannot be used: {_first_line(error)}") from error


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Platform]:
    """A platform whose database answers and has its tables. Raises Trouble with what it said."""
    async with contextlib.AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(REACHED_S):
                platform = await stack.enter_async_context(open_platform(settings))
                async with platform.database.read() as db:
                    await leaders.has_leader(db, "coordinator")
        except TimeoutError:
            raise Trouble(f"the database {shown(settings)} does not answer.") from None
        except Exception as error:  # the edge: drivers raise what they like
            raise Trouble(
                f"the database {shown(settings)} cannot be used: {_first_line(error)}; "
                "is ROTA_DATABASE_URL right, and has `rota migrate` run?"
            ) from error
        yield platform


def shown(settings: Settings) -> str:
    """The database's address without its password."""
    parts = urlsplit(settings.effective_database_url)
    if parts.password is None:
        return settings.effective_database_url
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username}:***@{place}"))


async def administrator(platform: Platform) -> str | None:
    """Makes the first administrator where there is none; the password where one was generated. Raises Trouble."""
    try:
        return await accounts.ensure_admin(platform)
    except RotaError as error:
        raise Trouble(
            f"the administrator of ROTA_ADMIN_USERNAME and ROTA_ADMIN_PASSWORD cannot be made: {error}"
        ) from error


async def _ensure_admin(settings: Settings) -> None:
    async with opened(_without_redis(settings)) as platform:
        await administrator(platform)


async def _create(settings: Settings, username: str, password: str, email: str | None, roles: list[Role]) -> str:
    if settings.is_sqlite and not settings.database_path.exists():
        raise Trouble(f"there is no database at {settings.database_path}; run `rota up` or `rota migrate` first.")
    async with opened(_without_redis(settings)) as platform:
        user = await accounts.register(platform, username, password, email, roles, OPERATOR)
    return user.username


def _without_redis(settings: Settings) -> Settings:
    """An account touches SQL only; no Redis is asked, so its address need not lead anywhere."""
    return settings.model_copy(update={"redis_url": settings.redis_url or "redis://localhost"})


@contextlib.contextmanager
def _folder_of(settings: Settings) -> Iterator[None]:
    """Tables change under nobody: SQLite's folder is held meanwhile."""
    if settings.database_url:
        yield
    else:
        with hold(settings.data_dir):
            yield


def _password_from_stdin() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise Trouble("standard input holds no password; give it as one line.")
    return password


def _ask_password() -> str:
    if not sys.stdin.isatty():
        raise Trouble("there is no terminal to ask for a password; give it on standard input with --password-stdin.")
    asked: str = typer.prompt("Password", hide_input=True, confirmation_prompt="The same again")
    return asked


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
