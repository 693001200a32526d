"""Sizes pools by the wait that is to be expected, and splits their workers between the supervisors that are there."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rota import jsontext
from rota.broker.pools import Registered
from rota.domain import pools as rules
from rota.domain import scaling
from rota.domain.events import Change
from rota.domain.scaling import Bounds, Calm, Load, QueueLoad
from rota.domain.states import TaskStatus
from rota.logs import get_logger
from rota.operations.platform import Platform
from rota.operations.pools import queues_of, share_of
from rota.store import counters, functions, queues, tasks
from rota.store import pools as store
from rota.store.database import Connection
from rota.store.models import Pool

log = get_logger(__name__)

EVERY_S = 1.0
HEAD = 200  # tasks at the head of a line whose functions stand for all that is ahead
TROUBLE_MS = 3_000  # what passes sooner is no trouble: everything has just been started
PRUNE_EVERY = 600  # rounds
FAILING = "Its workers end as soon as they have started on"
STOPPED_KEPT_MS = 7 * 24 * 3_600_000


@dataclass(slots=True)
class _View:
    """What one round sees: the register's workers, what waits in each queue, and how long one of it runs."""

    workers: list[dict[str, Any]]
    open_queues: list[str]  # of kind POOL, and not paused
    waiting: dict[str, int] = field(default_factory=dict)
    started: frozenset[str] = frozenset()  # queues in which a task has started since the last look
    mean_ms: dict[str, float] = field(default_factory=dict)
    so_far_ms: dict[str, float] = field(
        default_factory=dict
    )  # where run times are not known: how long what runs has run


class Autoscaler:
    """Runs in the leader only. What hysteresis remembers goes with it: a new leader begins a new quiet period."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._calms: dict[str, tuple[int, Calm]] = {}  # pool -> its version, and what hysteresis remembers of it
        self._leases: dict[str, int] = {}  # queue -> its last lease
        self._troubles: dict[str, tuple[str | None, int]] = {}  # pool -> what is wrong, and since when

    async def run(self) -> None:
        """Sizes and assigns each second."""
        rounds = 0
        while True:
            await self.step()
            if rounds % PRUNE_EVERY == 0:
                async with self._platform.database.transaction() as db:
                    await store.prune(db, self._platform.clock.now_ms() - STOPPED_KEPT_MS, rules.DEFAULT_POOL)
            rounds += 1
            await asyncio.sleep(EVERY_S)

    async def step(self) -> None:
        """One round."""
        async with self._platform.database.read() as db:
            pools = await store.running(db)
        if pools:
            view = await self._look(pools)
            for pool in pools:
                await self._size(pool, view)
        troubles = await self._assign(pools)
        for pool in pools:
            await self._note_trouble(pool, troubles.get(pool.id))
        known = {pool.id for pool in pools}
        for memory in (self._calms, self._troubles):
            for pool_id in memory.keys() - known:
                memory.pop(pool_id)

    async def _look(self, pools: Sequence[Pool]) -> _View:
        platform = self._platform
        now, registered = await platform.workers.roll()
        async with platform.database.read() as db:
            rows = await queues.all_queues(db)
            totals = await counters.totals(db)
        view = _View(
            [worker.info for worker in registered if worker.seen_until > now],
            [row.name for row in rows if row.kind == "POOL" and not row.is_paused],
        )
        looked_at = sorted({name for pool in pools for name in _queues(pool, view)})
        lines = await platform.pools.lines(looked_at)
        view.waiting = {name: line.ready for name, line in lines.items()}
        leases = {name: line.last_lease for name, line in lines.items()}
        view.started = frozenset(name for name, lease in leases.items() if lease != self._leases.get(name, lease))
        self._leases = leases
        for (name, status, _), amount in totals.items():
            if name in view.waiting and status == TaskStatus.ASSIGNED:
                view.waiting[name] += amount
        busy = [name for name, amount in view.waiting.items() if amount]
        if busy:
            async with platform.database.read() as db:
                view.mean_ms = await _means(db, busy)
                if view.mean_ms.keys() != set(busy):
                    view.so_far_ms = await tasks.run_so_far_ms(db, platform.clock.now_ms())
        return view

    async def _size(self, pool: Pool, view: _View) -> None:
        """Decides over one pool, and keeps what was decided."""
        now = self._platform.clock.now_ms()
        version, calm = self._calms.get(pool.id, (pool.version, Calm()))
        if version != pool.version:  # somebody has changed it: a new quiet period
            calm = calm._replace(since=None)
        size = pool.advised_workers if pool.dry_run else pool.desired_workers
        quiet_ms = round(self._platform.settings.pool_quiet_seconds * 1000)
        bounds = Bounds(pool.min_workers, pool.max_workers, pool.slots_per_worker, pool.target_wait_ms, quiet_ms)
        decision = scaling.decide(bounds, _load(pool, view), size, calm, now)
        self._calms[pool.id] = (pool.version, decision.calm)
        values: dict[str, Any] = _served(pool, view)
        if decision.size != size:
            values["advised_workers"] = decision.size
            if not pool.dry_run:
                values["desired_workers"] = decision.size
        if not values:
            return
        async with self._platform.database.transaction() as db:
            if not await store.note(db, pool, values):
                return
            if decision.size != size:
                await store.add_decision(
                    db, pool.id, now, (size, decision.size), decision.reason, is_dry_run=pool.dry_run
                )
        for name, value in values.items():
            setattr(pool, name, value)
        if decision.size != size:
            log.info("pool sized", pool=pool.name, size=decision.size, reason=decision.reason, is_dry_run=pool.dry_run)
            self._platform.announcer.tell(Change(workers=True))

    async def _assign(self, pools: Sequence[Pool]) -> dict[str, str]:
        """Tells each supervisor its share. Returns what is wrong with the pools that lack workers."""
        now, registered = await self._platform.pools.roll()
        here = [supervisor for supervisor in registered if supervisor.seen_until > now]
        found = rules.split([_wanted(pool) for pool in pools], [_able(supervisor) for supervisor in here])
        for supervisor in here:
            counts = found.shares[supervisor.id]
            shares = [share_of(pool, counts[pool.id]) for pool in pools if pool.id in counts]
            if shares != supervisor.shares:
                await self._platform.pools.assign(supervisor.id, shares)
        for supervisor in registered:
            if supervisor.seen_until <= now:
                log.warning("supervisor lost", supervisor=supervisor.info["name"], supervisor_id=supervisor.id)
                await self._platform.pools.leave(supervisor.id)
        return _failures(here, found.shares) | found.troubles

    async def _note_trouble(self, pool: Pool, trouble: str | None) -> None:
        """Keeps in words why a pool lacks workers, once that has lasted, and that it is over."""
        now = self._platform.clock.now_ms()
        seen, since = self._troubles.get(pool.id, (None, 0))
        if seen != trouble or not since:
            seen, since = self._troubles[pool.id] = (trouble, now)
        if trouble == pool.trouble or (trouble is not None and now - since < TROUBLE_MS):
            return
        size = pool.desired_workers
        async with self._platform.database.transaction() as db:
            if await store.note(db, pool, {"trouble": trouble}):
                words = trouble or _over(pool.trouble or "")
                await store.add_decision(db, pool.id, now, (size, size), words)
        log.info("pool lacks workers" if trouble else "pool has its workers", pool=pool.name, reason=trouble)
        self._platform.announcer.tell(Change(workers=True))


def _queues(pool: Pool, view: _View) -> list[str]:
    """The queues that count for a pool; all while nobody knows which ones its functions stand in."""
    named = queues_of(pool)
    return [name for name in view.open_queues if name in named] if named else view.open_queues


def _load(pool: Pool, view: _View) -> Load:
    own = [worker for worker in view.workers if worker.get("pool") == pool.id]
    others = [worker for worker in view.workers if worker.get("pool") != pool.id and worker["status"] == "ONLINE"]
    loads = [
        QueueLoad(
            view.waiting.get(name, 0),
            view.mean_ms.get(name),
            sum(worker["slots"] for worker in others if name in worker["queues"]),
            view.so_far_ms.get(name, 0),
        )
        for name in _queues(pool, view)
    ]
    # What a worker that drains still runs takes no slot of those that will be there.
    running = sum(worker["running_count"] for worker in own if worker["status"] != "DRAINING")
    return Load(loads, running, not view.started.isdisjoint(_queues(pool, view)))


def _served(pool: Pool, view: _View) -> dict[str, Any]:
    """What is to be kept of the queues that a pool's workers take from, where nobody has named them."""
    if jsontext.loads(pool.queues):
        return {}
    seen = {name for worker in view.workers if worker.get("pool") == pool.id for name in worker["queues"]}
    served = jsontext.dumps(sorted(seen))
    return {"served": served} if seen and served != pool.served else {}


async def _means(db: Connection, names: Iterable[str]) -> dict[str, float]:
    """How long a task at the head of each line runs; none where no function there has run yet."""
    expected = {function.name: function.expected_ms for function in await functions.all_functions(db)}
    found = {}
    for name in names:
        heads = await tasks.functions_at_head(db, name, HEAD)
        known = [(expected.get(function, 0), count) for function, count in heads.items()]
        total = sum(count for ms, count in known if ms)
        if total:
            found[name] = sum(ms * count for ms, count in known if ms) / total
    return found


def _failures(here: Sequence[Registered], shares: Mapping[str, Mapping[str, int]]) -> dict[str, str]:
    """By pool: that its workers do not live, and where to look."""
    return {
        pool: f"{FAILING} {supervisor.info['host']} (status {status}); what they log says why."
        for supervisor in here
        for pool, status in supervisor.info.get("failing", {}).items()
        if pool in shares[supervisor.id]
    }


def _over(trouble: str) -> str:
    return "Its workers live again." if trouble.startswith(FAILING) else "There is room for all its workers again."


def _wanted(pool: Pool) -> rules.Wanted:
    return rules.Wanted(pool.id, tuple(jsontext.loads(pool.queues)), pool.desired_workers)


def _able(supervisor: Registered) -> rules.Supervisor:
    named = supervisor.info.get("queues")
    return rules.Supervisor(supervisor.id, supervisor.info["capacity"], None if named is None else frozenset(named))
