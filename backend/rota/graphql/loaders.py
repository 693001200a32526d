"""What one operation reads by id, gathered: however long a list, each kind of thing is asked for once."""

from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Generic, TypeVar

from strawberry.dataloader import DataLoader

from rota import jsontext
from rota.domain.access import Viewer, may_see_task, may_submit
from rota.operations.backlog import Backlog
from rota.operations.glance import glance
from rota.operations.limits import Load
from rota.operations.limits import loads as limit_loads
from rota.operations.metrics import Counts
from rota.operations.platform import Platform
from rota.operations.reasons import Reasons, reasons_of
from rota.operations.users import Keys, keys_of
from rota.operations.waiting import Waiting, waiting_of
from rota.operations.workers import lane_counts
from rota.store import attempts, counters, limits, queues, schedules, tasks, users, workers
from rota.store.models import Attempt, Limit, Queue, Task, User, Worker

K = TypeVar("K")
V = TypeVar("V")
R = TypeVar("R", bound="Task | Limit | Queue")


class Loaders:
    """Made for one operation of one viewer (None: nobody is signed in)."""

    def __init__(self, platform: Platform, viewer: Viewer | None) -> None:
        self._platform = platform
        self._viewer = viewer
        self._made: dict[Callable[..., Any], DataLoader[Any, Any]] = {}

    async def user(self, user_id: str | None) -> User | None:
        """An account by its id."""
        return None if user_id is None else await self._load(self._users, user_id)

    async def keys_of(self, user_id: str) -> Keys:
        """In how many ways an account may be used now."""
        return await self._load(self._keys, user_id)

    async def worker(self, worker_id: str | None) -> Worker | None:
        """A worker by its id."""
        return None if worker_id is None else await self._load(self._workers, worker_id)

    async def queue(self, name: str) -> Queue:
        """A queue that is known to be there, by its name."""
        return (await self.all_queues())[name]

    async def queues_named(self, names: Sequence[str]) -> list[Queue]:
        """Of these queues those that are there."""
        known = await self.all_queues()
        return [known[name] for name in names if name in known]

    async def all_queues(self) -> dict[str, Queue]:
        """All queues by name, in the order of their names."""
        return await self._once(self._all_queues)

    async def counts(self) -> Counts:
        """How many tasks there are by queue, status and priority."""
        return await self._once(self._counts)

    async def backlog(self) -> Backlog:
        """How long ready tasks have waited, and which may miss their deadlines."""
        return await self._once(self._backlog)

    async def conflicts(self) -> dict[str, str]:
        """Which functions workers offer differently, by name, in words."""
        return await self._once(self._conflicts)

    async def limits_of_queue(self, name: str) -> list[Limit]:
        """The limits of a queue."""
        return [limit for limit in await self._once(self._all_limits) if limit.queue == name]

    async def reasons_of(self, queue: Queue) -> Reasons:
        """Why how many tasks of a queue wait."""
        return await self._load(self._reasons, _ByRow(queue))

    async def workers_of_queue(self, name: str) -> list[Worker]:
        """The workers that are there and take from a queue."""
        return (await self._once(self._workers_by_queue)).get(name, [])

    async def workers_of_pool(self, pool_id: str) -> list[Worker]:
        """The workers of a pool that are there."""
        return (await self._once(self._workers_by_pool)).get(pool_id, [])

    async def tasks_of_worker(self, worker_id: str, first: int) -> list[Task]:
        """A worker's newest tasks that the viewer may see."""
        if self._viewer is None or not may_submit(self._viewer):
            return []
        return await self._load(self._tasks_of_workers, (worker_id, first))

    async def tasks_of_schedule(self, schedule_id: str, first: int) -> list[Task]:
        """The newest tasks that a schedule made; who sees a schedule sees those."""
        return await self._load(self._tasks_of_schedules, (schedule_id, first))

    async def attempts_of(self, task_id: str) -> list[Attempt]:
        """A task's attempts by number."""
        return await self._load(self._attempts, task_id)

    async def needs_of(self, task_id: str) -> list[Task]:
        """The tasks that a task depends on, as far as the viewer may see them."""
        return await self._load(self._needs, task_id)

    async def dependents_of(self, task_id: str, first: int) -> list[Task]:
        """The first tasks that depend on a task, as far as the viewer may see them."""
        return await self._load(self._dependents, (task_id, first))

    async def waiting_of(self, task: Task) -> Waiting | None:
        """Why a task waits; None where it does not."""
        return await self._load(self._waiting, _ByRow(task))

    async def lane_count(self, worker_id: str, queue_names: Sequence[str]) -> int:
        """How many tasks are in a worker's lanes."""
        return await self._load(self._lane_counts, (worker_id, tuple(queue_names)))

    async def load_of(self, limit: Limit) -> Load:
        """How full a limit is."""
        return await self._load(self._limit_loads, _ByRow(limit))

    async def _load(self, read: "Callable[[list[K]], Coroutine[Any, Any, list[V]]]", key: K) -> V:
        loader: DataLoader[K, V] | None = self._made.get(read)
        if loader is None:
            loader = self._made[read] = DataLoader(load_fn=read)
        return await loader.load(key)

    async def _once(self, read: "Callable[[list[None]], Coroutine[Any, Any, list[V]]]") -> V:
        return await self._load(read, None)

    async def _users(self, ids: list[str]) -> list[User | None]:
        async with self._platform.database.read() as db:
            return _in_order(ids, await users.get_many(db, ids))

    async def _keys(self, ids: list[str]) -> list[Keys]:
        return await keys_of(self._platform, ids)

    async def _workers(self, ids: list[str]) -> list[Worker | None]:
        async with self._platform.database.read() as db:
            return _in_order(ids, await workers.get_many(db, ids))

    async def _all_queues(self, _: list[None]) -> list[dict[str, Queue]]:
        async with self._platform.database.read() as db:
            return [{queue.name: queue for queue in await queues.all_queues(db)}]

    async def _all_limits(self, _: list[None]) -> list[list[Limit]]:
        async with self._platform.database.read() as db:
            return [await limits.all_limits(db)]

    async def _conflicts(self, _: list[None]) -> list[dict[str, str]]:
        found: dict[str, str] = {}
        async with glance("what workers offer differently is unknown while Redis is away"):
            found = await self._platform.workers.conflicts()
        return [found]

    async def _reasons(self, keys: "list[_ByRow[Queue]]") -> list[Reasons]:
        return await reasons_of(self._platform, [key.row for key in keys], await self.counts())

    async def _counts(self, _: list[None]) -> list[Counts]:
        async with self._platform.database.read() as db:
            return [Counts(await counters.totals(db))]

    async def _backlog(self, _: list[None]) -> list[Backlog]:
        return [await self._platform.backlogs.now(self._platform)]

    async def _workers_by_queue(self, _: list[None]) -> list[dict[str, list[Worker]]]:
        found: defaultdict[str, list[Worker]] = defaultdict(list)
        async with self._platform.database.read() as db:
            for worker in await workers.here(db):
                for name in jsontext.loads(worker.queues):
                    found[name].append(worker)
        return [found]

    async def _workers_by_pool(self, _: list[None]) -> list[dict[str, list[Worker]]]:
        found: defaultdict[str, list[Worker]] = defaultdict(list)
        async with self._platform.database.read() as db:
            for worker in await workers.here(db):
                if worker.pool is not None:
                    found[worker.pool].append(worker)
        return [found]

    async def _tasks_of_workers(self, keys: list[tuple[str, int]]) -> list[list[Task]]:
        owner_id = None if self._viewer is None or self._viewer.is_admin else self._viewer.user_id
        found: dict[tuple[str, int], list[Task]] = {}
        async with self._platform.database.read() as db:
            for first in {first for _, first in keys}:
                ids = [worker_id for worker_id, wanted in keys if wanted == first]
                for worker_id, rows in (await tasks.of_workers(db, ids, owner_id, first)).items():
                    found[worker_id, first] = rows
        return [found[key] for key in keys]

    async def _tasks_of_schedules(self, keys: list[tuple[str, int]]) -> list[list[Task]]:
        found: dict[tuple[str, int], list[Task]] = {}
        async with self._platform.database.read() as db:
            for first in {first for _, first in keys}:
                ids = [schedule_id for schedule_id, wanted in keys if wanted == first]
                for schedule_id, rows in (await schedules.tasks_of(db, ids, first)).items():
                    found[schedule_id, first] = rows
        return [found[key] for key in keys]

    async def _attempts(self, ids: list[str]) -> list[list[Attempt]]:
        async with self._platform.database.read() as db:
            found = await attempts.of(db, ids)
        return [found[task_id] for task_id in ids]

    async def _needs(self, ids: list[str]) -> list[list[Task]]:
        async with self._platform.database.read() as db:
            needs = await tasks.statuses_of_needs(db, ids)
            wanted = {needed for found in needs.values() for needed, _ in found}
            rows = {row.id: row for row in await tasks.get_many(db, sorted(wanted)) if self._may_see(row)}
        return [[rows[needed] for needed, _ in needs[task_id] if needed in rows] for task_id in ids]

    async def _dependents(self, keys: list[tuple[str, int]]) -> list[list[Task]]:
        if self._viewer is None:
            return [[] for _ in keys]
        owner_id = None if self._viewer.is_admin else self._viewer.user_id
        found: dict[tuple[str, int], list[Task]] = {}
        async with self._platform.database.read() as db:
            for first in {first for _, first in keys}:
                ids = [task_id for task_id, wanted in keys if wanted == first]
                for task_id, rows in (await tasks.dependents_of(db, ids, owner_id, first)).items():
                    found[task_id, first] = rows
        return [found[key] for key in keys]

    async def _waiting(self, keys: "list[_ByRow[Task]]") -> list[Waiting | None]:
        return await waiting_of(self._platform, [key.row for key in keys])

    async def _lane_counts(self, keys: list[tuple[str, tuple[str, ...]]]) -> list[int]:
        return await lane_counts(self._platform, keys)

    async def _limit_loads(self, keys: "list[_ByRow[Limit]]") -> list[Load]:
        return await limit_loads(self._platform, [key.row for key in keys])

    def _may_see(self, task: Task) -> bool:
        return self._viewer is not None and may_see_task(self._viewer, task.owner_id)


class _ByRow(Generic[R]):
    """A row as a key: the loader needs the whole of it, and its id tells rows apart."""

    __slots__ = ("row",)

    def __init__(self, row: R) -> None:
        self.row = row

    def __hash__(self) -> int:
        return hash(self.row.id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByRow) and self.row.id == other.row.id


def _in_order(ids: Sequence[str], rows: Sequence[Any]) -> list[Any]:
    found = {row.id: row for row in rows}
    return [found.get(row_id) for row_id in ids]
