"""A submit from a client's wish to its commit, and from there into line.

Submits of the same moment share one transaction (group commit). The caller has its answer when it is committed; Redis
is told afterwards, and what it could not be told is pushed by the reconciler.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rota import ids, jsontext
from rota.broker.client import REDIS_GONE
from rota.broker.scripts import Broker, Push
from rota.clock import Clock
from rota.domain import tasks as rules
from rota.domain.errors import Conflict, Invalid, NotFound, RateLimited, RotaError
from rota.domain.events import Change
from rota.domain.rank import DEFAULT_PRIORITY, rank
from rota.domain.states import FINAL, TaskStatus
from rota.domain.tasks import NewTask
from rota.logs import get_logger
from rota.operations.announcements import Announcer
from rota.operations.arguments import check_arguments
from rota.operations.catalogue import Catalogue
from rota.operations.pushes import push_of
from rota.store import tasks as store
from rota.store import ticks
from rota.store.database import Clash, Connection, Database, again_on_deadlock
from rota.store.models import Function, Queue, Task

log = get_logger(__name__)

MOST_WAITING = 50_000  # tasks whose commit is awaited; more are refused rather than kept in memory
MOST_AT_ONCE = 2_000  # tasks in one transaction
PUSH_AT_ONCE = 500


@dataclass(slots=True)
class _Group:
    """The tasks of one call: all are taken or none."""

    rows: list[store.Row]
    tasks: list[Task]
    places: list["_Place"]
    needs: list[tuple[str, ...]]
    sees_all: bool
    done: "asyncio.Future[list[Task]]"
    new: list[int] = field(default_factory=list)  # indexes of what was not there before


@dataclass(frozen=True, slots=True)
class _Place:
    """What a task's payload needs to know besides the task."""

    function: Function
    queue: Queue


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
        self._clock = clock
        self._shard = shard
        self._waiting: list[_Group] = []
        self._waiting_count = 0
        self._writing: list[_Group] = []
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
        now = self._clock.now_ms()
        if not wishes:
            return []
        placed = [await self._placed(index, len(wishes), owner_id, wish, now) for index, wish in enumerate(wishes)]
        rows = [row for row, _ in placed]
        group = _Group(
            rows,
            [store.from_row(row) for row in rows],
            [place for _, place in placed],
            [wish.depends_on for wish in wishes],
            sees_all,
            asyncio.get_running_loop().create_future(),
        )
        self._waiting.append(group)
        self._waiting_count += len(rows)
        self._wake.set()
        return await group.done

    async def prepare(self, owner_id: str | None, wish: NewTask) -> store.Row:
        """The checked row of a wish without dependencies, for who inserts it in a transaction of its own.

        `push` puts it into line after the commit. Raises as `submit` does; an idempotency key is the caller's to look up.
        """
        row, _ = await self._row(owner_id, wish, self._clock.now_ms())
        return row

    async def push(self, tasks: Sequence[Task]) -> None:
        """Starts to put committed tasks into line; what Redis cannot be told is pushed by the reconciler."""
        pushes: dict[str, list[Push]] = {}
        for task in tasks:
            pushes.setdefault(task.queue, []).append(await self._push_of(task))
        self._start_pushing(pushes, min((task.changed_at for task in tasks), default=0))

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
        """Waits until what was submitted is committed and pushed."""
        while self._waiting or self._writing or self._pushes:
            doing: list[asyncio.Future[Any]] = [
                *(group.done for group in (*self._waiting, *self._writing)),
                *self._pushes,
            ]
            await asyncio.wait(doing, return_when=asyncio.FIRST_COMPLETED)

    def _take(self) -> list[_Group]:
        taken, count = 0, 0
        for group in self._waiting:
            if taken and count + len(group.rows) > MOST_AT_ONCE:
                break
            taken, count = taken + 1, count + len(group.rows)
        groups, self._waiting = self._waiting[:taken], self._waiting[taken:]
        self._waiting_count -= count
        return groups

    async def _flush(self, groups: list[_Group]) -> None:
        try:
            await self._commit(groups)
        except (OSError, TimeoutError) as error:
            _fail(groups, error)
        except Exception as error:  # noqa: BLE001  (whatever the database says, the callers must hear it)
            # One of them may be to blame, or another process took the same idempotency key in between. One by one,
            # each finds what stands by now, and none fails for another.
            log.debug("submits are committed one by one", error=str(error), groups=len(groups))
            for group in groups:
                await self._flush_alone(group)

    async def _flush_alone(self, group: _Group) -> None:
        for is_last in (False, False, True):
            try:
                await self._commit([group])
            except Exception as error:  # noqa: BLE001  (as above)
                if is_last or not isinstance(error, Clash):
                    log.warning("a submit was not committed", error=str(error), tasks=len(group.rows))
                    _fail([group], error)
                    return
            else:
                return

    @again_on_deadlock
    async def _commit(self, groups: list[_Group]) -> None:
        accepted: list[tuple[_Group, list[Task]]] = []
        refused: list[tuple[_Group, RotaError]] = []
        async with self._database.transaction() as db:
            known = await self._known_keys(db, groups)
            needed = await self._needed(db, groups)
            rows: list[store.Row] = []
            needs: list[tuple[str, str]] = []
            for group in groups:
                try:
                    answer, group_rows, group_needs = _decide(group, known, needed)
                except RotaError as error:
                    refused.append((group, error))
                    continue
                accepted.append((group, answer))
                rows += group_rows
                needs += group_needs
            await store.insert(db, self._shard, rows, needs)
            tally = await self._count(db, len(rows))
        self._tally = tally
        # Only now: had the transaction failed, each would be decided anew.
        for group, why in refused:
            _fail([group], why)
        pushes: dict[str, list[Push]] = {}
        for group, answer in accepted:
            if not group.done.done():
                group.done.set_result(answer)
            for index in group.new:
                task, place = group.tasks[index], group.places[index]
                if task.status != TaskStatus.BLOCKED:
                    pushes.setdefault(task.queue, []).append(push_of(task, place.queue, place.function))
        self._tell_blocked([group for group, _ in accepted])
        since = min((task.changed_at for group, _ in accepted for task in group.tasks), default=0)
        self._start_pushing(pushes, since)

    def _tell_blocked(self, groups: list[_Group]) -> None:
        """What is pushed is told of when the journal is recorded; what waits for other tasks is in no journal yet."""
        new = [group.tasks[index] for group in groups for index in group.new]
        self._announcer.tell(Change(tuple(task.id for task in new if task.status == TaskStatus.BLOCKED)))

    def _start_pushing(self, pushes: dict[str, list[Push]], since: int) -> None:
        if pushes:
            started = asyncio.create_task(self._push(pushes, since))
            self._pushes.add(started)
            started.add_done_callback(self._pushes.discard)

    async def _push(self, pushes: dict[str, list[Push]], since: int) -> None:
        try:
            for queue, tasks in pushes.items():
                for start in range(0, len(tasks), PUSH_AT_ONCE):
                    age_ms = self._clock.now_ms() - since
                    await self._broker.push(queue, tasks[start : start + PUSH_AT_ONCE], age_ms)
        except REDIS_GONE as error:
            count = sum(len(tasks) for tasks in pushes.values())
            log.warning("tasks are committed and wait for Redis", error=str(error), tasks=count)

    async def _push_of(self, task: Task) -> Push:
        queue = await self._catalogue.queue(task.queue)
        function = await self._catalogue.function(task.function or "")
        return push_of(task, queue, function)

    async def _count(self, db: Connection, count: int) -> ticks.Tally:
        second = self._clock.now_ms() // 1000
        # A copy: what is rolled back was not counted.
        tally = self._tally.copy() if self._tally.second == second else ticks.Tally(second)
        if count:
            tally.submitted += count
            await ticks.save(db, self._shard, tally)
        return tally

    async def _known_keys(self, db: Connection, groups: list[_Group]) -> dict[tuple[str | None, str], Task]:
        pairs = [
            (task.owner_id, task.idempotency_key)
            for group in groups
            for task in group.tasks
            if task.idempotency_key is not None
        ]
        return await store.with_keys(db, pairs)

    async def _needed(self, db: Connection, groups: list[_Group]) -> dict[str, Task]:
        wanted = {task_id for group in groups for needs in group.needs for task_id in needs}
        # Locked, so that none of them ends between this look and the commit without seeing its new dependant.
        return {task.id: task for task in await store.lock(db, sorted(wanted))} if wanted else {}

    async def _placed(
        self, index: int, of: int, owner_id: str | None, wish: NewTask, now: int
    ) -> tuple[store.Row, _Place]:
        try:
            return await self._row(owner_id, wish, now)
        except RotaError as error:
            if of > 1:
                error.path = (index, *error.path)
            raise

    async def _row(self, owner_id: str | None, wish: NewTask, now: int) -> tuple[store.Row, _Place]:
        rules.check(wish, now)
        for position, task_id in enumerate(wish.depends_on):
            _check_id(task_id, ("dependsOn", position))
        if wish.function is None:
            raise Invalid("Name the function to run.", ("function",))
        function = await self._catalogue.function(wish.function)
        queue = await self._catalogue.queue(wish.queue or function.queue)
        args = _args_text(wish)
        check_arguments(function.name, function.args_schema, wish.args)
        return _row(owner_id, wish, args, function, queue, now), _Place(function, queue)


def _check_id(task_id: str, path: tuple[str | int, ...]) -> None:
    try:
        ids.parse_id(ids.TASK, task_id)
    except RotaError as error:
        error.path = path
        raise


def _args_text(wish: NewTask) -> str:
    try:
        text = jsontext.dumps(wish.args)
    except (TypeError, ValueError) as error:
        raise Invalid(f"args cannot be kept as JSON: {error}.", ("args",)) from error
    rules.check_args_size(text)
    return text


def _row(owner_id: str | None, wish: NewTask, args: str, function: Function, queue: Queue, now: int) -> store.Row:
    priority = wish.priority if wish.priority is not None else function.default_priority or DEFAULT_PRIORITY
    due_at = wish.run_at if wish.run_at is not None and wish.run_at > now else None
    status = TaskStatus.BLOCKED if wish.depends_on else TaskStatus.SCHEDULED if due_at else TaskStatus.QUEUED
    values: dict[str, Any] = dict.fromkeys(store.COLUMNS)
    values.update(
        id=ids.new_id(ids.TASK),
        function=function.name,
        title=wish.title or function.name,
        args=args,
        queue=queue.name,
        priority=priority,
        status=status.value,
        rank=rank(
            priority=priority,
            queued_at=due_at or now,
            deadline_at=wish.deadline_at,
            expected_ms=function.expected_ms,
            level_ms=queue.level_ms,
        ),
        deadline_at=wish.deadline_at,
        on_deadline=wish.on_deadline,
        run_at=wish.run_at,
        due_at=due_at,
        timeout_ms=wish.timeout_ms if wish.timeout_ms is not None else function.timeout_ms,
        max_attempts=wish.max_attempts or function.max_attempts,
        backoff=function.backoff,
        idempotency_key=wish.idempotency_key,
        content_hash=_content_hash(wish, args) if wish.idempotency_key else None,
        owner_id=owner_id,
        tags=jsontext.dumps(list(dict.fromkeys(wish.tags))),
        limit_key=wish.limit_key,
        number=0,
        lease=0,
        used=0,
        deaths=0,
        is_late=False,
        created_at=now,
        queued_at=now if status is TaskStatus.QUEUED else None,
        changed_at=now,
        version=1,
    )
    return list(values.values())


def _content_hash(wish: NewTask, args: str) -> str:
    content = (
        wish.function,
        wish.title,
        args,
        wish.queue,
        wish.priority,
        wish.deadline_at,
        wish.on_deadline,
        wish.run_at,
        wish.timeout_ms,
        wish.max_attempts,
        wish.depends_on,
        wish.tags,
        # Only where there is one: what was submitted before limits came keeps its hash.
        *(() if wish.limit_key is None else (wish.limit_key,)),
    )
    return hashlib.sha256(jsontext.dumpb(content)).hexdigest()


def _decide(
    group: _Group, known: dict[tuple[str | None, str], Task], needed: dict[str, Task]
) -> tuple[list[Task], list[store.Row], list[tuple[str, str]]]:
    """A group's answer, the rows to insert for it, and their dependencies. Raises RotaError where it is refused."""
    answer: list[Task] = []
    rows: list[store.Row] = []
    needs: list[tuple[str, str]] = []
    new: list[int] = []
    taken: dict[tuple[str | None, str], Task] = {}
    for index, (row, task, wanted) in enumerate(zip(group.rows, group.tasks, group.needs, strict=True)):
        place = (index,) if len(group.rows) > 1 else ()
        key = (task.owner_id, task.idempotency_key) if task.idempotency_key is not None else None
        first = None if key is None else known.get(key) or taken.get(key)
        if first is not None:
            if first.content_hash != task.content_hash:
                message = f"The idempotency key was used for another task, {first.id}, with different content."
                raise Conflict(message, (*place, "idempotencyKey"))
            answer.append(first)
            continue
        _check_needs(group, task, wanted, needed, place)
        if key is not None:
            taken[key] = task
        answer.append(task)
        new.append(index)
        rows.append(row)
        needs += [(task.id, task_id) for task_id in dict.fromkeys(wanted)]
        if wanted and all(needed[task_id].status == TaskStatus.SUCCEEDED for task_id in wanted):
            _unblock(row, task)
    known.update(taken)
    group.new = new
    return answer, rows, needs


def _check_needs(
    group: _Group, task: Task, wanted: tuple[str, ...], needed: dict[str, Task], place: tuple[int, ...]
) -> None:
    for position, task_id in enumerate(wanted):
        found = needed.get(task_id)
        path: tuple[str | int, ...] = (*place, "dependsOn", position)
        if found is None or not (group.sees_all or found.owner_id == task.owner_id):
            raise NotFound(f"There is no task {task_id}.", path)
        if found.status in FINAL and found.status != TaskStatus.SUCCEEDED:
            raise Invalid(f"The task {task_id} ended as {found.status}; what depends on it could never start.", path)


def _unblock(row: store.Row, task: Task) -> None:
    """All that it needs has succeeded before it came."""
    status = TaskStatus.SCHEDULED if task.due_at else TaskStatus.QUEUED
    task.status = status.value
    task.queued_at = None if task.due_at else task.created_at
    columns = list(store.COLUMNS)
    row[columns.index("status")] = task.status
    row[columns.index("queued_at")] = task.queued_at


def _fail(groups: list[_Group], error: Exception) -> None:
    for group in groups:
        if not group.done.done():
            group.done.set_exception(error)
