"""`rota supervisor`: starts and stops the workers of pools on this machine; needs Redis and nothing else."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Sequence

import uvloop

from rota.commands.steps import fail
from rota.logs import get_logger, set_up_logs
from rota.processes import Keeper, name_process
from rota.settings import Settings
from rota.worker.catalogue import BadTarget
from rota.worker.supervisor import Supervisor, log_child
from rota.worker.targets import collect

log = get_logger(__name__)

LABEL_LENGTH = 30


def run_supervisor(settings: Settings, targets: Sequence[str]) -> int:
    """Supervises until SIGINT or SIGTERM, then lets its workers drain. 2: a bad target or setting."""
    name_process("rota supervisor")
    set_up_logs(settings, "supervisor")
    if not settings.redis_url:
        fail("a supervisor needs Redis: give --redis-url or set ROTA_REDIS_URL")
        return 2
    try:
        # Its workers would say the same, again and again.
        queues = collect(targets).queues
    except BadTarget as error:
        fail(" ".join(str(error).split()))
        return 2
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_supervise(settings, targets, queues))
    return 0


async def _supervise(settings: Settings, targets: Sequence[str], queues: Sequence[str]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    label = socket.gethostname()[:LABEL_LENGTH]
    async with Keeper(log_child) as keeper:
        supervisor = Supervisor(settings, targets, keeper, queues=queues, label=label)
        log.info("supervisor started", supervisor_id=supervisor.id, queues=list(queues))
        running = asyncio.create_task(supervisor.run())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if running.done():
            running.result()
        log.info("supervisor ends; its workers finish what they run")
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
