"""A task's row as Redis is to hold it."""

from rota import jsontext
from rota.broker.scripts import Push
from rota.domain.payload import Payload, build
from rota.domain.rank import DEFAULT_LEVEL_MS
from rota.domain.retry import DEFAULT_BACKOFF, Backoff
from rota.store.models import Function, Queue, Task


def push_of(task: Task, queue: Queue | None, function: Function | None) -> Push:
    """What `broker.push` and `broker.move` take; queue and function give what their rows say beyond the task's."""
    backoff = DEFAULT_BACKOFF if task.backoff is None else Backoff(*jsontext.loads(task.backoff))
    payload = Payload(
        function=task.function or "",
        args=task.args,
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
    return Push(
        id=task.id,
        payload=build(payload),
        rank=task.rank,
        due_at=task.due_at or 0,
        deadline_at=task.deadline_at or 0,
        number=task.number,
        used=task.used,
        deaths=task.deaths,
    )
