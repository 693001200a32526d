"""The supervisor: starts and stops the workers of pools on its machine, as many as the coordinator assigns to it."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from rota import ids
from rota.broker.client import REDIS_GONE, connect
from rota.broker.pools import Pools, Share
from rota.clock import now_ms
from rota.domain.pools import DEFAULT_POOL
from rota.logs import get_logger
from rota.processes import Child, ChildEvent, ChildMove, Keeper
from rota.settings import Settings
from rota.worker.burials import Burials
from rota.worker.identity import INCARNATION

log = get_logger(__name__)

BEAT_S = 1.0
# A supervisor that is silent for so long is lost; its share goes to others.
TTL_MS = 5_000
# Beyond the time that tasks may take: the worker settles, says good-bye and ends.
STOP_MARGIN_S = 5.0
RETIRE = signal.SIGUSR1
# Workers know only Redis: what opens all the rest is not for the functions that run in them.
SECRETS = frozenset({"ROTA_DATABASE_URL", "ROTA_ADMIN_PASSWORD", "ROTA_METRICS_TOKEN"})


class Supervisor:
    """Works while `run` runs. Its keeper's children are workers; it knows them by name and by what they were started as.

    `queues` are those that its functions stand in, None where it does not know. With `label` workers carry it in their
    names, so that those of several machines can be told apart.
    """

    def __init__(
        self,
        settings: Settings,
        targets: Sequence[str],
        keeper: Keeper,
        *,
        capacity: int | None = None,
        queues: Sequence[str] | None = None,
        label: str = "",
    ) -> None:
        self.id = ids.new_id(ids.SUPERVISOR)
        self._settings = settings
        self._targets = tuple(targets)
        self._keeper = keeper
        self._capacity = capacity or settings.supervisor_capacity
        self._queues = None if queues is None else list(queues)
        self._label = label
        self._redis = connect(settings.redis_url)
        self._pools = Pools(self._redis, settings.namespace)
        self._burials = Burials(self._redis, settings.namespace)
        self._stir = asyncio.Event()
        keeper.tell(self._heard)
        # What each worker was started as; one that is to end is not here any more.
        self._workers: dict[str, Share] = {}
        self._started_at = now_ms()

    async def run(self) -> None:
        """Follows its assignment until it is cancelled. While Redis is away its workers stay as they are."""
        was_gone = False
        try:
            while True:
                self._stir.clear()
                try:
                    await self._burials.report()
                    shares = await self._pools.beat(self.id, self._info(), TTL_MS)
                    was_gone = False
                except REDIS_GONE as error:
                    if not was_gone:
                        log.warning("Redis does not answer; workers stay as they are", error=str(error))
                    was_gone = True
                else:
                    # None: the coordinator has not seen it yet, or Redis was emptied. What runs, runs on.
                    if shares is not None:
                        await self.follow(shares)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stir.wait(), BEAT_S)
        finally:
            await self._leave()

    def _heard(self, event: ChildEvent) -> None:
        share = self._workers.get(event.name)
        if self._burials.note(event, (share.queues if share else ()) or self._queues or ()):
            self._stir.set()

    async def follow(self, shares: Sequence[Share]) -> None:
        """Starts and retires workers until they are as many as these shares say.

        One that is to go, or is not what its pool's workers are to be now, finishes what it runs.
        """
        wanted = {_like(share): share.workers for share in shares}
        room = self._capacity
        for like, count in wanted.items():
            wanted[like] = min(count, room)
            room -= wanted[like]
        await self._retire(wanted)
        have = Counter(_like(share) for share in self._workers.values())
        for share in shares:
            for _ in range(wanted[_like(share)] - have[_like(share)]):
                await self._start(share)

    async def _retire(self, wanted: dict[Share, int]) -> None:
        kept: Counter[Share] = Counter()
        for name in sorted(self._workers, key=_number):
            like = _like(self._workers[name])
            kept[like] += 1
            if kept[like] > wanted.get(like, 0):
                del self._workers[name]
                log.info("worker retires", child=name)
                await self._keeper.retire(name, RETIRE)

    async def _start(self, share: Share) -> None:
        name = next(name for name in self._names(share) if name not in self._keeper.names)
        drain_s = self._settings.drain_seconds
        child = Child(
            name,
            self._command(name, share),
            self._environment(share),
            SECRETS,
            stop_s=drain_s + STOP_MARGIN_S,
            incarnation=(INCARNATION, lambda: ids.new_id(ids.WORKER)),
        )
        try:
            await self._keeper.start(child)
        except OSError as error:
            # Out of processes or memory; the next beat tries again.
            log.error("cannot start a worker process", child=name, error=error.strerror)
            return
        self._workers[name] = share

    def _names(self, share: Share) -> Iterator[str]:
        # Alone on its machine the first pool's workers are just that.
        word = share.name if self._label or share.name != DEFAULT_POOL else "worker"
        front = f"{word}-{self._label}" if self._label else word
        number = 0
        while True:
            number += 1
            yield f"{front}-{number}"

    def _command(self, name: str, share: Share) -> tuple[str, ...]:
        queues = [part for queue in share.queues for part in ("--queue", queue)]
        stealing = [] if share.stealing else ["--no-stealing"]
        front = (sys.executable, "-m", "rota", "worker", *self._targets, "--name", name)
        return (*front, "--pool", share.pool, *stealing, *queues)

    def _environment(self, share: Share) -> dict[str, str]:
        settings = self._settings
        return {
            "ROTA_REDIS_URL": settings.redis_url,
            "ROTA_NAMESPACE": settings.namespace,
            "ROTA_SLOTS": str(share.slots),
            "ROTA_DRAIN_SECONDS": str(settings.drain_seconds),
            "ROTA_DATA_DIR": str(settings.data_dir),
        }

    def _info(self) -> dict[str, Any]:
        return {
            "name": f"{socket.gethostname()}-{os.getpid()}",
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "capacity": self._capacity,
            "queues": self._queues,
            "workers": len(self._workers),
            "failing": self._failing(),
            "started_at": self._started_at,
            "at": now_ms(),
        }

    def _failing(self) -> dict[str, int]:
        """The pools whose workers here end as soon as they start, each with an exit status."""
        failing = self._keeper.failing
        return {share.pool: failing[name] for name, share in self._workers.items() if name in failing}

    async def _leave(self) -> None:
        with contextlib.suppress(*REDIS_GONE):  # it counts as lost in a moment anyway
            await self._pools.leave(self.id)
        await self._redis.aclose()


def log_child(event: ChildEvent) -> None:
    """Logs what became of a child."""
    if event.move is ChildMove.DIED and event.is_failing:
        log.error(
            "dies again and again; what it logged before says why",
            child=event.name,
            status=event.status,
            times=event.deaths,
            pause_s=event.pause_s,
        )
    elif event.move is ChildMove.DIED:
        log.warning("died; is started again", child=event.name, status=event.status, pause_s=event.pause_s)
    elif event.move is ChildMove.KILLED:
        log.warning("did not end in time and was killed", child=event.name)
    else:
        log.debug(event.move.lower(), child=event.name, pid=event.pid)


def _like(share: Share) -> Share:
    """What its workers have in common: a pool's new name or size is no reason to replace them."""
    return share._replace(name="", workers=0)


def _number(name: str) -> int:
    return int(name.rpartition("-")[2])
