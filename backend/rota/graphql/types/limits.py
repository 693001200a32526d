"""Limits as clients see them."""

from typing import Self

import strawberry

from rota.domain.limits import NewLimit
from rota.graphql.context import Info
from rota.graphql.errors import UserError, without_nul
from rota.graphql.scalars import Instant
from rota.graphql.types.inputs import given, milliseconds
from rota.graphql.types.nodes import Node
from rota.graphql.types.queues import Queue
from rota.store import models


@strawberry.type(
    description="A bound on how many tasks run at once and start in a period: of a queue, of a function in it, or of each limit key of a function in it."
)
class Limit(Node):
    row: strawberry.Private[models.Limit]
    function: str | None = strawberry.field(description="The function that it bounds; null: the whole queue.")
    per_key: bool = strawberry.field(
        description="Whether each `limitKey` of the function's tasks has the limit to itself."
    )
    max_running: int | None = strawberry.field(description="How many run at once at most; null for no bound.")
    max_starts: int | None = strawberry.field(
        description="How many start at most in any `periodSeconds`; null for no bound."
    )
    period_seconds: float | None = strawberry.field(description="The period of `maxStarts`.")
    created_at: Instant = strawberry.field(description="When it was first set.")
    changed_at: Instant = strawberry.field(description="When somebody last set it.")

    @classmethod
    def of(cls, row: models.Limit) -> Self:
        """The row as clients see it."""
        return cls(
            id=strawberry.ID(row.id),
            row=row,
            function=row.function,
            per_key=row.per_key,
            max_running=row.max_running,
            max_starts=row.max_starts,
            period_seconds=None if row.period_ms is None else row.period_ms / 1000,
            created_at=Instant(row.created_at),
            changed_at=Instant(row.changed_at),
        )

    @strawberry.field(description="The queue that it is for; other queues do not count.")
    async def queue(self, info: Info) -> Queue:
        return Queue.of(await info.context.loaders.queue(self.row.queue))

    @strawberry.field(description="How many tasks run under it; null for a limit per key.")
    async def running_count(self, info: Info) -> int | None:
        return (await info.context.loaders.load_of(self.row)).running

    @strawberry.field(
        description="How many tasks it holds back, as far as workers have come to them; null for a limit per key, 0 for a queue's own."
    )
    async def held_back_count(self, info: Info) -> int | None:
        return (await info.context.loaders.load_of(self.row)).held_back


@strawberry.input(
    description="A limit to set. A second one for the same queue, function and keys takes the place of the first."
)
class LimitInput:
    queue: str = strawberry.field(description="The queue that it is for, by name.")
    function: str | None = strawberry.field(
        default=strawberry.UNSET, description="The function that it bounds; the whole queue if left out."
    )
    per_key: bool = strawberry.field(
        default=False, description="Whether each `limitKey` of the function's tasks has the limit to itself."
    )
    max_running: int | None = strawberry.field(
        default=strawberry.UNSET, description="How many run at once at most, 1 to 100,000."
    )
    max_starts: int | None = strawberry.field(
        default=strawberry.UNSET, description="How many start at most in any `periodSeconds`, 1 to 1,000."
    )
    period_seconds: float | None = strawberry.field(
        default=strawberry.UNSET, description="The period of `maxStarts`, 0.1 to 2,678,400 (31 days)."
    )


@strawberry.type(description="The limit as it is now, or errors.")
class LimitPayload:
    limit: Limit | None = strawberry.field(default=None, description="The limit; null where there are errors.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What went wrong; empty where nothing did."
    )


@strawberry.type(description="The limit that was removed, or errors.")
class RemoveLimitPayload:
    id: strawberry.ID | None = strawberry.field(default=None, description="Its id; null where there are errors.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What went wrong; empty where nothing did."
    )


def new_limit(wanted: LimitInput) -> NewLimit:
    """The input as the domain takes it."""
    function = given(wanted.function)
    return NewLimit(
        queue=without_nul("queue", wanted.queue),
        function=None if function is None else without_nul("function", function),
        per_key=wanted.per_key,
        max_running=given(wanted.max_running),
        max_starts=given(wanted.max_starts),
        period_ms=milliseconds(given(wanted.period_seconds)),
    )
