"""Tasks, their attempts and pages of them as clients see them."""

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from rota import ids, jsontext
from rota.domain.access import may_change_task
from rota.graphql.context import Info
from rota.graphql.errors import UserError
from rota.graphql.paging import page_size
from rota.graphql.scalars import Instant, Json, as_json
from rota.graphql.types.accounts import User
from rota.graphql.types.enums import AttemptOutcome, DeadlinePolicy, TaskStatus, WaitReason
from rota.graphql.types.lines import PAGE as LINES
from rota.graphql.types.lines import LogConnection, line_place
from rota.graphql.types.nodes import Node
from rota.graphql.types.queues import Queue
from rota.graphql.types.workers import Worker
from rota.operations import waiting
from rota.store import lines, models

DEPENDENTS = 20


@strawberry.type(description="Why a task or an attempt ended otherwise than well.")
class TaskError:
    type: str = strawberry.field(description="The exception's name, or Rota's own word for it.")
    message: str = strawberry.field(description="What went wrong.")
    traceback: str | None = strawberry.field(description="Where in the function it happened.")

    @classmethod
    def of(cls, text: str | None) -> Self | None:
        """The kept JSON as clients see it."""
        if text is None:
            return None
        kept = jsontext.loads(text)
        return cls(type=kept["type"], message=kept["message"], traceback=kept.get("traceback"))


@strawberry.type(description="One run of a task by one worker.")
class Attempt(Node):
    row: strawberry.Private[models.Attempt]
    number: int = strawberry.field(description="1 for the first.")
    outcome: AttemptOutcome = strawberry.field(description="How it ended; RUNNING while it has not.")
    late_outcome: AttemptOutcome | None = strawberry.field(
        description="What came after the lease had ended; it changed nothing."
    )
    assigned_at: Instant | None = strawberry.field(
        description="When it was put into the lane from which it was taken; null where a worker pulled it."
    )
    started_at: Instant = strawberry.field(description="When the worker took it.")
    finished_at: Instant | None = strawberry.field(description="When it ended.")

    @classmethod
    def of(cls, row: models.Attempt) -> Self:
        """The row as clients see it."""
        return cls(
            id=strawberry.ID(ids.attempt_id(row.task_id, row.number)),
            row=row,
            number=row.number,
            outcome=AttemptOutcome(row.outcome),
            late_outcome=None if row.late_outcome is None else AttemptOutcome(row.late_outcome),
            assigned_at=None if row.assigned_at is None else Instant(row.assigned_at),
            started_at=Instant(row.started_at),
            finished_at=None if row.finished_at is None else Instant(row.finished_at),
        )

    @strawberry.field(description="Who ran it; null where the worker is long gone.")
    async def worker(self, info: Info) -> Worker | None:
        found = await info.context.loaders.worker(self.row.worker_id)
        return Worker.of(found) if found else None

    @strawberry.field(description="Why it ended otherwise than well.")
    def error(self) -> TaskError | None:
        return TaskError.of(self.row.error)


@strawberry.type(description="Why a task waits, and when it should start.")
class Waiting:
    reason: WaitReason = strawberry.field(description="Why it waits.")
    message: str = strawberry.field(description="The same for people, with its place and when it should start.")
    position: int | None = strawberry.field(description="Its place among the ready tasks of its queue, 1 for the next.")
    estimated_start: Instant | None = strawberry.field(description="When it should start, as far as can be told.")

    @classmethod
    def of(cls, found: waiting.Waiting) -> Self:
        """The operation's answer as clients see it."""
        return cls(
            reason=WaitReason(found.reason),
            message=found.message,
            position=found.position,
            estimated_start=None if found.start_at is None else Instant(found.start_at),
        )


@strawberry.type(description="One piece of work that a client submitted.")
class Task(Node):
    row: strawberry.Private[models.Task]
    function: str | None = strawberry.field(description="The function it runs; null for a task that a person does.")
    title: str = strawberry.field(description="What people see; the function's name unless the submit says another.")
    args: Json = strawberry.field(description="Named arguments as an object.")
    priority: int = strawberry.field(description="1 to 10; 10 goes first.")
    status: TaskStatus = strawberry.field(description="Where it is in its life.")
    deadline: Instant | None = strawberry.field(description="By when it should have ended.")
    on_deadline: DeadlinePolicy = strawberry.field(
        description="What happens to it when its deadline passes as it runs."
    )
    run_at: Instant | None = strawberry.field(description="Not before this instant.")
    due_at: Instant | None = strawberry.field(
        description="While it is SCHEDULED: when it becomes ready (runAt, or the end of a backoff)."
    )
    timeout_seconds: float | None = strawberry.field(description="The bound on one attempt; null for none.")
    max_attempts: int = strawberry.field(description="How many attempts it may use up.")
    tags: list[str] = strawberry.field(description="Words to find it by.")
    limit_key: str | None = strawberry.field(description="The key whose limit it shares with others of its function.")
    progress: float | None = strawberry.field(description="0 to 1, as its function tells.")
    progress_message: str | None = strawberry.field(description="What it is at, as its function tells.")
    result: Json | None = strawberry.field(description="What the function returned.")
    exit_code: int | None = strawberry.field(description="0 where it succeeded, as programs report it.")
    is_late: bool = strawberry.field(description="True where it ended after its deadline.")
    created_at: Instant = strawberry.field(description="When it was submitted.")
    queued_at: Instant | None = strawberry.field(description="When it last became ready; null before that.")
    assigned_at: Instant | None = strawberry.field(
        description="While it is ASSIGNED: when it was put into its worker's lane. Later its attempt says so."
    )
    started_at: Instant | None = strawberry.field(description="When its newest attempt started.")
    finished_at: Instant | None = strawberry.field(description="When it ended.")
    version: int = strawberry.field(description="Grows by one with each committed change.")

    @classmethod
    def of(cls, row: models.Task) -> Self:
        """The row as clients see it."""
        task = cls.__new__(cls)
        task.id, task.row = strawberry.ID(row.id), row
        return task

    if not TYPE_CHECKING:  # that knows the fields, and no others

        def __getattr__(self, name: str) -> object:
            # Only what is asked for is made of the row: a submit of many asks for two of its many fields.
            made = _OF_ROW.get(name)
            if made is None:
                raise AttributeError(name, name=name, obj=self)
            return made(self.row)

    @strawberry.field(description="The line that it is in.")
    async def queue(self, info: Info) -> Queue:
        return Queue.of(await info.context.loaders.queue(self.row.queue))

    @strawberry.field(description="Who submitted it; null where a worker's function or Rota did.")
    async def owner(self, info: Info) -> User | None:
        found = await info.context.loaders.user(self.row.owner_id)
        return User.of(found) if found else None

    @strawberry.field(description="The worker that has it, or had it last.")
    async def worker(self, info: Info) -> Worker | None:
        found = await info.context.loaders.worker(self.row.worker_id)
        return Worker.of(found) if found else None

    @strawberry.field(description="Why it ended otherwise than well.")
    def error(self) -> TaskError | None:
        return TaskError.of(self.row.error)

    @strawberry.field(description="The tasks that it waits for, or waited for, as far as the viewer may see them.")
    async def depends_on(self, info: Info) -> "list[Task]":
        return [Task.of(row) for row in await info.context.loaders.needs_of(self.row.id)]

    @strawberry.field(
        description="The tasks that wait or waited for it, the first submitted first, as far as the viewer may see them."
    )
    async def dependents(
        self,
        info: Info,
        first: Annotated[int | None, strawberry.argument(description="How many at most, 1 to 200.")] = DEPENDENTS,
    ) -> "list[Task]":
        rows = await info.context.loaders.dependents_of(self.row.id, page_size(first, DEPENDENTS))
        return [Task.of(row) for row in rows]

    @strawberry.field(description="Whether the viewer may cancel, retry and reschedule it.")
    def viewer_may_change(self, info: Info) -> bool:
        viewer = info.context.viewer
        return viewer is not None and may_change_task(viewer, self.row.owner_id)

    @strawberry.field(description="Its attempts, the first first.")
    async def attempts(self, info: Info) -> list[Attempt]:
        return [Attempt.of(row) for row in await info.context.loaders.attempts_of(self.row.id)]

    @strawberry.field(
        description="What its function said while it ran, the first line first; kept as long as the task."
    )
    async def logs(
        self,
        info: Info,
        first: Annotated[int | None, strawberry.argument(description="How many at most, 1 to 200.")] = LINES,
        after: Annotated[
            str | None, strawberry.argument(description="Go on after this cursor, of the same task's lines.")
        ] = strawberry.UNSET,
    ) -> LogConnection:
        place = line_place(self.row.id, after or None)
        async with info.context.platform.database.read() as db:
            page = await lines.page(db, self.row.id, place, page_size(first, LINES))
        return LogConnection.of(self.row.id, page, has_previous=place > 0)

    @strawberry.field(description="Why it waits; null unless it waits.")
    async def waiting(self, info: Info) -> Waiting | None:
        found = await info.context.loaders.waiting_of(self.row)
        return Waiting.of(found) if found else None


# The fields of a task that are made of its row alone.
_OF_ROW: dict[str, Callable[[models.Task], object]] = {
    **{
        name: attrgetter(name)
        for name in (
            *("function", "title", "priority", "max_attempts", "limit_key", "progress", "progress_message"),
            *("exit_code", "is_late", "created_at", "version"),
        )
    },
    "args": lambda row: jsontext.raw(row.args),
    "status": lambda row: TaskStatus(row.status),
    "deadline": attrgetter("deadline_at"),
    "on_deadline": lambda row: DeadlinePolicy(row.on_deadline),
    "run_at": attrgetter("run_at"),
    "due_at": attrgetter("due_at"),
    "timeout_seconds": lambda row: None if row.timeout_ms is None else row.timeout_ms / 1000,
    "tags": lambda row: [] if row.tags == "[]" else jsontext.loads(row.tags),
    "result": lambda row: as_json(row.result),
    "queued_at": attrgetter("queued_at"),
    "assigned_at": lambda row: row.assigned_at if row.status == TaskStatus.ASSIGNED.value else None,
    "started_at": attrgetter("started_at"),
    "finished_at": attrgetter("finished_at"),
}


@strawberry.type(description="The task as it is now, or errors.")
class TaskPayload:
    task: Task | None = strawberry.field(default=None, description="The task; null where there are errors.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What went wrong; empty where nothing did."
    )


@strawberry.type(description="Tasks in the order of the inputs; all of them are taken or none.")
class TasksPayload:
    tasks: list[Task] = strawberry.field(default_factory=list, description="The tasks; empty where there are errors.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What went wrong; empty where nothing did."
    )
