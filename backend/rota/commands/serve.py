"""`rota api` and `rota coordinator`: the parts of a Rota that is spread over machines."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

import uvloop
from rich.console import Console

from rota.broker.client import REDIS_GONE
from rota.commands.manage import opened
from rota.commands.steps import Trouble
from rota.coordinator.coordinator import Coordinator
from rota.domain.events import RESET
from rota.logs import get_logger, set_up_logs
from rota.operations.platform import Platform
from rota.processes import collect_rarely, name_process
from rota.settings import Settings

log = get_logger(__name__)

FAILED = 1


def run_api(settings: Settings) -> int:
    """Serves until SIGINT or SIGTERM; the process' exit status."""

    async def serve(platform: Platform, stop: asyncio.Event) -> None:
        # A coordinator does without all of GraphQL and the web.
        from rota.graphql.hub import Hub
        from rota.web.server import CannotListen, serving

        # One that was killed may have committed what it did not come to tell of, and this may be in its place.
        platform.announcer.tell(RESET)
        try:
            async with serving(platform, Hub(platform), settings) as address:
                Console(stderr=True).print(f"Rota listens on [bold]{address}[/bold]", highlight=False)
                collect_rarely()
                await stop.wait()
                log.info("stops")
        except CannotListen as error:
            raise Trouble(str(error)) from None

    return _run(settings, "api", serve)


def run_coordinator(settings: Settings) -> int:
    """Records, reaps and reconciles until SIGINT or SIGTERM; the process' exit status."""

    async def coordinate(platform: Platform, stop: asyncio.Event) -> None:
        collect_rarely()
        leading = asyncio.create_task(Coordinator(platform).run())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({leading, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if leading.done():
                leading.result()
            log.info("stops")
        finally:
            for task in (leading, stopping):
                task.cancel()
            await asyncio.gather(leading, stopping, return_exceptions=True)

    return _run(settings, "coordinator", coordinate)


def _run(settings: Settings, part: str, work: Callable[[Platform, asyncio.Event], Awaitable[None]]) -> int:
    name_process(f"rota {part}")
    set_up_logs(settings, part)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_opened(settings, part, work))
    except Trouble as error:
        Console(stderr=True).print(f"[red]rota {part}:[/red] {error}", highlight=False, soft_wrap=True)
        return FAILED
    return 0


async def _opened(settings: Settings, part: str, work: Callable[[Platform, asyncio.Event], Awaitable[None]]) -> None:
    if not settings.redis_url:
        raise Trouble("needs Redis: set ROTA_REDIS_URL or --redis-url (`rota up` starts a Redis of its own)")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with opened(settings) as platform:
        await _look_for_redis(platform, part)
        await work(platform, stop)


async def _look_for_redis(platform: Platform, part: str) -> None:
    """Says what is not there yet. Redis may come later."""
    try:
        await platform.changes.latest()
    except REDIS_GONE as error:
        log.warning("waits for Redis", part_of=part, error=str(error))
