"""Tells of commits; what could not be told because Redis was away is told when it is back."""

import asyncio

from rota.broker.changes import Changes
from rota.broker.client import REDIS_GONE
from rota.domain.events import Change
from rota.logs import get_logger

log = get_logger(__name__)
PAUSE_S = 0.5


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
            self._wake.set()

    async def run(self) -> None:
        """Sends what is noted, gathered where much came at once."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                taken, self._waiting = self._waiting, []
                if not await self._send(merged(taken)):
                    self._waiting = taken + self._waiting
                    await asyncio.sleep(PAUSE_S)

    async def _send(self, change: Change) -> bool:
        try:
            await self._changes.announce(change)
        except REDIS_GONE as error:
            log.warning("announcement waits for Redis", error=str(error), tasks=len(change.task_ids))
            return False
        return True


def merged(changes: list[Change]) -> Change:
    """One change that tells what all of them tell."""
    if len(changes) == 1:
        return changes[0]
    return Change(
        tuple(dict.fromkeys(task_id for change in changes for task_id in change.task_ids)),
        workers=any(change.workers for change in changes),
        queues=any(change.queues for change in changes),
        functions=any(change.functions for change in changes),
        actions=any(change.actions for change in changes),
    )
