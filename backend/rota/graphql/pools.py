"""Reading, starting, changing and stopping pools."""

from typing import Annotated

import strawberry

from rota import ids
from rota.domain.errors import RotaError
from rota.graphql.context import Context, Info
from rota.graphql.errors import answered
from rota.graphql.types.pools import Pool, PoolInput, PoolPayload, new_pool
from rota.operations import pools as operations

PoolId = Annotated[strawberry.ID, strawberry.argument(name="id", description="The pool's id.")]
Wanted = Annotated[PoolInput, strawberry.argument(name="input", description="The pool as it should be.")]


@strawberry.type
class PoolQueries:
    @strawberry.field(
        description="All pools, the oldest first, then those that are stopped. Administrators only.",
    )
    async def pools(self, info: Info) -> list[Pool]:
        viewer = info.context.need_viewer()
        return [Pool.of(row) for row in await operations.listed(info.context.platform, viewer)]


@strawberry.type
class PoolMutations:
    @strawberry.mutation(description="Starts a pool, or one that was stopped again, by its name. Administrators only.")
    async def start_pool(self, info: Info, wanted: Wanted) -> PoolPayload:
        return await answered(PoolPayload, _start(info.context, wanted), "input")

    @strawberry.mutation(
        description=(
            "Changes a pool. Its size keeps to the new bounds at once; workers that have to be replaced finish what they run. "
            "Administrators only."
        )
    )
    async def update_pool(self, info: Info, pool_id: PoolId, wanted: Wanted) -> PoolPayload:
        return await answered(PoolPayload, _update(info.context, pool_id, wanted))

    @strawberry.mutation(description="Lets its workers finish what they run, then ends them. Administrators only.")
    async def stop_pool(self, info: Info, pool_id: PoolId) -> PoolPayload:
        return await answered(PoolPayload, _stop(info.context, pool_id))


async def _start(context: Context, wanted: PoolInput) -> PoolPayload:
    row = await operations.start(context.platform, context.need_viewer(), new_pool(wanted))
    return PoolPayload(pool=Pool.of(row))


async def _update(context: Context, pool_id: str, wanted: PoolInput) -> PoolPayload:
    viewer = context.need_viewer()
    ids.parse_id(ids.POOL, pool_id)
    try:
        row = await operations.update(context.platform, viewer, pool_id, new_pool(wanted))
    except RotaError as error:
        if error.path and error.path != ("id",):
            error.path = ("input", *error.path)
        raise
    return PoolPayload(pool=Pool.of(row))


async def _stop(context: Context, pool_id: str) -> PoolPayload:
    viewer = context.need_viewer()
    ids.parse_id(ids.POOL, pool_id)
    return PoolPayload(pool=Pool.of(await operations.stop(context.platform, viewer, pool_id)))
