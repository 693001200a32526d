"""Tells of commits; what could not be told because Redis was away is told when it is back."""

import asyncio

from rota.broker.changes import Changes
from rota.broker.client import REDIS_GONE
from rota.domain.events import LISTS, MOST_TOLD, RESET, Change
from rota.logs import get_logger

log = get_logger(__name__)
PAUSE_S = 0.5
MOST_WAITING = 1_000  # changes, while Redis is away: more are gathered into one


class Announcer:
    """Announces in the order of commits. `run` must be running."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._waiting: list[Change] = []
        self._wake = asyncio.Event()

    def tell(self, change: Change) -> None:
        """Notes a committed change; it goes out at once, or when Redis is back."""
        if change:
            self._waiting.append(change)
            if len(self._waiting) > MOST_WAITING:
                self._waiting = [merged(self._waiting)]
            self._wake.set()

    async def announce(self, change: Change) -> None:
        """Returns when a committed change is told, or noted because Redis is away."""
        if change and (self._waiting or not await self._send(change)):
            self.tell(change)

    async def run(self) -> None:
        """Sends what is noted, gathered where much came at once."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                taken, self._waiting = self._waiting, []
                change = merged(taken)
                if not await self._send(change):
                    self._waiting = [merged([change, *self._waiting])]
                    await asyncio.sleep(PAUSE_S)

    async def _send(self, change: Change) -> bool:
        try:
            await self._changes.announce(merged([change]))
        except REDIS_GONE as error:
            log.warning("announcement waits for Redis", error=str(error), tasks=len(change.task_ids))
            return False
        return True


def merged(changes: list[Change]) -> Change:
    """One change that tells what all of them tell; where these are too many tasks, or one says so, to read all again."""
    if len(changes) == 1 and len(changes[0].task_ids) <= MOST_TOLD:
        return changes[0]
    task_ids = dict.fromkeys(task_id for change in changes for task_id in change.task_ids)
    is_reset = len(task_ids) > MOST_TOLD or any(change.is_reset for change in changes)
    told = [*changes, RESET] if is_reset else changes
    lists = {name: any(getattr(change, name) for change in told) for name in LISTS}
    return Change(() if is_reset else tuple(task_ids), **lists)
