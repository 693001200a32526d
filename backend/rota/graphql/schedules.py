"""Reading, making, changing, pausing, running and deleting schedules."""

from typing import Annotated

import strawberry

from rota import ids
from rota.domain.errors import NotFound, RotaError
from rota.graphql.context import Context, Info
from rota.graphql.errors import answered
from rota.graphql.paging import page_size, parse_cursor
from rota.graphql.scalars import Instant
from rota.graphql.types.inputs import given
from rota.graphql.types.schedules import (
    ORDER,
    DeleteSchedulePayload,
    Schedule,
    ScheduleChanges,
    ScheduleConnection,
    ScheduleInput,
    SchedulePayload,
    SchedulePreview,
    changes_of,
    new_schedule,
)
from rota.graphql.types.tasks import Task, TaskPayload
from rota.operations import schedules as operations

PAGE = 50

ScheduleId = Annotated[strawberry.ID, strawberry.argument(name="id", description="The schedule's id.")]


@strawberry.type
class ScheduleQueries:
    @strawberry.field(
        description="Schedules that the viewer may see, newest first: a client's own, an administrator's all."
    )
    async def schedules(
        self,
        info: Info,
        first: Annotated[int | None, strawberry.argument(description="How many at most, 1 to 200.")] = PAGE,
        after: Annotated[str | None, strawberry.argument(description="Go on after this cursor.")] = strawberry.UNSET,
    ) -> ScheduleConnection:
        viewer = info.context.need_client()
        cursor = parse_cursor(ORDER, given(after), ids.SCHEDULE)
        size = page_size(first, PAGE)
        page = await operations.page(info.context.platform, viewer, cursor[1] if cursor else None, size)
        return ScheduleConnection.of(page.rows, has_next=page.has_next, has_previous=cursor is not None)

    @strawberry.field(description="One schedule; null where there is none that the viewer may see.")
    async def schedule(self, info: Info, schedule_id: ScheduleId) -> Schedule | None:
        viewer = info.context.need_client()
        try:
            row = await operations.get(info.context.platform, viewer, ids.parse_id(ids.SCHEDULE, schedule_id))
        except NotFound:
            return None
        return Schedule.of(row)

    @strawberry.field(description="What a cron line says in plain words, and its next five ticks.")
    async def preview_schedule(
        self,
        info: Info,
        cron: Annotated[str, strawberry.argument(description="The cron line.")],
        timezone: Annotated[str, strawberry.argument(description="The time zone in which it is read.")] = "UTC",
    ) -> SchedulePreview:
        return await answered(SchedulePreview, _preview(info.context, cron, timezone))


@strawberry.type
class ScheduleMutations:
    @strawberry.mutation(description="Makes a schedule; its tasks will be the viewer's. At most 100 a user.")
    async def create_schedule(
        self,
        info: Info,
        wanted: Annotated[ScheduleInput, strawberry.argument(name="input", description="The schedule.")],
    ) -> SchedulePayload:
        return await answered(SchedulePayload, _create(info.context, wanted), "input")

    @strawberry.mutation(description="Changes a schedule; what is left out stays as it is.")
    async def update_schedule(
        self,
        info: Info,
        schedule_id: ScheduleId,
        wanted: Annotated[ScheduleChanges, strawberry.argument(name="input", description="What to change.")],
    ) -> SchedulePayload:
        return await answered(SchedulePayload, _update(info.context, schedule_id, wanted))

    @strawberry.mutation(description="It makes no tasks until it is resumed.")
    async def pause_schedule(self, info: Info, schedule_id: ScheduleId) -> SchedulePayload:
        return await answered(SchedulePayload, _set_paused(info.context, schedule_id, is_paused=True))

    @strawberry.mutation(description="It goes on with its next tick; the ticks of the pause are not made up for.")
    async def resume_schedule(self, info: Info, schedule_id: ScheduleId) -> SchedulePayload:
        return await answered(SchedulePayload, _set_paused(info.context, schedule_id, is_paused=False))

    @strawberry.mutation(description="Deletes a schedule; the tasks that it made stay.")
    async def delete_schedule(self, info: Info, schedule_id: ScheduleId) -> DeleteSchedulePayload:
        return await answered(DeleteSchedulePayload, _delete(info.context, schedule_id))

    @strawberry.mutation(description="Makes its task at once, paused or not; its ticks stay as they are.")
    async def run_schedule_now(self, info: Info, schedule_id: ScheduleId) -> TaskPayload:
        return await answered(TaskPayload, _run_now(info.context, schedule_id))


async def _preview(context: Context, cron: str, timezone: str) -> SchedulePreview:
    context.need_client()
    found = operations.preview(cron, timezone, context.platform.clock.now_ms())
    return SchedulePreview(description=found.words, next_runs=[Instant(at) for at in found.instants])


async def _create(context: Context, wanted: ScheduleInput) -> SchedulePayload:
    row = await operations.create(context.platform, context.need_viewer(), new_schedule(wanted))
    return SchedulePayload(schedule=Schedule.of(row))


async def _update(context: Context, schedule_id: str, wanted: ScheduleChanges) -> SchedulePayload:
    viewer = context.need_viewer()
    ids.parse_id(ids.SCHEDULE, schedule_id)
    try:
        row = await operations.update(context.platform, viewer, schedule_id, changes_of(wanted))
    except RotaError as error:
        if error.path and error.path != ("id",):
            error.path = ("input", *error.path)
        raise
    return SchedulePayload(schedule=Schedule.of(row))


async def _set_paused(context: Context, schedule_id: str, *, is_paused: bool) -> SchedulePayload:
    viewer = context.need_viewer()
    ids.parse_id(ids.SCHEDULE, schedule_id)
    row = await operations.set_paused(context.platform, viewer, schedule_id, is_paused)
    return SchedulePayload(schedule=Schedule.of(row))


async def _delete(context: Context, schedule_id: str) -> DeleteSchedulePayload:
    viewer = context.need_viewer()
    await operations.delete(context.platform, viewer, ids.parse_id(ids.SCHEDULE, schedule_id))
    return DeleteSchedulePayload(id=strawberry.ID(schedule_id))


async def _run_now(context: Context, schedule_id: str) -> TaskPayload:
    viewer = context.need_viewer()
    row = await operations.run_now(context.platform, viewer, ids.parse_id(ids.SCHEDULE, schedule_id))
    return TaskPayload(task=Task.of(row))
