"""How Rota is: asked for once, or watched."""

from collections.abc import AsyncGenerator

import strawberry

from rota.graphql.context import Info
from rota.graphql.hub import hub_of
from rota.graphql.types.system import System


@strawberry.type
class SystemQueries:
    @strawberry.field(description="How each part of Rota is now.")
    async def system(self, info: Info) -> System:
        info.context.need_viewer()
        hub = hub_of(info.context)
        return await hub.system()


@strawberry.type
class SystemSubscriptions:
    @strawberry.subscription(
        description="How each part of Rota is, every two seconds; for all who watch the same look."
    )
    async def system_ticked(self, info: Info) -> AsyncGenerator[System, None]:
        info.context.need_viewer()
        hub = hub_of(info.context)
        async for found in hub.health.ticks():
            yield found
