"""`rota worker`: runs functions; needs Redis and nothing else."""

import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial

from rota import ids
from rota.commands.connection import kept_redis
from rota.commands.steps import fail
from rota.domain.errors import InvalidId
from rota.logs import get_logger, set_up_logs
from rota.processes import collect_rarely, name_process
from rota.settings import Settings
from rota.worker.catalogue import BadTarget
from rota.worker.identity import default_name, incarnation
from rota.worker.lines import keep_records
from rota.worker.targets import Collected, check_queue, collect
from rota.worker.worker import Worker

log = get_logger(__name__)


def run_worker(
    settings: Settings,
    targets: Sequence[str],
    *,
    queues: Sequence[str] = (),
    name: str | None = None,
    pool: str | None = None,
    stealing: bool = True,
) -> int:
    """Works until a signal or the register says to end. 2: a bad target or setting; 1: `on_startup` failed."""
    set_up_logs(settings, "worker")
    keep_records()
    try:
        settings = _with_redis(settings)
        collected = _checked(targets, queues, pool)
    except BadTarget as error:
        fail(str(error))
        return 2
    for warning in collected.warnings:
        log.warning(warning)
    shown = name or default_name()
    name_process(f"rota worker {shown} [{' '.join(queues or collected.queues)}]")
    collect_rarely()
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        worker = partial(Worker, settings, collected, queues=queues, worker_id=incarnation(), name=shown)
        return runner.run(_serve(partial(worker, pool=pool, stealing=stealing)))


def check_worker(settings: Settings, targets: Sequence[str]) -> int:
    """Imports the targets and says what it found, or why a worker could not run them. 2: a bad target."""
    set_up_logs(settings, "worker")
    try:
        collected = _checked(targets)
    except BadTarget as error:
        fail(str(error))
        return 2
    for warning in collected.warnings:
        log.warning(warning)
    print(f"{', '.join(collected.catalogue)}: can run.")  # noqa: T201  (what was asked for)
    return 0


async def _serve(make: Callable[[], Worker]) -> int:
    worker = make()
    if sys.platform != "win32":
        # From a supervisor whose pool shrinks: what runs may take all the time it needs.
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, worker.drain)
    try:
        await worker.async_run()
    except Exception:
        log.exception("the worker ends")
        return 1
    finally:
        await worker.close()
    return 0


def _with_redis(settings: Settings) -> Settings:
    """With the address of a Redis: the one that is set, else that of the `rota up` of this machine. Raises BadTarget."""
    if settings.redis_url:
        return settings
    url = kept_redis(settings.data_dir)
    if url is None:
        raise BadTarget(
            f"a worker needs Redis, and no `rota up` runs on {settings.data_dir}: start it, or give --redis-url or ROTA_REDIS_URL"
        )
    return settings.model_copy(update={"redis_url": url})


def _checked(targets: Sequence[str], queues: Sequence[str] = (), pool: str | None = None) -> Collected:
    if not targets:
        raise BadTarget("name a module with functions, or a WorkerSettings class of arq")
    for queue in queues:
        check_queue(queue)
    if pool is not None:
        try:
            ids.parse_id(ids.POOL, pool)
        except InvalidId as error:
            raise BadTarget(f"--pool: {error}") from error
    return collect(targets)


def _loop_factory() -> "type[asyncio.AbstractEventLoop] | None":
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.Loop
