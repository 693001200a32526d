"""From a client's wish to the draft of a task: checked, with all defaults, and not committed yet."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from rota import ids, jsontext
from rota.broker.scripts import Push
from rota.domain import tasks as rules
from rota.domain.errors import Invalid, RotaError
from rota.domain.rank import DEFAULT_PRIORITY, rank
from rota.domain.states import TaskStatus
from rota.domain.tasks import NewTask
from rota.operations.arguments import check_arguments
from rota.operations.catalogue import Catalogue
from rota.operations.pushes import head_of, push_with
from rota.store import tasks as store
from rota.store.models import Function, Queue, Task

# All of a wish but what is its own even among thousands: its arguments and its idempotency key.
_shape = attrgetter(
    *("function", "title", "queue", "priority", "deadline_at", "on_deadline", "run_at", "timeout_ms", "max_attempts"),
    *("depends_on", "tags", "limit_key"),
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A task before its commit, the ids of the tasks that it waits for, and how its payload begins."""

    task: Task
    needs: tuple[str, ...]
    head: bytes

    @property
    def key(self) -> tuple[str | None, str] | None:
        """Its owner and idempotency key; None where it has none."""
        key = self.task.idempotency_key
        return None if key is None else (self.task.owner_id, key)

    def push(self) -> Push:
        """The task as Redis is to hold it."""
        return push_with(self.task, self.head)


@dataclass(frozen=True, slots=True)
class _Mould:
    """What wishes have in common that differ in their arguments and keys only: looked up, checked and made once for all."""

    function: Function
    pattern: Task
    head: bytes


class Drafting:
    """Makes drafts of wishes, by what the catalogue knows."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    async def drafts(self, owner_id: str | None, wishes: Sequence[NewTask], now: int) -> list[Draft]:
        """A draft of each wish. Raises as `Submission.submit` does; of several wishes, with the index of the one at fault."""
        moulds: dict[tuple[object, ...], _Mould] = {}
        found = []
        for index, wish in enumerate(wishes):
            try:
                shape = _shape(wish)
                mould = moulds.get(shape)
                if mould is None:
                    mould = moulds[shape] = await self._mould(owner_id, wish, now)
                found.append(_cast(mould, wish))
            except RotaError as error:
                if len(wishes) > 1:
                    error.path = (index, *error.path)
                raise
        return found

    async def _mould(self, owner_id: str | None, wish: NewTask, now: int) -> _Mould:
        rules.check(wish, now)
        for position, task_id in enumerate(wish.depends_on):
            _check_id(task_id, ("dependsOn", position))
        if wish.function is None:
            raise Invalid("Name the function to run.", ("function",))
        function = await self._catalogue.function(wish.function)
        queue = await self._catalogue.queue(wish.queue or function.queue)
        pattern = _pattern(owner_id, wish, function, queue, now)
        return _Mould(function, pattern, head_of(pattern, queue, function))


def _cast(mould: _Mould, wish: NewTask) -> Draft:
    rules.check_key(wish.idempotency_key)
    args = _args_text(wish)
    check_arguments(mould.function.name, mould.function.args_schema, wish.args)
    task = store.alike(mould.pattern, id=ids.new_id(ids.TASK), args=args)
    if wish.idempotency_key is not None:
        task.idempotency_key, task.content_hash = wish.idempotency_key, _content_hash(wish, args)
    return Draft(task, wish.depends_on, mould.head)


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


def _pattern(owner_id: str | None, wish: NewTask, function: Function, queue: Queue, now: int) -> Task:
    priority = wish.priority if wish.priority is not None else function.default_priority or DEFAULT_PRIORITY
    due_at = wish.run_at if wish.run_at is not None and wish.run_at > now else None
    status = TaskStatus.BLOCKED if wish.depends_on else TaskStatus.SCHEDULED if due_at else TaskStatus.QUEUED
    return store.made(
        {
            "function": function.name,
            "title": wish.title or function.name,
            "queue": queue.name,
            "priority": priority,
            "status": status.value,
            "rank": rank(
                priority=priority,
                queued_at=due_at or now,
                deadline_at=wish.deadline_at,
                expected_ms=function.expected_ms,
                level_ms=queue.level_ms,
            ),
            "deadline_at": wish.deadline_at,
            "on_deadline": wish.on_deadline,
            "run_at": wish.run_at,
            "due_at": due_at,
            "timeout_ms": wish.timeout_ms if wish.timeout_ms is not None else function.timeout_ms,
            "max_attempts": wish.max_attempts or function.max_attempts,
            "backoff": function.backoff,
            "owner_id": owner_id,
            "tags": jsontext.dumps(list(dict.fromkeys(wish.tags))),
            "limit_key": wish.limit_key,
            "number": 0,
            "lease": 0,
            "used": 0,
            "deaths": 0,
            "is_late": False,
            "created_at": now,
            "queued_at": now if status is TaskStatus.QUEUED else None,
            "changed_at": now,
            "version": 1,
        }
    )


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
