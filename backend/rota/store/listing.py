"""Lists of tasks: which of them, in which order, page by page, and how many there are."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from rota import ids
from rota.domain.states import WAITING, TaskStatus
from rota.store import counters
from rota.store.conditions import ArgumentIs, Condition
from rota.store.database import Connection
from rota.store.models import Task, TaskTag

# Nobody reads so far; counting on would hold up others, on SQLite all of them.
MOST_COUNTED = 10_000
# A task's id is made in the moment that `created_at` tells, by the same process: an instant is a range of ids, which are
# in order. As far apart as a clock that is put right may tear the two.
APART_MS = 60_000


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """Which tasks, in which order, from where. `after` is the last row's sort value and id."""

    statuses: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    priorities: tuple[int, ...] = ()
    priority_at_least: int | None = None
    owner_id: str | None = None
    worker_id: str | None = None
    search: str | None = None
    args: tuple[Condition, ...] = ()
    created_after: int | None = None
    created_before: int | None = None
    order: str = "NEWEST_FIRST"
    after: tuple[int, str] | None = None

    @property
    def is_search(self) -> bool:
        """Whether no index serves it: rows are looked at one by one."""
        return self.search is not None or bool(self.args)

    @property
    def is_counted(self) -> bool:
        """Whether the counters know how many there are."""
        return not (
            self.functions
            or self.tags
            or self.owner_id
            or self.worker_id
            or self.is_search
            or self.created_after is not None
            or self.created_before is not None
            or self.order == "DEADLINE"  # only tasks that have one
        )


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a page and whether more follow."""

    rows: list[Task]
    has_next: bool


async def page(db: Connection, wanted: TaskQuery, first: int) -> Page:
    """A keyset page: the rows after `wanted.after` in its order."""
    query = _ordered(_filtered(wanted), wanted).using_db(db.client).limit(first + 1)
    rows = await query
    return Page(rows[:first], len(rows) > first)


async def count(db: Connection, wanted: TaskQuery, most: int | None = None) -> int:
    """How many match: from the counters where they know, else counted in SQL, no further than to one more than `most`."""
    if wanted.is_counted:
        statuses: Collection[str] = wanted.statuses or (WAITING if wanted.order == "NEXT_TO_RUN" else ())
        return sum(
            amount
            for (queue, status, priority), amount in (await counters.totals(db)).items()
            if (not statuses or status in statuses)
            and (not wanted.queues or queue in wanted.queues)
            and priority >= (wanted.priority_at_least or 0)
            and (not wanted.priorities or priority in wanted.priorities)
        )
    matching = _filtered(wanted).using_db(db.client)
    if most is None:
        return await matching.count()
    # A LIMIT beside COUNT(*) would not stop it; and ten thousand ids would be a third of all that a page costs.
    found = matching.limit(most + 1).values_list("id", flat=True)
    found._make_query()  # noqa: SLF001  (what awaiting it does)
    sql, args = found.query.get_parameterized_sql()
    [row] = await db.client.execute_query_dict(f"SELECT count(*) AS n FROM ({sql}) AS matching", args)
    return int(row["n"])


def _filtered(wanted: TaskQuery) -> "QuerySet[Task]":
    query = Task.all()
    plain: dict[str, Any] = {
        "status__in": wanted.statuses,
        "queue__in": wanted.queues,
        "function__in": wanted.functions,
        "priority__in": wanted.priorities,
        "priority__gte": wanted.priority_at_least,
        "owner_id": wanted.owner_id,
        "worker_id": wanted.worker_id,
        "created_at__gt": wanted.created_after,
        "created_at__lt": wanted.created_before,
    }
    query = query.filter(**{name: value for name, value in plain.items() if value not in (None, ())})
    key = _key(wanted)
    # Without these a page of what is old would pass over all that is newer.
    if wanted.created_after is not None:
        query = query.filter(**{f"{key}__gte": ids.first_of(ids.TASK, wanted.created_after - APART_MS)})
    if wanted.created_before is not None:
        query = query.filter(**{f"{key}__lt": ids.first_of(ids.TASK, wanted.created_before + APART_MS)})
    if _is_led_by_tag(wanted):
        query = query.filter(tag_rows__tag=wanted.tags[0])
    elif wanted.tags:
        query = query.filter(id__in=Subquery(TaskTag.filter(tag__in=wanted.tags).values("task_id")))
    if wanted.search:
        text = wanted.search
        query = query.filter(
            Q(title__icontains=text) | Q(function__icontains=text) | Q(args__icontains=text) | Q(id=text)
        )
    query = query.filter(*(ArgumentIs(condition) for condition in wanted.args))
    if wanted.order == "NEXT_TO_RUN" and not wanted.statuses:
        # What neither ended nor runs waits. Said so, because SQLite then goes down `tasks_in_line`, not through all that wait.
        query = query.filter(finished_at__isnull=True, status__not=TaskStatus.RUNNING.value)
    if wanted.order == "DEADLINE":
        query = query.filter(deadline_at__isnull=False)
    return query


def _is_led_by_tag(wanted: TaskQuery) -> bool:
    """Whether the list goes down the rows of its one tag: they stand in its order, so that a page reads a page of them.

    Asked for as a set of ids, a common tag's would all be read for each page.
    """
    return len(wanted.tags) == 1 and wanted.order not in ("NEXT_TO_RUN", "DEADLINE")


def _key(wanted: TaskQuery) -> str:
    """The column that is the order of NEWEST_FIRST and OLDEST_FIRST."""
    return "tag_rows__task_id" if _is_led_by_tag(wanted) else "id"


def _ordered(query: "QuerySet[Task]", wanted: TaskQuery) -> "QuerySet[Task]":
    column = {"NEXT_TO_RUN": "rank", "DEADLINE": "deadline_at"}.get(wanted.order)
    key = _key(wanted)
    if wanted.after is not None:
        value, task_id = wanted.after
        if column is not None:
            later: dict[str, Any] = {f"{column}__gt": value}
            tied: dict[str, Any] = {column: value, "id__gt": task_id}
            query = query.filter(Q(**later) | Q(**tied), **{f"{column}__gte": value})
        else:
            query = query.filter(**{f"{key}__gt" if wanted.order == "OLDEST_FIRST" else f"{key}__lt": task_id})
    if column is not None:
        return query.order_by(column, "id")
    return query.order_by(key if wanted.order == "OLDEST_FIRST" else f"-{key}")


def sort_value(task: Task, order: str) -> int:
    """What a cursor keeps of a row besides its id."""
    if order == "NEXT_TO_RUN":
        return int(task.rank)
    return int(task.deadline_at or 0) if order == "DEADLINE" else 0
