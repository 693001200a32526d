"""Schedules as clients see them, and what they are made and changed with."""

from typing import Annotated, Any, Self

import strawberry

from rota import jsontext
from rota.domain.errors import Invalid
from rota.domain.schedule import NewSchedule
from rota.graphql.context import Info
from rota.graphql.errors import BadUserInput, UserError
from rota.graphql.paging import cursor_of, page_size
from rota.graphql.scalars import Instant, Json
from rota.graphql.types.accounts import User
from rota.graphql.types.enums import DeadlinePolicy
from rota.graphql.types.inputs import milliseconds
from rota.graphql.types.nodes import Node
from rota.graphql.types.page_info import PageInfo
from rota.graphql.types.tasks import Task
from rota.operations import cron
from rota.operations import schedules as operations
from rota.store import models

NEXT_RUNS = 5
LAST_TASKS = 20
ORDER = "SCHEDULES"
# What null stands for in a change; the others must not be null.
_EMPTY: dict[str, Any] = {
    **dict.fromkeys(("title", "queue", "priority", "deadline_ms", "timeout_ms", "max_attempts", "limit_key")),
    "timezone": "UTC",
    "args": {},
    "on_deadline": DeadlinePolicy.CANCEL.value,
    "tags": (),
    "catch_up": False,
}


def _instant(at: int | None) -> Instant | None:
    return None if at is None else Instant(at)


@strawberry.type(description="A cron line that makes tasks of one function. They belong to the schedule's owner.")
class Schedule(Node):
    row: strawberry.Private[models.Schedule]
    name: str = strawberry.field(description="Its name; unique among its owner's.")
    cron: str = strawberry.field(description="Its cron line, five fields or an alias like @daily.")
    timezone: str = strawberry.field(description="The time zone in which the line is read, like Europe/Berlin.")
    function: str = strawberry.field(description="The function that its tasks run.")
    title: str | None = strawberry.field(description="Its tasks' title; null: the schedule's name.")
    args: Json = strawberry.field(description="Its tasks' arguments as an object.")
    queue: str | None = strawberry.field(description="The queue that its tasks stand in; null: the function's.")
    priority: int | None = strawberry.field(description="Its tasks' priority; null: the function's.")
    deadline_seconds: float | None = strawberry.field(description="How long after it is made a task's deadline lies.")
    on_deadline: DeadlinePolicy = strawberry.field(description="What happens when a task's deadline passes as it runs.")
    timeout_seconds: float | None = strawberry.field(description="The bound on one attempt; null: the function's.")
    max_attempts: int | None = strawberry.field(
        description="How many attempts a task may use up; null: the function's."
    )
    tags: list[str] = strawberry.field(description="Its tasks' tags.")
    limit_key: str | None = strawberry.field(
        description="The key whose limit its tasks share with others of their function."
    )
    catch_up: bool = strawberry.field(
        description="Whether ticks that were missed make their tasks later, the newest hundred of them."
    )
    is_paused: bool = strawberry.field(description="While it is paused it makes no tasks.")
    next_run_at: Instant | None = strawberry.field(description="Its next tick; null while it is paused.")
    last_run_at: Instant | None = strawberry.field(description="Its last tick that made a task.")
    error: str | None = strawberry.field(description="Why its last tick made no task; null where it did.")
    failed_at: Instant | None = strawberry.field(description="When its last tick made no task; null where it did.")
    created_at: Instant = strawberry.field(description="When it was made.")
    changed_at: Instant = strawberry.field(description="When somebody last changed it.")

    @classmethod
    def of(cls, row: models.Schedule) -> Self:
        """The row as clients see it."""
        return cls(
            id=strawberry.ID(row.id),
            row=row,
            name=row.name,
            cron=row.cron,
            timezone=row.timezone,
            function=row.function,
            title=row.title,
            args=Json(jsontext.raw(row.args)),
            queue=row.queue,
            priority=row.priority,
            deadline_seconds=_seconds(row.deadline_ms),
            on_deadline=DeadlinePolicy(row.on_deadline),
            timeout_seconds=_seconds(row.timeout_ms),
            max_attempts=row.max_attempts,
            tags=jsontext.loads(row.tags),
            limit_key=row.limit_key,
            catch_up=row.catch_up,
            is_paused=row.is_paused,
            next_run_at=_instant(row.next_at),
            last_run_at=_instant(row.last_at),
            error=row.error,
            failed_at=_instant(row.failed_at),
            created_at=Instant(row.created_at),
            changed_at=Instant(row.changed_at),
        )

    @strawberry.field(description="Its cron line in plain words, like `At 09:00 on weekdays`.")
    def description(self) -> str:
        return cron.in_words(self.row.cron)

    @strawberry.field(description="Its next ticks; none while it is paused.")
    def next_runs(
        self, first: Annotated[int | None, strawberry.argument(description="How many, 1 to 100.")] = NEXT_RUNS
    ) -> list[Instant]:
        count = page_size(first, NEXT_RUNS)
        if count > operations.MOST_PREVIEWED:
            raise BadUserInput(f"first must be 1 to {operations.MOST_PREVIEWED}; it is {count}.")
        if self.row.next_at is None:
            return []
        found = operations.next_ticks(self.row.cron, self.row.timezone, self.row.next_at - 1, count)
        return [Instant(at) for at in found]

    @strawberry.field(description="Who made it; its tasks are theirs.")
    async def owner(self, info: Info) -> User | None:
        row = await info.context.loaders.user(self.row.owner_id)
        return User.of(row) if row else None

    @strawberry.field(description="The tasks that it made and that are kept, the newest first.")
    async def tasks(
        self,
        info: Info,
        first: Annotated[int | None, strawberry.argument(description="How many at most, 1 to 200.")] = LAST_TASKS,
    ) -> list[Task]:
        rows = await info.context.loaders.tasks_of_schedule(self.row.id, page_size(first, LAST_TASKS))
        return [Task.of(row) for row in rows]


@strawberry.type(description="A schedule in a page, with its cursor.")
class ScheduleEdge:
    cursor: str = strawberry.field(description="Opaque; good for lists of schedules.")
    node: Schedule = strawberry.field(description="The schedule.")


@strawberry.type(description="A page of schedules.")
class ScheduleConnection:
    edges: list[ScheduleEdge] = strawberry.field(description="The schedules with their cursors.")
    nodes: list[Schedule] = strawberry.field(description="The schedules alone.")
    page_info: PageInfo = strawberry.field(description="Where the page stands in the list.")

    @classmethod
    def of(cls, rows: list[models.Schedule], *, has_next: bool, has_previous: bool) -> Self:
        """A page of rows as clients see it."""
        edges = [ScheduleEdge(cursor=cursor_of(ORDER, 0, row.id), node=Schedule.of(row)) for row in rows]
        info = PageInfo(
            has_next_page=has_next,
            has_previous_page=has_previous,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        )
        return cls(edges=edges, nodes=[edge.node for edge in edges], page_info=info)


@strawberry.type(description="Schedules that changed.")
class ChangedSchedules:
    schedules: list[Schedule] = strawberry.field(description="Those that are new or changed, as they are now.")
    removed: list[strawberry.ID] = strawberry.field(description="The ids of those that are there no more.")


@strawberry.type(description="What a cron line says and when it ticks next, or errors.")
class SchedulePreview:
    description: str | None = strawberry.field(default=None, description="The line in plain words.")
    next_runs: list[Instant] = strawberry.field(default_factory=list, description="Its next five ticks.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What went wrong; empty where nothing did."
    )


@strawberry.type(description="The schedule as it is now, or errors.")
class SchedulePayload:
    schedule: Schedule | None = strawberry.field(default=None, description="The schedule; null where there are errors.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What went wrong; empty where nothing did."
    )


@strawberry.type(description="The deleted schedule's id, or errors.")
class DeleteSchedulePayload:
    id: strawberry.ID | None = strawberry.field(default=None, description="Its id; null where there are errors.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What went wrong; empty where nothing did."
    )


@strawberry.input(description="A schedule to make. What is left out of its tasks is the function's default, or Rota's.")
class ScheduleInput:
    name: str = strawberry.field(description="Up to 100 characters, unique among the owner's schedules.")
    cron: str = strawberry.field(
        description="Minute, hour, day of month, month, day of week, like `0 9 * * MON-FRI`; or @hourly, @daily, @weekly, "
        "@monthly, @yearly."
    )
    function: str = strawberry.field(description="The function that its tasks run.")
    timezone: str | None = strawberry.field(
        default="UTC", description="The time zone in which the line is read, like Europe/Berlin."
    )
    args: Json | None = strawberry.field(
        default=strawberry.UNSET, description="Named arguments as an object, checked against the function's schema."
    )
    title: str | None = strawberry.field(
        default=strawberry.UNSET, description="Its tasks' title; the schedule's name if left out."
    )
    queue: str | None = strawberry.field(default=strawberry.UNSET, description="The queue that its tasks stand in.")
    priority: int | None = strawberry.field(default=strawberry.UNSET, description="Its tasks' priority, 1 to 10.")
    deadline_seconds: float | None = strawberry.field(
        default=strawberry.UNSET, description="How long after it is made a task's deadline lies, 1 second or more."
    )
    on_deadline: DeadlinePolicy | None = strawberry.field(
        default=strawberry.UNSET,
        description="What happens when a task's deadline passes as it runs; CANCEL if left out.",
    )
    timeout_seconds: float | None = strawberry.field(
        default=strawberry.UNSET, description="The bound on one attempt, up to 7 days."
    )
    max_attempts: int | None = strawberry.field(default=strawberry.UNSET, description="1 to 100 attempts.")
    tags: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="Up to 20 words of up to 50 characters to find its tasks by."
    )
    limit_key: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="A key whose limit its tasks share with others of their function, like `customer-7`.",
    )
    catch_up: bool | None = strawberry.field(
        default=False, description="Whether ticks that were missed make their tasks later, the newest hundred of them."
    )


@strawberry.input(
    description="What to change of a schedule. What is left out stays; null takes the function's default, or Rota's."
)
class ScheduleChanges:
    name: str | None = strawberry.field(default=strawberry.UNSET, description="Its new name; not null.")
    cron: str | None = strawberry.field(default=strawberry.UNSET, description="Its new cron line; not null.")
    function: str | None = strawberry.field(default=strawberry.UNSET, description="Its new function; not null.")
    timezone: str | None = strawberry.field(default=strawberry.UNSET, description="Its new time zone.")
    args: Json | None = strawberry.field(default=strawberry.UNSET, description="Its tasks' new arguments, all of them.")
    title: str | None = strawberry.field(default=strawberry.UNSET, description="Its tasks' new title.")
    queue: str | None = strawberry.field(default=strawberry.UNSET, description="The queue that its tasks stand in.")
    priority: int | None = strawberry.field(default=strawberry.UNSET, description="Its tasks' new priority, 1 to 10.")
    deadline_seconds: float | None = strawberry.field(
        default=strawberry.UNSET, description="How long after it is made a task's deadline lies, 1 second or more."
    )
    on_deadline: DeadlinePolicy | None = strawberry.field(
        default=strawberry.UNSET, description="What happens when a task's deadline passes as it runs."
    )
    timeout_seconds: float | None = strawberry.field(
        default=strawberry.UNSET, description="The bound on one attempt, up to 7 days."
    )
    max_attempts: int | None = strawberry.field(default=strawberry.UNSET, description="1 to 100 attempts.")
    tags: list[str] | None = strawberry.field(default=strawberry.UNSET, description="Its tasks' new tags, all of them.")
    limit_key: str | None = strawberry.field(default=strawberry.UNSET, description="Its tasks' new limit key.")
    catch_up: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether ticks that were missed make their tasks later."
    )


def new_schedule(wanted: ScheduleInput) -> NewSchedule:
    """The input as the domain takes it. Raises Invalid."""
    return NewSchedule(**changes_of(wanted))


def changes_of(wanted: ScheduleInput | ScheduleChanges) -> dict[str, Any]:
    """What was given, by NewSchedule's names. Raises Invalid."""
    found = {name: value for name, value in vars(wanted).items() if value is not strawberry.UNSET}
    for seconds, ms in (("deadline_seconds", "deadline_ms"), ("timeout_seconds", "timeout_ms")):
        if seconds in found:
            found[ms] = milliseconds(found.pop(seconds))
    for name, value in found.items():
        if value is None and name not in _EMPTY:
            raise Invalid(f"{name} must not be null.", (name,))
    found = {name: _EMPTY[name] if value is None else value for name, value in found.items()}
    if not isinstance(found.get("args", {}), dict):
        raise Invalid("args must be an object of named arguments.", ("args",))
    if "on_deadline" in found:
        found["on_deadline"] = DeadlinePolicy(found["on_deadline"]).value
    if "tags" in found:
        found["tags"] = tuple(found["tags"])
    return found


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000
