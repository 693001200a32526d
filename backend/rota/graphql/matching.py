"""Whether a task that changed is one that a filter asks for, looked at as a row and not by SQL."""

from rota import jsontext
from rota.domain.access import Viewer, may_see_task
from rota.store.conditions import holds
from rota.store.models import Task
from rota.store.selection import TaskQuery


def may_match(row: Task, viewer: Viewer, query: TaskQuery) -> bool:
    """Whether the viewer may see it and it matches what of a filter never changes in a task."""
    return (
        may_see_task(viewer, row.owner_id)
        and (query.owner_id is None or row.owner_id == query.owner_id)
        and (not query.queues or row.queue in query.queues)
        and (not query.functions or row.function in query.functions)
        and (not query.tags or not set(query.tags).isdisjoint(jsontext.loads(row.tags)))
        and (query.created_after is None or row.created_at > query.created_after)
        and (query.created_before is None or row.created_at < query.created_before)
        and (query.search is None or _has(row, query.search))
        and holds(row.args, query.args)
    )


def matches_now(row: Task, query: TaskQuery) -> bool:
    """Whether it matches what of a filter changes with a task, as it is now."""
    return (
        (not query.statuses or row.status in query.statuses)
        and (not query.priorities or row.priority in query.priorities)
        and (query.priority_at_least is None or row.priority >= query.priority_at_least)
        and (query.worker_id is None or row.worker_id == query.worker_id)
        and (query.has_deadline is None or (row.deadline_at is not None) is query.has_deadline)
    )


def _has(row: Task, text: str) -> bool:
    lower = text.lower()
    return row.id == text or any(lower in (field or "").lower() for field in (row.title, row.function, row.args))
