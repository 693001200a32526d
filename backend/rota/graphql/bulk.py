"""Doing something to many tasks, and deleting tasks."""

from typing import Annotated

import strawberry

from rota import ids
from rota.domain.bulk import RESET_WORDS, BulkKind
from rota.graphql.context import Context, Info
from rota.graphql.errors import answered
from rota.graphql.paging import page_size
from rota.graphql.scalars import Instant
from rota.graphql.tasks import TaskId, client
from rota.graphql.types.bulk import BulkAction, BulkActionPayload, DeleteTaskPayload
from rota.graphql.types.inputs import TaskFilter, given, query_of
from rota.operations import bulk as operations
from rota.operations import tasks
from rota.operations.tasks import Place

PAGE = 20
LATER = "The answer comes at once, the action is done after it, a few tasks at a time: watch `bulkActionChanged`."

ActionId = Annotated[strawberry.ID, strawberry.argument(name="id", description="The action's id.")]
Ids = Annotated[
    list[strawberry.ID] | None, strawberry.argument(name="ids", description="Which tasks, at most 1,000; or a filter.")
]
Filter = Annotated[
    TaskFilter | None,
    strawberry.argument(
        name="filter",
        description="Which tasks: those that match, were submitted by now, and are in a status in which it can be done.",
    ),
]


@strawberry.type
class BulkQueries:
    @strawberry.field(description="One action on many tasks; null where there is none that the viewer may see.")
    async def bulk_action(self, info: Info, action_id: ActionId) -> BulkAction | None:
        viewer = info.context.need_client()
        row = await operations.visible(info.context.platform, viewer, ids.parse_id(ids.BULK, action_id))
        return BulkAction.of(row) if row else None

    @strawberry.field(
        description="The newest actions on many tasks: an administrator sees all, everybody else their own. They are kept for a week."
    )
    async def bulk_actions(
        self,
        info: Info,
        first: Annotated[int | None, strawberry.argument(description="How many at most, 1 to 200.")] = PAGE,
    ) -> list[BulkAction]:
        viewer = info.context.need_client()
        rows = await operations.newest(info.context.platform, viewer, page_size(first, PAGE))
        return [BulkAction.of(row) for row in rows]


@strawberry.type
class BulkMutations:
    @strawberry.mutation(
        description=(
            "Deletes all tasks, whatever they are doing, with their attempts, lines and links to schedules, and what the "
            "charts are drawn from; what Redis keeps of the queues is made anew. Accounts, queues, limits, schedules, "
            "functions, workers, pools and the activity stay, and nothing is paused: outcomes of tasks that are gone are "
            f"refused. Administrators only. {LATER}"
        )
    )
    async def reset_system(
        self,
        info: Info,
        confirm: Annotated[str, strawberry.argument(description=f'Must be "{RESET_WORDS}".')],
    ) -> BulkActionPayload:
        return await answered(BulkActionPayload, _reset(info.context, confirm))

    @strawberry.mutation(description="Deletes a task that has ended, with its attempts and lines.")
    async def delete_task(self, info: Info, task_id: TaskId) -> DeleteTaskPayload:
        return await answered(DeleteTaskPayload, _delete(info.context, task_id))

    @strawberry.mutation(description=f"Cancels many tasks. {LATER}")
    async def cancel_tasks(
        self, info: Info, task_ids: Ids = strawberry.UNSET, wanted: Filter = strawberry.UNSET
    ) -> BulkActionPayload:
        return await answered(BulkActionPayload, _ask(info.context, BulkKind.CANCEL, task_ids, wanted))

    @strawberry.mutation(description=f"Runs many tasks again that have failed, were cancelled or expired. {LATER}")
    async def retry_tasks(
        self, info: Info, task_ids: Ids = strawberry.UNSET, wanted: Filter = strawberry.UNSET
    ) -> BulkActionPayload:
        return await answered(BulkActionPayload, _ask(info.context, BulkKind.RETRY, task_ids, wanted))

    @strawberry.mutation(
        description=f"Deletes many tasks that have ended; one that a task depends on which has not is kept. {LATER}"
    )
    async def delete_tasks(
        self, info: Info, task_ids: Ids = strawberry.UNSET, wanted: Filter = strawberry.UNSET
    ) -> BulkActionPayload:
        return await answered(BulkActionPayload, _ask(info.context, BulkKind.DELETE, task_ids, wanted))

    @strawberry.mutation(description=f"Gives many tasks that wait another place in line. {LATER}")
    async def reschedule_tasks(
        self,
        info: Info,
        task_ids: Ids = strawberry.UNSET,
        wanted: Filter = strawberry.UNSET,
        priority: Annotated[
            int | None, strawberry.argument(description="Their new priority, 1 to 10.")
        ] = strawberry.UNSET,
        deadline: Annotated[Instant | None, strawberry.argument(description="Their new deadline.")] = strawberry.UNSET,
        run_at: Annotated[
            Instant | None, strawberry.argument(description="The new instant before which they do not start.")
        ] = strawberry.UNSET,
    ) -> BulkActionPayload:
        place = Place(given(priority), given(deadline), given(run_at))
        return await answered(BulkActionPayload, _ask(info.context, BulkKind.RESCHEDULE, task_ids, wanted, place))

    @strawberry.mutation(
        description=(
            "Puts back what an action changed, once, within a week: tasks that it cancelled while they waited wait again, with a "
            "fresh allowance and behind others of their priority; tasks that it rescheduled get their earlier place. What ran "
            "when it was cancelled, what was retried or deleted, and what has changed since, stays as it is. "
            f"{LATER}"
        )
    )
    async def undo_bulk_action(self, info: Info, action_id: ActionId) -> BulkActionPayload:
        return await answered(BulkActionPayload, _undo(info.context, action_id))


async def _undo(context: Context, action_id: str) -> BulkActionPayload:
    viewer = client(context, "undo actions")
    ids.parse_id(ids.BULK, action_id)
    return BulkActionPayload(action=BulkAction.of(await operations.ask_undo(context.platform, viewer, action_id)))


async def _ask(
    context: Context,
    kind: BulkKind,
    task_ids: list[strawberry.ID] | None,
    wanted: TaskFilter | None,
    place: Place | None = None,
) -> BulkActionPayload:
    viewer = context.need_viewer()
    chosen, matching = given(task_ids), given(wanted)
    action = await operations.ask(
        context.platform,
        viewer,
        kind,
        None if chosen is None else [ids.parse_id(ids.TASK, task_id) for task_id in chosen],
        None if matching is None else query_of(matching, viewer),
        place,
    )
    return BulkActionPayload(action=BulkAction.of(action))


async def _reset(context: Context, confirm: str) -> BulkActionPayload:
    viewer = context.need_viewer()
    return BulkActionPayload(action=BulkAction.of(await operations.reset(context.platform, viewer, confirm)))


async def _delete(context: Context, task_id: str) -> DeleteTaskPayload:
    viewer = client(context, "delete tasks")
    await tasks.delete(context.platform, viewer, ids.parse_id(ids.TASK, task_id))
    return DeleteTaskPayload(id=strawberry.ID(task_id))
