"""All loops of the leader on one screen; each starts again after a fault, with a pause."""

import asyncio
from collections.abc import Awaitable, Callable

from rota.broker.client import REDIS_GONE
from rota.coordinator import bulk, deadlines, leader, retention, scheduler, spans, sweeper, totals
from rota.coordinator.autoscaler import Autoscaler
from rota.coordinator.reconciler import Reconciler
from rota.coordinator.recorder import Recorder
from rota.coordinator.rollcall import RollCall
from rota.coordinator.submissions import Submissions
from rota.logs import get_logger
from rota.operations.platform import Platform
from rota.store.record import PositionMoved

log = get_logger(__name__)

PAUSE_S = 0.5
LONGEST_PAUSE_S = 5.0

Loop = Callable[[], Awaitable[None]]


class Coordinator:
    """Leads while it can; `recorder` is the one that runs while it does."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.recorder: Recorder | None = None

    async def run(self) -> None:
        """Leads whenever no other does. Never returns."""
        await leader.lead(self._platform, self._work)

    async def _work(self) -> None:
        platform = self._platform
        recorder = Recorder(platform)
        self.recorder = recorder
        loops: tuple[tuple[str, Loop], ...] = (
            ("recorder", recorder.run),
            ("sweeper", lambda: sweeper.run(platform)),
            ("deadlines", lambda: deadlines.run(platform)),
            ("reconciler", Reconciler(platform, recorder).run),
            ("rollcall", RollCall(platform).run),
            ("submissions", Submissions(platform).run),
            ("autoscaler", Autoscaler(platform).run),
            ("scheduler", lambda: scheduler.run(platform)),
            ("bulk", lambda: bulk.run(platform)),
            ("spans", lambda: spans.run(platform)),
            ("totals", lambda: totals.run(platform, recorder)),
            ("retention", lambda: retention.run(platform)),
        )
        try:
            async with asyncio.TaskGroup() as group:
                for name, loop in loops:
                    group.create_task(_again_and_again(name, loop))
        finally:
            self.recorder = None


async def _again_and_again(name: str, loop: Loop) -> None:
    pause_s = PAUSE_S
    clock = asyncio.get_running_loop()
    while True:
        started = clock.time()
        try:
            await loop()
        except PositionMoved as error:
            log.warning("another has recorded meanwhile; goes on from there", loop=name, queue=str(error))
        except REDIS_GONE as error:
            log.warning("waits for Redis or the database", loop=name, error=str(error))
        except Exception:
            log.exception("fault; goes on after a pause", loop=name)
        if clock.time() - started > 10 * LONGEST_PAUSE_S:
            pause_s = PAUSE_S
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
