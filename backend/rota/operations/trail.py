"""The trail of who did what: noted at once, written together soon after, and before the process ends."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any

from rota import ids, jsontext
from rota.clock import Clock
from rota.domain.access import Viewer
from rota.domain.events import Change
from rota.logs import get_logger
from rota.operations.announcements import Announcer
from rota.store import audit as store
from rota.store.audit import TrailQuery
from rota.store.database import Database
from rota.store.models import AuditEntry

log = get_logger(__name__)

GATHER_S = 0.25
PAUSE_S = 1.0
AT_ONCE = 500
MOST_WAITING = 50_000  # while the database is away; nobody can do anything then that would matter
MOST_TARGETS = 20
LONGEST = 100  # characters of a target


class Trail:
    """Notes what is done. `run` must be running; `drain` writes what is left."""

    def __init__(self, database: Database, clock: Clock, announcer: Announcer) -> None:
        self._database = database
        self._clock = clock
        self._announcer = announcer
        self._waiting: deque[tuple[Any, ...]] = deque()
        self._wake = asyncio.Event()
        self._turn = asyncio.Lock()

    def note(
        self,
        action: str,
        outcome: str,
        by: Viewer | None,
        targets: Sequence[str],
        amount: int,
        *,
        address: str,
        request_id: str,
    ) -> None:
        """Notes an entry: what was done by whom to what, and how it went (`OK`, or an error's code)."""
        if len(self._waiting) >= MOST_WAITING:
            log.error("the trail is full: an entry is left out", action=action, outcome=outcome, request_id=request_id)
            return
        shown = jsontext.dumps([target[:LONGEST] for target in targets[:MOST_TARGETS]])
        actor_id, actor = (by.user_id, by.username) if by else (None, None)
        entry = (actor_id, actor, action[:60], outcome[:24], shown, amount, address[:64], request_id[:64])
        self._waiting.append((ids.new_id(ids.ENTRY), self._clock.now_ms(), *entry))
        self._wake.set()

    async def run(self) -> None:
        """Writes what is noted until it is cancelled; where the database is away, when it is back."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await asyncio.sleep(GATHER_S)
            try:
                await self.drain()
            except Exception as error:  # noqa: BLE001  (whatever a database that is away raises; the entries stay)
                log.warning("the trail waits for the database", entries=len(self._waiting), error=str(error))
                await asyncio.sleep(PAUSE_S)
                self._wake.set()

    async def drain(self) -> None:
        """Writes all that is noted by now."""
        async with self._turn:
            while self._waiting:
                rows = [self._waiting[index] for index in range(min(len(self._waiting), AT_ONCE))]
                async with self._database.transaction() as db:
                    await store.add(db, rows)
                # Only now: a commit that failed, or whose answer was lost, is tried again, and its ids with it.
                for _ in rows:
                    self._waiting.popleft()
                self._announcer.tell(Change(entries=True))


async def page(
    database: Database, viewer: Viewer, wanted: TrailQuery, after: str | None, first: int
) -> tuple[list[AuditEntry], bool]:
    """Entries that the viewer may see, the newest first: administrators all, others their own."""
    if not viewer.is_admin:
        if wanted.actor_id not in (None, viewer.user_id):
            return [], False
        wanted = TrailQuery(viewer.user_id, wanted.actions, wanted.outcomes, wanted.target, wanted.since, wanted.until)
    async with database.read() as db:
        return await store.page(db, wanted, after, first)
