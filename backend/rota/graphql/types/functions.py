"""The catalogue as clients see it."""

from typing import Self

import strawberry

from rota.graphql.context import Info
from rota.graphql.scalars import Json, as_json
from rota.graphql.types.queues import Queue
from rota.store import models


@strawberry.type(
    description="A Python function in the catalogue. `argsSchema` is a JSON Schema of its named arguments."
)
class Function:
    queue_name: strawberry.Private[str]
    name: str = strawberry.field(description="Its name; what `submitTask` is told.")
    description: str | None = strawberry.field(description="What it does, in its author's words.")
    args_schema: Json = strawberry.field(
        description="JSON Schema of its named arguments; a submit is checked against it."
    )
    default_priority: int = strawberry.field(description="A task's priority unless the submit says another.")
    max_attempts: int = strawberry.field(description="A task's attempts unless the submit says otherwise.")
    timeout_seconds: float | None = strawberry.field(description="The bound on one attempt; null for none.")
    executor: str = strawberry.field(description="ASYNC, THREAD or PROCESS: where it runs.")
    example: Json | None = strawberry.field(description="Arguments to try it with.")
    expected_seconds: float | None = strawberry.field(
        description="A running estimate of how long one attempt takes; null before the first."
    )

    @classmethod
    def of(cls, row: models.Function) -> Self:
        """The row as clients see it."""
        return cls(
            queue_name=row.queue,
            name=row.name,
            description=row.description,
            args_schema=as_json(row.args_schema) or Json({}),
            default_priority=row.default_priority,
            max_attempts=row.max_attempts,
            timeout_seconds=None if row.timeout_ms is None else row.timeout_ms / 1000,
            executor=row.executor,
            example=as_json(row.example),
            expected_seconds=row.expected_ms / 1000 if row.expected_ms else None,
        )

    @strawberry.field(description="Where its tasks go unless the submit says otherwise.")
    async def queue(self, info: Info) -> Queue:
        return Queue.of(await info.context.loaders.queue(self.queue_name))

    @strawberry.field(
        description="Which workers that are there offer it differently, so that only what one of them says holds; null where "
        "all say the same."
    )
    async def conflict(self, info: Info) -> str | None:
        return (await info.context.loaders.conflicts()).get(self.name)
