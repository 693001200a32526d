"""Leadership: a row in SQL with an end, prolonged each second; who is killed is followed within five."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from rota.logs import get_logger
from rota.operations.platform import Platform
from rota.store import leaders

log = get_logger(__name__)

NAME = "coordinator"
TTL_MS = 4_000
RENEW_S = 1.0


async def lead(platform: Platform, work: Callable[[], Awaitable[None]]) -> None:
    """Runs `work` whenever this process leads, and cancels it when it does not any more. Never returns."""
    holder = platform.shard
    running: asyncio.Task[None] | None = None
    try:
        while True:
            is_leader = await _try(platform, holder)
            if is_leader and running is None:
                log.info("leads")
                running = asyncio.create_task(_run(work))
            elif not is_leader and running is not None:
                log.warning("leads no more")
                await _stop(running)
                running = None
                _raise_if_cancelled()
            elif running is not None and running.done():
                running.result()  # a fault of the coordinator itself: let it be seen
            await asyncio.sleep(RENEW_S)
    finally:
        if running is not None:
            await _stop(running)
            with contextlib.suppress(Exception):  # the end of a lead that nobody gives back comes by itself
                async with platform.database.transaction() as db:
                    await leaders.step_down(db, NAME, holder)


async def _try(platform: Platform, holder: str) -> bool:
    try:
        async with asyncio.timeout(TTL_MS / 1000 - RENEW_S), platform.database.transaction() as db:
            return await leaders.try_lead(db, NAME, holder, TTL_MS)
    except Exception as error:  # noqa: BLE001  (without the database there is no lead, whatever it said)
        log.warning("lead could not be renewed", error=str(error))
        return False


async def _run(work: Callable[[], Awaitable[None]]) -> None:
    await work()


async def _stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _raise_if_cancelled() -> None:
    """A cancellation that came while another task's was awaited was taken for that one."""
    current = asyncio.current_task()
    if current is not None and current.cancelling():
        raise asyncio.CancelledError
