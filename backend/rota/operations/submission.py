"""A submit from a client's wish to its commit, and from there into line.

Submits of the same moment share one transaction (group commit). The caller has its answer when it is committed; Redis
is told afterwards, and what it could not be told is pushed by the reconciler.
"""

import asyncio
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

from rota.broker.client import REDIS_GONE
from rota.broker.scripts import Broker, Push
from rota.clock import Clock
from rota.domain.errors import RateLimited, RotaError
from rota.domain.events import Change
from rota.domain.states import TaskStatus
from rota.domain.tasks import NewTask
from rota.logs import first_line, get_logger
from rota.operations.announcements import Announcer
from rota.operations.catalogue import Catalogue
from rota.operations.drafts import Draft, Drafting
from rota.operations.groups import Decision, Group, decide
from rota.operations.pushes import PUSH_AT_ONCE, push_of
from rota.store import tasks as store
from rota.store import ticks
from rota.store.database import Clash, Connection, Database, again_on_deadlock
from rota.store.models import Task

log = get_logger(__name__)

MOST_WAITING = 50_000  # tasks whose commit is awaited; more are refused rather than kept in memory
MOST_AT_ONCE = 2_000  # tasks in one transaction
_id, _changed_at = attrgetter("id"), attrgetter("changed_at")


class Submission:
    """Takes submits. `run` must be running."""

    def __init__(
        self,
        database: Database,
        broker: Broker,
        announcer: Announcer,
        catalogue: Catalogue,
        clock: Clock,
        shard: str,
    ) -> None:
        self._database = database
        self._broker = broker
        self._announcer = announcer
        self._catalogue = catalogue
        self._drafting = Drafting(catalogue)
        self._clock = clock
        self._shard = shard
        self._waiting: list[Group] = []
        self._waiting_count = 0
        self._writing: list[Group] = []
        self._wake = asyncio.Event()
        self._pushes: set[asyncio.Task[None]] = set()
        self._tally = ticks.Tally(0)

    async def submit(self, owner_id: str | None, wishes: Sequence[NewTask], *, sees_all: bool = False) -> list[Task]:
        """The committed tasks, in the order of the wishes; all of them are taken or none.

        Raises Invalid, UnknownFunction, TooLarge, Conflict, NotFound (a dependency) or RateLimited. Where several
        were wished for, the path of an error begins with the index of the one at fault.
        """
        if self._waiting_count + len(wishes) > MOST_WAITING:
            raise RateLimited("More tasks are being submitted than the database takes; try again shortly.", 1.0)
        if not wishes:
            return []
        drafts = await self._drafting.drafts(owner_id, wishes, self._clock.now_ms())
        group = Group(drafts, sees_all, asyncio.get_running_loop().create_future())
        self._waiting.append(group)
        self._waiting_count += len(drafts)
        self._wake.set()
        return await group.done

    async def prepare(self, owner_id: str | None, wish: NewTask) -> Task:
        """The checked task of a wish without dependencies, for who inserts it in a transaction of its own.

        `push` puts it into line after the commit. Raises as `submit` does; an idempotency key is the caller's to look up.
        """
        [draft] = await self._drafting.drafts(owner_id, [wish], self._clock.now_ms())
        return draft.task

    async def push(self, tasks: Sequence[Task]) -> None:
        """Starts to put committed tasks into line; what Redis cannot be told is pushed by the reconciler."""
        pushes: dict[str, list[Push]] = {}
        for task in tasks:
            queue = await self._catalogue.queue(task.queue)
            function = await self._catalogue.function(task.function or "")
            pushes.setdefault(task.queue, []).append(push_of(task, queue, function))
        self._start_pushing(pushes, tasks)

    async def run(self) -> None:
        """Commits what waits, again and again; under load the next batch gathers while one is written."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                self._writing = self._take()
                await self._flush(self._writing)
                self._writing = []

    async def drain(self) -> None:
        """Waits until what was submitted is committed, pushed and told of."""
        while self._waiting or self._writing or self._pushes:
            doing: list[asyncio.Future[Any]] = [
                *(group.done for group in (*self._waiting, *self._writing)),
                *self._pushes,
            ]
            await asyncio.wait(doing, return_when=asyncio.FIRST_COMPLETED)

    def _take(self) -> list[Group]:
        taken, count = 0, 0
        for group in self._waiting:
            if taken and count + len(group.drafts) > MOST_AT_ONCE:
                break
            taken, count = taken + 1, count + len(group.drafts)
        groups, self._waiting = self._waiting[:taken], self._waiting[taken:]
        self._waiting_count -= count
        return groups

    async def _flush(self, groups: list[Group]) -> None:
        try:
            await self._commit(groups)
        except (OSError, TimeoutError) as error:
            for group in groups:
                group.fail(error)
        except Exception as error:  # noqa: BLE001  (whatever the database says, the callers must hear it)
            # One of them may be to blame, or another process took the same idempotency key in between. One by one,
            # each finds what stands by now, and none fails for another.
            log.debug("submits are committed one by one", error=first_line(error), groups=len(groups))
            for group in groups:
                await self._flush_alone(group)

    async def _flush_alone(self, group: Group) -> None:
        for is_last in (False, False, True):
            try:
                await self._commit([group])
            except Exception as error:  # noqa: BLE001  (as above)
                if is_last or not isinstance(error, Clash):
                    log.warning("a submit was not committed", error=first_line(error), tasks=len(group.drafts))
                    group.fail(error)
                    return
            else:
                return

    @again_on_deadlock
    async def _commit(self, groups: list[Group]) -> None:
        accepted: list[tuple[Group, Decision]] = []
        refused: list[tuple[Group, RotaError]] = []
        async with self._database.transaction() as db:
            known = await _known_keys(db, groups)
            needed = await _needed(db, groups)
            for group in groups:
                try:
                    accepted.append((group, decide(group, known, needed)))
                except RotaError as error:
                    refused.append((group, error))
            new = [draft for _, decision in accepted for draft in decision.new]
            needs = [pair for _, decision in accepted for pair in decision.needs]
            await store.insert(db, self._shard, [draft.task for draft in new], needs)
            tally = await self._count(db, len(new))
        self._tally = tally
        # Only now: had the transaction failed, each would be decided anew.
        for group, why in refused:
            group.fail(why)
        # Before who waits goes on: an idle worker is to hear of it at once, not after the answer was made.
        self._start_pushing(_pushes_of(new), [draft.task for draft in new], [task_id for _, task_id in needs])
        for group, decision in accepted:
            if not group.done.done():
                group.done.set_result(decision.answer)

    def _start_pushing(self, pushes: dict[str, list[Push]], tasks: Sequence[Task], needed: Iterable[str] = ()) -> None:
        if tasks:
            started = asyncio.create_task(self._push(pushes, tasks, needed))
            self._pushes.add(started)
            started.add_done_callback(self._pushes.discard)

    async def _push(self, pushes: dict[str, list[Push]], tasks: Sequence[Task], needed: Iterable[str]) -> None:
        since = min(map(_changed_at, tasks))
        try:
            for queue, some in pushes.items():
                for start in range(0, len(some), PUSH_AT_ONCE):
                    age_ms = self._clock.now_ms() - since
                    await self._broker.push(queue, some[start : start + PUSH_AT_ONCE], age_ms)
        except REDIS_GONE as error:
            count = sum(len(some) for some in pushes.values())
            log.warning("tasks are committed and wait for Redis", error=str(error), tasks=count)
        # After the push: who hears of them may ask for their places in line. Of what they need the dependents changed.
        told = dict.fromkeys([*map(_id, tasks), *needed])
        await self._announcer.announce(Change(tuple(told)))

    async def _count(self, db: Connection, count: int) -> ticks.Tally:
        second = self._clock.now_ms() // 1000
        # A copy: what is rolled back was not counted.
        tally = self._tally.copy() if self._tally.second == second else ticks.Tally(second)
        if count:
            tally.submitted += count
            await ticks.save(db, self._shard, tally)
        return tally


def _pushes_of(new: Iterable[Draft]) -> dict[str, list[Push]]:
    pushes: dict[str, list[Push]] = {}
    for draft in new:
        if draft.task.status != TaskStatus.BLOCKED:
            pushes.setdefault(draft.task.queue, []).append(draft.push())
    return pushes


async def _known_keys(db: Connection, groups: list[Group]) -> dict[tuple[str | None, str], Task]:
    return await store.with_keys(db, [key for group in groups for draft in group.drafts if (key := draft.key)])


async def _needed(db: Connection, groups: list[Group]) -> dict[str, Task]:
    wanted = {task_id for group in groups for draft in group.drafts for task_id in draft.needs}
    # Locked, so that none of them ends between this look and the commit without seeing its new dependant.
    return {task.id: task for task in await store.lock(db, sorted(wanted))} if wanted else {}
