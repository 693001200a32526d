"""What a worker held whose process has ended goes back at once: who keeps the process knows of its end before any lease does."""

from collections.abc import Sequence

from rota.broker.client import RedisClient
from rota.broker.scripts import Broker
from rota.broker.workers import Workers
from rota.logs import get_logger
from rota.processes import ChildEvent, ChildMove

log = get_logger(__name__)

# The second time finds what was still on its way to Redis when the process ended: a claim, a sign of life.
LOOKS = 2
_ENDS = frozenset({ChildMove.DIED, ChildMove.STOPPED, ChildMove.KILLED})


class Burials:
    """Notes deaths of workers, each by the id that its one process had, and reports them; a later process has another id."""

    def __init__(self, redis: RedisClient, namespace: str) -> None:
        self._broker = Broker(redis, namespace)
        self._workers = Workers(redis, namespace)
        self._due: dict[str, tuple[tuple[str, ...], int]] = {}  # worker -> its queues, as far as known, and looks left

    def note(self, event: ChildEvent, queues: Sequence[str]) -> bool:
        """True where it is the end of a worker that did not say good-bye; `queues` are its own if the register knows none."""
        if event.move not in _ENDS or not event.incarnation or event.status == 0:
            return False
        self._due[event.incarnation] = (tuple(queues), LOOKS)
        return True

    async def report(self) -> None:
        """Takes back what they held, and has the register count them as lost. Raises what redis-py raises; call it again."""
        for worker, (queues, looks) in list(self._due.items()):
            info = await self._workers.lost(worker)
            for queue in info["queues"] if info else queues:
                await self._bury(queue, worker)
            if looks > 1:
                self._due[worker] = (queues, looks - 1)
            else:
                del self._due[worker]

    async def _bury(self, queue: str, worker: str) -> None:
        held = await self._broker.bury(queue, worker)
        if held:
            log.warning("its tasks go back at once", worker_id=worker, queue=queue, tasks=held)
        while held and (await self._broker.sweep(queue)).more:
            pass
