"""A task's row as Redis is to hold it."""

from rota import jsontext
from rota.broker.scripts import Push
from rota.domain import payload
from rota.domain.payload import Payload
from rota.domain.rank import DEFAULT_LEVEL_MS
from rota.domain.retry import DEFAULT_BACKOFF, Backoff
from rota.store.models import Function, Queue, Task

PUSH_AT_ONCE = 500  # tasks in one script


def push_of(task: Task, queue: Queue | None, function: Function | None) -> Push:
    """What `broker.push` and `broker.move` take; queue and function give what their rows say beyond the task's."""
    return push_with(task, head_of(task, queue, function))


def push_with(task: Task, head: bytes) -> Push:
    """The same for a task whose payload begins with this head."""
    return Push(
        task.id,
        payload.with_args(head, task.args),
        task.rank,
        task.due_at or 0,
        task.deadline_at or 0,
        task.number,
        task.used,
        task.deaths,
    )


def head_of(task: Task, queue: Queue | None, function: Function | None) -> bytes:
    """What a task's payload begins with, before its arguments."""
    backoff = DEFAULT_BACKOFF if task.backoff is None else Backoff(*jsontext.loads(task.backoff))
    return payload.head(
        Payload(
            function=task.function or "",
            args="",
            created_at=task.created_at,
            limit_key=task.limit_key,
            priority=task.priority,
            max_attempts=task.max_attempts,
            timeout_ms=task.timeout_ms,
            deadline_at=task.deadline_at,
            on_deadline=task.on_deadline,
            level_ms=queue.level_ms if queue else DEFAULT_LEVEL_MS,
            expected_ms=function.expected_ms if function else 0,
            backoff=backoff,
        )
    )
