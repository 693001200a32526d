"""Reading, pausing, resuming and stopping workers."""

from typing import Annotated

import strawberry

from rota import ids
from rota.graphql.context import Context, Info
from rota.graphql.errors import answered
from rota.graphql.types.workers import Worker, WorkerPayload
from rota.operations import workers as operations
from rota.store import workers as store

GONE_SHOWN_MS = 15 * 60_000

WorkerId = Annotated[strawberry.ID, strawberry.argument(name="id", description="The worker's id.")]


@strawberry.type
class WorkerQueries:
    @strawberry.field(
        description="The workers that are there, the oldest first; then those that ended within the last 15 minutes."
    )
    async def workers(self, info: Info) -> list[Worker]:
        info.context.need_viewer()
        platform = info.context.platform
        async with platform.database.read() as db:
            return [Worker.of(row) for row in await store.listed(db, platform.clock.now_ms() - GONE_SHOWN_MS)]

    @strawberry.field(description="One worker; null where there is none.")
    async def worker(self, info: Info, worker_id: WorkerId) -> Worker | None:
        info.context.need_viewer()
        row = await info.context.loaders.worker(ids.parse_id(ids.WORKER, worker_id))
        return Worker.of(row) if row else None


@strawberry.type
class WorkerMutations:
    @strawberry.mutation(description="Finishes what it runs, takes nothing new, ends. Administrators only.")
    async def stop_worker(self, info: Info, worker_id: WorkerId) -> WorkerPayload:
        return await answered(WorkerPayload, _want(info.context, worker_id, operations.DRAINING))

    @strawberry.mutation(
        description="Finishes what it runs and takes nothing new until it is resumed. Administrators only."
    )
    async def pause_worker(self, info: Info, worker_id: WorkerId) -> WorkerPayload:
        return await answered(WorkerPayload, _want(info.context, worker_id, operations.PAUSED))

    @strawberry.mutation(description="Takes work again after a pause. Administrators only.")
    async def resume_worker(self, info: Info, worker_id: WorkerId) -> WorkerPayload:
        return await answered(WorkerPayload, _want(info.context, worker_id, operations.ONLINE))

    @strawberry.mutation(
        description=(
            "Whether it takes from others' lanes when it is idle, from its next sign of life until it ends. "
            "Administrators only."
        )
    )
    async def set_worker_stealing(
        self,
        info: Info,
        worker_id: WorkerId,
        stealing: Annotated[bool, strawberry.argument(description="Whether it steals.")],
    ) -> WorkerPayload:
        return await answered(WorkerPayload, _steal(info.context, worker_id, stealing))


async def _steal(context: Context, worker_id: str, stealing: bool) -> WorkerPayload:
    viewer = context.need_viewer()
    ids.parse_id(ids.WORKER, worker_id)
    row = await operations.set_stealing(context.platform, viewer, worker_id, stealing)
    return WorkerPayload(worker=Worker.of(row))


async def _want(context: Context, worker_id: str, desired: str) -> WorkerPayload:
    viewer = context.need_viewer()
    ids.parse_id(ids.WORKER, worker_id)
    return WorkerPayload(worker=Worker.of(await operations.want(context.platform, viewer, worker_id, desired)))
