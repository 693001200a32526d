"""Reading, setting and removing limits."""

from typing import Annotated

import strawberry

from rota import ids
from rota.graphql.context import Context, Info
from rota.graphql.errors import answered
from rota.graphql.types.limits import Limit, LimitInput, LimitPayload, RemoveLimitPayload, new_limit
from rota.operations import limits as operations
from rota.store import limits as store


@strawberry.type
class LimitQueries:
    @strawberry.field(description="All limits: by queue, the queue's own first, then by function.")
    async def limits(self, info: Info) -> list[Limit]:
        info.context.need_viewer()
        async with info.context.platform.database.read() as db:
            return [Limit.of(row) for row in await store.all_limits(db)]


@strawberry.type
class LimitMutations:
    @strawberry.mutation(
        description="Sets a limit; what waits follows at once, what runs goes on. Administrators only."
    )
    async def set_limit(
        self,
        info: Info,
        wanted: Annotated[LimitInput, strawberry.argument(name="input", description="The limit.")],
    ) -> LimitPayload:
        return await answered(LimitPayload, _put(info.context, wanted), "input")

    @strawberry.mutation(description="Removes a limit; what it held back goes on. Administrators only.")
    async def remove_limit(
        self,
        info: Info,
        limit_id: Annotated[strawberry.ID, strawberry.argument(name="id", description="The limit's id.")],
    ) -> RemoveLimitPayload:
        return await answered(RemoveLimitPayload, _remove(info.context, limit_id))


async def _put(context: Context, wanted: LimitInput) -> LimitPayload:
    row = await operations.put(context.platform, context.need_viewer(), new_limit(wanted))
    return LimitPayload(limit=Limit.of(row))


async def _remove(context: Context, limit_id: str) -> RemoveLimitPayload:
    viewer = context.need_viewer()
    await operations.remove(context.platform, viewer, ids.parse_id(ids.LIMIT, limit_id))
    return RemoveLimitPayload(id=strawberry.ID(limit_id))
