"""Heartbeats become rows: who is there, who was lost, and which functions and queues there are."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from rota import jsontext
from rota.broker.workers import Registered
from rota.domain.conflicts import Offered, conflicts
from rota.domain.events import Change
from rota.domain.lines import plain
from rota.logs import get_logger
from rota.operations.platform import Platform
from rota.store import counters, functions, queues, ticks, totals, workers
from rota.store.database import is_unkept
from rota.store.models import Worker

log = get_logger(__name__)

EVERY_S = 1.0
# So often who watches hears of signs of life in which nothing else is news.
TOLD_EVERY_MS = 5_000
PRUNE_EVERY = 600  # rounds
GONE_KEPT_MS = 24 * 3600 * 1000
LONGEST_NAME = 120  # characters, of a worker or its machine
MOST = 2**31 - 1  # that a column takes


class RollCall:
    """Runs in the leader only."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._told_at = 0
        self._catalogues: dict[str, str] = {}  # worker -> the catalogue that is recorded, as it counts it
        self._offers: dict[str, dict[str, Offered]] = {}  # worker -> what it offers
        self._conflicts: dict[str, str] | None = None  # as they are kept; None: what another leader kept is not known

    async def run(self) -> None:
        """Calls the roll each second."""
        rounds = 0
        while True:
            await self.call()
            if rounds % PRUNE_EVERY == 0:
                await self._prune()
            rounds += 1
            await asyncio.sleep(EVERY_S)

    async def call(self) -> None:
        """One round."""
        now, registered = await self._platform.workers.roll()
        gone = [worker for worker in registered if worker.seen_until <= now]
        present = {worker.id: worker for worker in registered if worker.seen_until > now}
        await self._offer(list(present.values()))
        await self._note_conflicts(present)
        await self._save(present, {worker.id for worker in gone}, now)
        # Only now: had it been forgotten first and this process died in between, it would count as one that left.
        for worker in gone:
            await self._forget(worker)

    async def _forget(self, worker: Registered) -> None:
        log.warning("worker lost", worker=worker.info["name"], worker_id=worker.id)
        for queue in worker.info["queues"]:
            await self._platform.broker.forget(queue, worker.id)
        await self._platform.workers.leave(worker.id)

    async def _save(self, present: dict[str, Registered], lost: set[str], now: int) -> None:
        platform = self._platform
        async with platform.database.transaction() as db:
            known = {worker.id: worker for worker in await workers.here(db)}
            rows = [_row(worker, now) for worker in present.values()]
            is_changed = any(_differs(known.get(row["id"]), row) for row in rows)
            await workers.save(db, rows)
            for worker_id in known.keys() - present.keys():
                await workers.end(db, worker_id, "LOST" if worker_id in lost else "OFFLINE", now)
                is_changed = True
        for worker_id in known.keys() - present.keys():
            self._catalogues.pop(worker_id, None)
            self._offers.pop(worker_id, None)
        if is_changed or (present and now - self._told_at >= TOLD_EVERY_MS):
            self._told_at = now
            platform.announcer.tell(Change(workers=True))

    async def _offer(self, present: list[Registered]) -> None:
        platform = self._platform
        new = [worker for worker in present if self._catalogues.get(worker.id) != worker.info["catalogue_hash"]]
        for worker in new:
            offers = await platform.workers.catalogue(worker.id)
            try:
                await self._take(worker, offers)
            except Exception as error:
                if not is_unkept(error):
                    raise
                await self._take_apart(worker, offers)
            self._catalogues[worker.id] = worker.info["catalogue_hash"]
            self._offers[worker.id] = {offer["name"]: _offered(offer) for offer in offers}

    async def _note_conflicts(self, present: dict[str, Registered]) -> None:
        """Warns once of each function that workers offer differently, and keeps it while they are there."""
        here = sorted(present.values(), key=lambda worker: (worker.info["started_at"], worker.id))
        found = conflicts([(_shown(worker), self._offers[worker.id]) for worker in here if worker.id in self._offers])
        known = self._conflicts or {}
        for function, words in found.items():
            if known.get(function) != words:
                log.warning("a function is offered differently", function=function, reason=words)
        # Again and again while there are any: Redis may have been emptied.
        if found or found != self._conflicts:
            await self._platform.workers.note_conflicts(found)
        self._conflicts = found

    async def _take_apart(self, worker: Registered, offers: Sequence[dict[str, Any]]) -> None:
        """One by one: something of one cannot be kept, and neither its worker's others nor other workers must wait for it for ever."""
        for offer in offers:
            try:
                await self._take(worker, [offer])
            except Exception as error:
                if not is_unkept(error):
                    raise
                log.error("a function cannot be kept", function=offer["name"], error=type(error).__name__)

    async def _take(self, worker: Registered, offers: Sequence[dict[str, Any]]) -> None:
        platform, at = self._platform, self._platform.clock.now_ms()
        async with platform.database.transaction() as db:
            names = {offer["queue"] for offer in offers} | set(worker.info["queues"])
            made = await queues.ensure(db, names, platform.settings.level_ms, at)
            changed = await functions.offer(db, offers, at)
        if made or changed:
            platform.catalogue.forget()
            platform.announcer.tell(Change(queues=bool(made), functions=bool(changed)))

    async def _prune(self) -> None:
        at = self._platform.clock.now_ms()
        async with self._platform.database.transaction() as db:
            await ticks.prune(db, at // 1000 - ticks.KEPT_S)
            await workers.prune(db, at - GONE_KEPT_MS)
            await counters.fold_shards(db, self._platform.shard)
            await totals.fold_shards(db, self._platform.shard)


def _offered(offer: dict[str, Any]) -> Offered:
    text = json.dumps(offer.get("args_schema"), sort_keys=True)
    return Offered(hashlib.sha256(text.encode()).hexdigest(), offer["queue"])


def _shown(worker: Registered) -> str:
    """Its name, and where more than one may have it, which it is."""
    return f"{plain(worker.info['name'])[:LONGEST_NAME]} (process {worker.info['pid']})"


def _row(worker: Registered, now: int) -> dict[str, Any]:
    info = worker.info
    return {
        "id": worker.id,
        "name": plain(info["name"])[:LONGEST_NAME],
        "kind": info["kind"],
        "status": info["status"],
        "queues": jsontext.dumps(info["queues"]),
        "slots": min(info["slots"], MOST),
        "running_count": min(info["running_count"], MOST),
        "stealing": info.get("stealing", True),
        "is_stuck": info.get("is_stuck", False),
        "pool": info.get("pool"),
        "host": plain(info["host"])[:LONGEST_NAME],
        "pid": min(info["pid"], MOST),
        "started_at": info["started_at"],
        "heartbeat_at": info.get("at", now),
        "ended_at": None,
    }


def _differs(known: Worker | None, row: dict[str, Any]) -> bool:
    watched = ("status", "running_count", "slots", "is_stuck", "stealing")
    return known is None or any(getattr(known, name) != row[name] for name in watched)
