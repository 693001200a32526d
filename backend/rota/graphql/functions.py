"""Reading the catalogue."""

from typing import Annotated

import strawberry

from rota.graphql.context import Info
from rota.graphql.errors import without_nul
from rota.graphql.types.functions import Function
from rota.store import functions as store


@strawberry.type
class FunctionQueries:
    @strawberry.field(description="The functions that workers have offered, by name.")
    async def functions(self, info: Info) -> list[Function]:
        info.context.need_viewer()
        async with info.context.platform.database.read() as db:
            return [Function.of(row) for row in await store.all_functions(db)]

    @strawberry.field(description="One function; null where no worker has offered it.")
    async def function(
        self, info: Info, name: Annotated[str, strawberry.argument(description="The function's name.")]
    ) -> Function | None:
        info.context.need_viewer()
        async with info.context.platform.database.read() as db:
            row = await store.get(db, without_nul("name", name))
        return Function.of(row) if row else None
