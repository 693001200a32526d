"""Reading, submitting, cancelling, retrying and rescheduling tasks."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

from rota import ids
from rota.domain.access import Viewer
from rota.domain.errors import Invalid, NotAllowed, NotSignedIn, RotaError
from rota.domain.tasks import MAX_BATCH, NewTask
from rota.graphql.context import Context, Info
from rota.graphql.errors import answered
from rota.graphql.hub import hub_of
from rota.graphql.paging import page_size, parse_cursor
from rota.graphql.scalars import Instant
from rota.graphql.types.enums import TaskOrder
from rota.graphql.types.inputs import SubmitTaskInput, TaskFilter, given, query_of, wish_of
from rota.graphql.types.pages import TaskConnection
from rota.graphql.types.tasks import Task, TaskPayload, TasksPayload
from rota.operations import tasks as operations
from rota.store import listing

PAGE = 50

TaskId = Annotated[strawberry.ID, strawberry.argument(name="id", description="The task's id.")]


@strawberry.type
class TaskQueries:
    # Not async: so it is answered before anything of the same query is read, wherever it stands.
    @strawberry.field(
        description=(
            "Where the live updates stand. Ask for it in the query that reads a list, and give it to `tasksChanged` as `after`: "
            "nothing that changes after the list was read is missed then. Null while this server hears of no changes."
        )
    )
    def live_cursor(self, info: Info) -> str | None:
        info.context.need_client()
        return hub_of(info.context).cursor

    @strawberry.field(description="One task; null where there is none that the viewer may see.")
    async def task(self, info: Info, task_id: TaskId) -> Task | None:
        viewer = info.context.need_client()
        ids.parse_id(ids.TASK, task_id)
        async with info.context.platform.database.read() as db:
            row = await operations.visible(db, viewer, task_id)
        return Task.of(row) if row else None

    @strawberry.field(
        description=(
            "Tasks that the viewer may see: a client's own, an administrator's all. What no index serves is looked through for a few "
            "hundredths of a second at a time (a search, conditions on arguments, the orders NEXT_TO_RUN and DEADLINE of a function's, a "
            "tag's, an owner's or a worker's): such a page may hold fewer than `first`, even none, while `hasNextPage` is true. Go on "
            "after `endCursor`."
        )
    )
    async def tasks(
        self,
        info: Info,
        wanted: Annotated[
            TaskFilter | None, strawberry.argument(name="filter", description="Which tasks; all where it is left out.")
        ] = strawberry.UNSET,
        order_by: Annotated[
            TaskOrder | None, strawberry.argument(description="In which order.")
        ] = TaskOrder.NEWEST_FIRST,
        first: Annotated[int | None, strawberry.argument(description="How many at most, 1 to 200.")] = PAGE,
        after: Annotated[
            str | None, strawberry.argument(description="Go on after this cursor, of a page in the same order.")
        ] = strawberry.UNSET,
    ) -> TaskConnection:
        viewer = info.context.need_client()
        order = order_by or TaskOrder.NEWEST_FIRST
        query = query_of(given(wanted), viewer, order, after=parse_cursor(order, given(after)))
        database = info.context.platform.database
        async with database.search() if query.is_looked_for else database.read() as db:
            page = await (listing.look if query.is_looked_for else listing.page)(db, query, page_size(first, PAGE))
        return TaskConnection(query=query, page=page)


@strawberry.type
class TaskMutations:
    @strawberry.mutation(description="Submits a task. When this answers, the task is committed.")
    async def submit_task(
        self,
        info: Info,
        wanted: Annotated[SubmitTaskInput, strawberry.argument(name="input", description="The task.")],
    ) -> TaskPayload:
        return await answered(TaskPayload, _submit(info.context, wanted), "input")

    @strawberry.mutation(description="Submits tasks, at most 1,000 at a time; all of them are taken or none.")
    async def submit_tasks(
        self,
        info: Info,
        inputs: Annotated[list[SubmitTaskInput], strawberry.argument(description="The tasks.")],
    ) -> TasksPayload:
        return await answered(TasksPayload, _submit_all(info.context, inputs), "inputs")

    @strawberry.mutation(description="Ends a task as CANCELLED, in every state that is not final.")
    async def cancel_task(self, info: Info, task_id: TaskId) -> TaskPayload:
        return await answered(TaskPayload, _cancel(info.context, task_id))

    @strawberry.mutation(
        description=(
            "Runs a failed, cancelled or expired task again with a fresh allowance of attempts; their numbers go on. "
            "Where its `runAt` has not come, or a task that it depends on has not ended, it waits for that first."
        )
    )
    async def retry_task(self, info: Info, task_id: TaskId) -> TaskPayload:
        return await answered(TaskPayload, _retry(info.context, task_id))

    @strawberry.mutation(description="Changes what has not started yet; what is left out stays as it is.")
    async def reschedule_task(
        self,
        info: Info,
        task_id: TaskId,
        priority: Annotated[
            int | None, strawberry.argument(description="The new priority, 1 to 10.")
        ] = strawberry.UNSET,
        deadline: Annotated[Instant | None, strawberry.argument(description="The new deadline.")] = strawberry.UNSET,
        run_at: Annotated[
            Instant | None, strawberry.argument(description="The new instant before which it does not start.")
        ] = strawberry.UNSET,
    ) -> TaskPayload:
        changes = {"priority": given(priority), "deadline_at": given(deadline), "run_at": given(run_at)}
        return await answered(TaskPayload, _reschedule(info.context, task_id, changes))


def client(context: Context, doing: str) -> Viewer:
    """Who asks, and may change tasks; unlike in a query, a worker's account hears in the payload that it may not."""
    try:
        return context.need_client()
    except NotSignedIn:
        raise
    except NotAllowed:
        raise NotAllowed(f"Only clients and administrators {doing}; this account is a worker's alone.") from None


async def _submit(context: Context, wanted: SubmitTaskInput) -> TaskPayload:
    viewer = client(context, "submit tasks")
    rows = await context.platform.submission.submit(viewer.user_id, [wish_of(wanted)], sees_all=viewer.is_admin)
    return TaskPayload(task=Task.of(rows[0]))


async def _submit_all(context: Context, inputs: Sequence[SubmitTaskInput]) -> TasksPayload:
    viewer = client(context, "submit tasks")
    if len(inputs) > MAX_BATCH:
        raise Invalid(f"At most {MAX_BATCH:,} tasks are submitted at a time; these are {len(inputs):,}.")
    wishes = [_numbered_wish(index, wanted) for index, wanted in enumerate(inputs)]
    try:
        rows = await context.platform.submission.submit(viewer.user_id, wishes, sees_all=viewer.is_admin)
    except RotaError as error:
        if len(wishes) == 1 and error.path:
            error.path = (0, *error.path)  # a single wish's errors come without its number
        raise
    return TasksPayload(tasks=[Task.of(row) for row in rows])


def _numbered_wish(index: int, wanted: SubmitTaskInput) -> NewTask:
    try:
        return wish_of(wanted)
    except Invalid as error:
        error.path = (index, *error.path)
        raise


async def _cancel(context: Context, task_id: str) -> TaskPayload:
    viewer = client(context, "cancel tasks")
    return TaskPayload(task=Task.of(await operations.cancel(context.platform, viewer, ids.parse_id(ids.TASK, task_id))))


async def _retry(context: Context, task_id: str) -> TaskPayload:
    viewer = client(context, "retry tasks")
    return TaskPayload(task=Task.of(await operations.retry(context.platform, viewer, ids.parse_id(ids.TASK, task_id))))


async def _reschedule(context: Context, task_id: str, changes: dict[str, int | None]) -> TaskPayload:
    viewer = client(context, "reschedule tasks")
    ids.parse_id(ids.TASK, task_id)
    return TaskPayload(task=Task.of(await operations.reschedule(context.platform, viewer, task_id, **changes)))
