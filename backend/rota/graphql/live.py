"""Subscriptions: what they tell, to whom, and when they end."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from functools import partial
from typing import Annotated

import strawberry

from rota import ids
from rota.domain.access import Viewer
from rota.domain.errors import NotFound
from rota.graphql.audit import AuditSubscriptions
from rota.graphql.batches import Batch, check_cursor
from rota.graphql.bulk import ActionId
from rota.graphql.context import Context, Info
from rota.graphql.hub import Watch, hub_of, now_and_after
from rota.graphql.matching import matches_now, may_match
from rota.graphql.schedules_live import ScheduleSubscriptions
from rota.graphql.system import SystemSubscriptions
from rota.graphql.tasks import TaskId
from rota.graphql.types.bulk import BulkAction
from rota.graphql.types.inputs import TaskFilter, query_of
from rota.graphql.types.lines import LoggedLines, line_place
from rota.graphql.types.metrics import Metrics
from rota.graphql.types.pools import Pool
from rota.graphql.types.queues import Queue
from rota.graphql.types.tasks import Task
from rota.graphql.types.workers import Worker
from rota.graphql.users import UserSubscriptions
from rota.graphql.workers import GONE_SHOWN_MS
from rota.operations import bulk, pools
from rota.operations import tasks as operations
from rota.store import lines, models, queues, workers
from rota.store.selection import TaskQuery
from rota.store.tasks import is_final

ACTIONS_EVERY_S = 0.25  # at most
LINES_AT_ONCE = 200
POOLS_EVERY_S = 1.0
QUEUES_EVERY_S = 1.0  # at most, where only their depths changed


@strawberry.type(description="Tasks that changed, gathered for up to 100 ms.")
class TaskChanges:
    tasks: list[Task] = strawberry.field(description="Each as it is now.")
    cursor: str = strawberry.field(description="To go on after, as `after`. Opaque.")
    is_reset: bool = strawberry.field(description="True where too much was missed: lists must be read anew.")


@strawberry.type(description="What can be watched. A stream ends when the session or token behind it does.")
class Subscription(ScheduleSubscriptions, AuditSubscriptions, UserSubscriptions, SystemSubscriptions):
    @strawberry.subscription(
        description=(
            "The task now, then after each committed change, until it ends. With `follow` it goes on after that: a task that "
            "has ended may be retried."
        )
    )
    async def task_changed(
        self,
        info: Info,
        task_id: TaskId,
        follow: Annotated[
            bool | None, strawberry.argument(description="Go on when the task has ended, until it is unsubscribed.")
        ] = False,
    ) -> AsyncGenerator[Task, None]:
        viewer, hub = info.context.need_client(), hub_of(info.context)
        ids.parse_id(ids.TASK, task_id)
        async with hub.watch(lambda batch: task_id in batch.tasks, task_id=task_id) as watch:
            row = await _visible(info.context, viewer, task_id)
            yield Task.of(row)
            batches = watch.batches()
            while follow or not is_final(row):
                batch = await anext(batches)
                # What is announced may have been read already.
                if batch.tasks[task_id].version > row.version:
                    row = batch.tasks[task_id]
                    yield await batch.once(("task", task_id), partial(_task, row))

    @strawberry.subscription(
        description=(
            "Committed changes that match, gathered for up to 100 ms. With `after` it goes on from that cursor; "
            "`isReset` says that too much was missed and lists must be read anew. "
            "Of the filter, `status`, `priority`, `priorityAtLeast`, `workerId` and `hasDeadline` are not looked at, for they change: "
            "a list must hear too of a task that has just stopped matching. With `onlyMatching` they are: nothing is told of "
            "what does not match. A task is told of, unchanged, when another comes to wait for it."
        )
    )
    async def tasks_changed(
        self,
        info: Info,
        wanted: Annotated[
            TaskFilter | None, strawberry.argument(name="filter", description="Which tasks; all where it is left out.")
        ] = strawberry.UNSET,
        after: Annotated[
            str | None, strawberry.argument(description="Go on after this cursor; from now on where it is left out.")
        ] = strawberry.UNSET,
        only_matching: Annotated[
            bool | None,
            strawberry.argument(
                description="Only tasks that match all of the filter as they are now: for who waits for some, and shows no list."
            ),
        ] = False,
    ) -> AsyncGenerator[TaskChanges, None]:
        viewer, hub = info.context.need_client(), hub_of(info.context)
        query = query_of(wanted or None, viewer)
        cursor = check_cursor(after) if after else None
        async with hub.watch(lambda batch: bool(batch.tasks) or batch.is_reset, with_rows=True) as watch:
            async for batch in _since(watch, cursor):
                # The query says whose tasks they are, where it is not everybody's.
                made = partial(_changes, batch, viewer, query, bool(only_matching))
                changes: TaskChanges = await batch.once(("changes", query, bool(only_matching)), made)
                if changes.tasks or changes.is_reset:
                    yield changes

    @strawberry.subscription(
        description=(
            "What a task's function says: first what is recorded after the cursor (from the first line where it is left "
            "out), then each line once, as it is recorded. It goes on when the task has ended: late lines may come, and it "
            "may be retried."
        )
    )
    async def task_logged(
        self,
        info: Info,
        task_id: TaskId,
        after: Annotated[
            str | None,
            strawberry.argument(description="Go on after this cursor, of `Task.logs` or of an earlier event."),
        ] = strawberry.UNSET,
    ) -> AsyncGenerator[LoggedLines, None]:
        viewer, hub = info.context.need_client(), hub_of(info.context)
        ids.parse_id(ids.TASK, task_id)
        place, left_out = line_place(task_id, after or None), 0
        # It watches before it reads: what is recorded in between is announced to it.
        async with hub.watch(lambda batch: task_id in batch.told or batch.is_reset) as watch:
            await _visible(info.context, viewer, task_id)
            batches, batch = watch.batches(), Batch("")
            while True:
                # Who stands at the same place gets the same object.
                read = partial(_lines_after, info.context, task_id, place)
                found: LoggedLines = await batch.once(("lines", task_id, place), read)
                if found.lines or found.left_out > left_out:
                    place, left_out = found.place, found.left_out
                    yield found
                if not found.has_next:
                    batch = await anext(batches)

    @strawberry.subscription(description="An action on many tasks now, and as it goes on, until it has ended.")
    async def bulk_action_changed(self, info: Info, action_id: ActionId) -> AsyncGenerator[BulkAction, None]:
        viewer, hub = info.context.need_client(), hub_of(info.context)
        ids.parse_id(ids.BULK, action_id)
        read = partial(_action, info.context, viewer, action_id)
        async with hub.watch(lambda batch: batch.actions or batch.is_reset) as watch:
            found = await read()
            yield found
            batches = watch.latest(ACTIONS_EVERY_S)
            while found.row.finished_at is None:
                batch = await anext(batches)
                found = await batch.once(("action", action_id, viewer), read)
                yield found

    @strawberry.subscription(
        description="All workers that are there, and those that ended lately: now, and after each change."
    )
    async def workers_changed(self, info: Info) -> AsyncGenerator[list[Worker], None]:
        info.context.need_viewer()
        hub, platform = hub_of(info.context), info.context.platform

        async def read() -> list[Worker]:
            async with platform.database.read() as db:
                return [Worker.of(row) for row in await workers.listed(db, platform.clock.now_ms() - GONE_SHOWN_MS)]

        async for found in now_and_after(hub, "workers", lambda batch: batch.workers or batch.is_reset, read):
            yield found

    @strawberry.subscription(
        description="All pools: now, and after each change of one or of its workers, at most once a second. Administrators only."
    )
    async def pools_changed(self, info: Info) -> AsyncGenerator[list[Pool], None]:
        viewer, hub, platform = info.context.need_viewer(), hub_of(info.context), info.context.platform

        async def read() -> list[Pool]:
            return [Pool.of(row) for row in await pools.listed(platform, viewer)]

        wants: Callable[[Batch], bool] = lambda batch: batch.workers or batch.is_reset  # noqa: E731
        async for found in now_and_after(hub, "pools", wants, read, POOLS_EVERY_S):
            yield found

    @strawberry.subscription(
        description="All queues: now, and after each change; where only their depths change, once a second."
    )
    async def queues_changed(self, info: Info) -> AsyncGenerator[list[Queue], None]:
        info.context.need_viewer()
        hub, platform = hub_of(info.context), info.context.platform

        async def read() -> list[Queue]:
            async with platform.database.read() as db:
                return [Queue.of(row) for row in await queues.all_queues(db)]

        wants: Callable[[Batch], bool] = lambda batch: batch.queues or bool(batch.told) or batch.is_reset  # noqa: E731
        async for found in now_and_after(hub, "queues", wants, read, QUEUES_EVERY_S):
            yield found

    @strawberry.subscription(description="Once a second, for all subscribers the same snapshot.")
    async def metrics_ticked(self, info: Info) -> AsyncGenerator[Metrics, None]:
        info.context.need_viewer()
        async for found in hub_of(info.context).ticker.ticks():
            yield found


async def _visible(context: Context, viewer: Viewer, task_id: str) -> models.Task:
    async with context.platform.database.read() as db:
        row = await operations.visible(db, viewer, task_id)
    if row is None:
        raise NotFound(f"There is no task {task_id}.", ("id",))
    return row


async def _task(row: models.Task) -> Task:
    return Task.of(row)


async def _action(context: Context, viewer: Viewer, action_id: str) -> BulkAction:
    row = await bulk.visible(context.platform, viewer, action_id)
    if row is None:
        raise NotFound(f"There is no action {action_id}.", ("id",))
    return BulkAction.of(row)


async def _lines_after(context: Context, task_id: str, place: int) -> LoggedLines:
    async with context.platform.database.read() as db:
        return LoggedLines.of(task_id, await lines.page(db, task_id, place, LINES_AT_ONCE), place)


async def _since(watch: Watch, cursor: str | None) -> AsyncIterator[Batch]:
    """What was missed since a cursor, then what comes: nothing twice, nothing left out."""
    missed = await watch.missed(cursor) if cursor is not None else None
    if missed is not None:
        yield missed
    async for batch in watch.batches():
        left = batch if cursor is None else batch.after(cursor)
        if left is not None:
            yield left


async def _changes(batch: Batch, viewer: Viewer, query: TaskQuery, only_matching: bool) -> TaskChanges:
    found = [] if batch.is_reset else [row for row in batch.tasks.values() if may_match(row, viewer, query)]
    if only_matching:
        found = [row for row in found if matches_now(row, query)]
    return TaskChanges(tasks=[Task.of(row) for row in found], cursor=batch.cursor, is_reset=batch.is_reset)
