"""`rota up`: everything on one machine, started in order and ended in order, with nothing left behind."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import Any

import uvloop
from rich.text import Text

from rota.broker.client import REDIS_GONE
from rota.broker.embedded import EmbeddedRedisError, embedded_redis
from rota.commands.connection import Connection, load_connection, save_connection
from rota.commands.manage import administrator, bring_up_to_date
from rota.commands.recipe import starters, watch
from rota.commands.samples import submit_samples
from rota.commands.steps import Steps, Trouble, fail
from rota.coordinator.coordinator import Coordinator
from rota.datafolder import DataFolderError, hold
from rota.domain.access import Role, Viewer
from rota.domain.errors import Conflict, RotaError
from rota.graphql.hub import Hub
from rota.logs import get_logger, held_back, set_up_logs
from rota.operations import accounts
from rota.operations.platform import Platform
from rota.operations.pools import ensure_default, share_of
from rota.processes import Keeper, collect_rarely, name_process
from rota.settings import Settings
from rota.store import queues, users
from rota.store.models import Pool, User
from rota.web.server import CannotListen, bind, serving
from rota.wiring import open_platform, running
from rota.worker.supervisor import Supervisor, log_child

log = get_logger(__name__)

EXAMPLES = "rota.examples"
TOKEN_NAME = "commands on this machine"
RECORD_S = 5.0
SAMPLES_S = 60.0
ENDED_EARLY = 130


def run_up(settings: Settings, *, targets: Sequence[str], with_samples: bool) -> int:
    """Runs until Ctrl-C or SIGTERM. Returns the exit status."""
    name_process("rota up")
    set_up_logs(settings, "up")
    if targets and (status := _check([EXAMPLES, *targets])) != 0:
        return status
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_Up(settings, targets, with_samples=with_samples).run())
    except (Trouble, CannotListen, DataFolderError, EmbeddedRedisError) as error:
        fail(str(error))
        return 1
    except asyncio.CancelledError:
        fail("ended while it was starting.")
        return ENDED_EARLY


def _check(targets: Sequence[str]) -> int:
    """Whether workers could run these: 0, or the status of a worker that could not and has said why.

    In a process of its own: this one is the api, and imports no functions.
    """
    command = [sys.executable, "-m", "rota", "worker", "--check", *targets]
    try:
        # A module may print what it likes as it is imported.
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False).returncode
    except KeyboardInterrupt:
        return ENDED_EARLY


class _Up:
    """One run of everything."""

    def __init__(self, settings: Settings, targets: Sequence[str], *, with_samples: bool) -> None:
        self._settings = settings
        self._targets = [EXAMPLES, *targets]
        self._with_samples = with_samples
        self._steps = Steps()
        self._is_to_end = asyncio.Event()
        self._keeper = Keeper(log_child)
        self._is_first = False
        self._starting: asyncio.Task[object] | None = None

    async def run(self) -> int:
        self._starting = asyncio.current_task()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self._end)
        # Before anything is started, not after all of it.
        bind(self._settings.host, self._settings.port).close()
        async with contextlib.AsyncExitStack() as stack:
            if started_by := starters():
                await stack.enter_async_context(running(watch(started_by, self._end)))
            with held_back():
                loops = await self._start(stack)
            self._starting = None
            collect_rarely()
            status = await self._wait(loops)
            self._steps.say("Finishing what runs; Ctrl-C again does not wait for it.")
        self._steps.say("Ended.")
        return status

    async def _start(self, stack: contextlib.AsyncExitStack) -> list["asyncio.Task[None]"]:
        """Starts the parts from the bottom up; leaving the stack ends them from the top down."""
        steps = self._steps
        stack.enter_context(hold(self._settings.data_dir))
        with steps.step("Opening the database", "Database"):
            await bring_up_to_date(self._settings)
        settings = await self._with_redis(stack)
        platform = await stack.enter_async_context(open_platform(settings))
        admin, password = await self._administrator(platform)
        coordinator, hub = Coordinator(platform), Hub(platform)
        loops = await stack.enter_async_context(_watched(coordinator=coordinator.run()))
        with steps.step("Starting the api", "Api and coordinator"):
            url = await stack.enter_async_context(serving(platform, hub, settings))
        stack.push_async_callback(_all_recorded, platform, coordinator)
        await stack.enter_async_context(self._keeper)
        pools = await ensure_default(platform, settings.workers, settings.slots)
        workers = sum(pool.desired_workers for pool in pools)
        with steps.step("Starting workers", _workers_words(workers)):
            supervisor = await self._supervisor(settings, pools)
        loops += await stack.enter_async_context(_watched(supervisor=supervisor.run()))
        await _keep_connection(platform, url, admin)
        self._greet(url, admin.username, password)
        if self._is_first and self._with_samples and workers:
            await stack.enter_async_context(running(_samples(platform, admin.id)))
        return loops

    async def _with_redis(self, stack: contextlib.AsyncExitStack) -> Settings:
        """The settings with the address of a Redis that answers."""
        if self._settings.redis_url:
            return self._settings
        with self._steps.step("Starting Redis", "Redis"):
            url = await stack.enter_async_context(embedded_redis(self._settings.data_dir, log_child))
        return self._settings.model_copy(update={"redis_url": url})

    async def _administrator(self, platform: Platform) -> tuple[User, str | None]:
        """The administrator, and the password where one was made just now."""
        async with platform.database.read() as db:
            self._is_first = not await users.any_admin(db)
        password = await administrator(platform)
        async with platform.database.read() as db:
            admin = await users.first_admin(db)
        if admin is None:
            raise Trouble("there is no administrator; make one with `rota user create NAME --admin`.")
        return admin, password

    async def _supervisor(self, settings: Settings, pools: Sequence[Pool]) -> Supervisor:
        """This machine's supervisor, its workers begun: they need not wait for the coordinator to lead."""
        capacity = max(settings.supervisor_capacity, settings.workers)
        supervisor = Supervisor(settings, self._targets, self._keeper, capacity=capacity)
        await supervisor.follow([share_of(pool, pool.desired_workers) for pool in pools])
        return supervisor

    def _greet(self, url: str, username: str, password: str | None) -> None:
        say = self._steps.say
        say()
        say(Text.assemble("  Rota is at ", (url, "bold cyan")))
        if password is not None:
            say(Text.assemble("  Sign in as ", (username, "bold"), " with the password ", (password, "bold")))
            say(Text("  The password is shown only now; keep it.", style="bright_black"))
        elif self._is_first:
            say(Text.assemble("  Sign in as ", (username, "bold"), " with the password in ROTA_ADMIN_PASSWORD"))
        else:
            say(Text.assemble("  Sign in as before, as ", (username, "bold"), " or whoever you are there."))
            say(
                Text(
                    "  Lost the password? `rota user create NAME --admin` makes another administrator.",
                    style="bright_black",
                )
            )
        say(Text("  Ctrl-C ends it.", style="bright_black"))
        say()

    async def _wait(self, loops: list["asyncio.Task[None]"]) -> int:
        end = asyncio.create_task(self._is_to_end.wait())
        done, _ = await asyncio.wait({end, *loops}, return_when=asyncio.FIRST_COMPLETED)
        if end in done:
            return 0
        end.cancel()
        for loop in done:
            log.error("a part ended unasked", part=loop.get_name(), error=repr(loop.exception()))
        return 1

    def _end(self) -> None:
        """The first signal ends in order, the next does not wait for tasks; while it starts, it starts no further."""
        if self._starting is not None:
            self._starting.cancel()
            return
        if not self._is_to_end.is_set():
            self._is_to_end.set()
            return
        for pid in self._keeper.pids.values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@contextlib.asynccontextmanager
async def _watched(**parts: Coroutine[Any, Any, None]) -> AsyncIterator[list["asyncio.Task[None]"]]:
    """Runs these beside the block, which gets them to see whether one ends; cancels them at its end."""
    tasks = [asyncio.create_task(part, name=name) for name, part in parts.items()]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _all_recorded(platform: Platform, coordinator: Coordinator) -> None:
    """Waits until SQL has what the workers did: this Redis is gone in a moment, and its journal with it."""
    recorder = coordinator.recorder
    if recorder is None:
        return
    try:
        async with asyncio.timeout(RECORD_S):
            async with platform.database.read() as db:
                names = [queue.name for queue in await queues.all_queues(db)]
            for name in names:
                end = await platform.broker.missing(name, [])
                await recorder.passed(name, end.epoch, end.journal_id)
    except (TimeoutError, *REDIS_GONE) as error:
        log.warning("not all was recorded; what is missing runs again", error=str(error))


async def _keep_connection(platform: Platform, url: str, admin: User) -> None:
    """Keeps the address, and a token that works, for `rota submit` and its like."""
    kept = load_connection(platform.settings.data_dir)
    if kept is not None and await accounts.by_token(platform, kept.token) is not None:
        secret = kept.token
    else:
        viewer = Viewer(admin.id, admin.username, frozenset({Role.ADMIN}))
        try:
            _, secret = await accounts.create_token(platform, viewer, TOKEN_NAME, None)
        except Conflict as error:
            # A data folder that is new at each start leaves a token behind each time; the rest works without one.
            log.warning("commands on this machine need ROTA_TOKEN", error=error.message)
            return
    save_connection(platform.settings.data_dir, Connection(url, secret, platform.settings.redis_url))


async def _samples(platform: Platform, owner_id: str) -> None:
    try:
        async with asyncio.timeout(SAMPLES_S):
            count = await submit_samples(platform, owner_id)
    except (TimeoutError, RotaError) as error:
        log.warning("no sample tasks: their functions are not there", error=str(error))
    else:
        log.info("submitted sample tasks", tasks=count)


def _workers_words(count: int) -> str:
    return {0: "No workers", 1: "1 worker process"}.get(count, f"{count} worker processes")
