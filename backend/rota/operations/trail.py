"""The trail of who did what: noted at once, written together soon after, and before the process ends."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rota import ids, jsontext
from rota.clock import Clock, now_ms
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
OVERLAP_MS = 10_000  # entries are written so long after they were made at most, as long as the database is there
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
        wanted = replace(wanted, actor_id=viewer.user_id)
    async with database.read() as db:
        return await store.page(db, wanted, after, first)


class Newer:
    """Finds what was entered since it was last asked: each entry once.

    Processes write their entries in batches of their own, so that one may come to stand below others that were told already.
    """

    def __init__(self, database: Database, viewer: Viewer, wanted: TrailQuery, most: int) -> None:
        self._database = database
        self._viewer = viewer
        self._wanted = wanted
        self._most = most
        self._from = now_ms() - OVERLAP_MS
        self._known: set[str] = set()

    async def find(self) -> tuple[list[AuditEntry], bool]:
        """The new entries, the newest first, and whether they are only the newest of more."""
        wanted = replace(self._wanted, from_id=ids.first_of(ids.ENTRY, self._from))
        rows, has_more = await page(self._database, self._viewer, wanted, None, self._most)
        new = [row for row in rows if row.id not in self._known]
        self._known = {row.id for row in rows}
        if rows:
            self._from = max(self._from, ids.made_at(rows[0].id) - OVERLAP_MS)
        return new, has_more and len(new) == self._most
