"""Queues as clients see them."""

from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from rota.domain.retention import DAY_MS
from rota.graphql.context import Info
from rota.graphql.errors import UserError
from rota.graphql.types.enums import Strategy, WaitReason, WorkerKind
from rota.graphql.types.metrics import PriorityDepth, depths_of
from rota.graphql.types.nodes import Node
from rota.store import models

if TYPE_CHECKING:
    from rota.graphql.types.limits import Limit
    from rota.graphql.types.workers import Worker


@strawberry.type(description="A named line of tasks, for one kind of worker.")
class Queue(Node):
    row: strawberry.Private[models.Queue]
    name: str = strawberry.field(description="Its name; unique.")
    kind: WorkerKind = strawberry.field(description="The kind of worker that takes from it.")
    strategy: Strategy = strawberry.field(description="How its tasks find their workers.")
    is_paused: bool = strawberry.field(description="While it is paused nothing in it starts; what runs goes on.")

    retention_days: float | None = strawberry.field(
        description="How long it keeps a task after it ended, in days; null: as Rota's settings say."
    )

    @classmethod
    def of(cls, row: models.Queue) -> Self:
        """The row as clients see it."""
        return cls(
            id=strawberry.ID(row.id),
            row=row,
            name=row.name,
            kind=WorkerKind(row.kind),
            strategy=Strategy(row.strategy),
            is_paused=row.is_paused,
            retention_days=None if row.retention_ms is None else row.retention_ms / DAY_MS,
        )

    @strawberry.field(description="How many tasks are ready in it.")
    async def depth(self, info: Info) -> int:
        return (await info.context.loaders.counts()).depth(self.name)

    @strawberry.field(description="Ready tasks by priority, always ten entries, 1 to 10.")
    async def depth_by_priority(self, info: Info) -> list[PriorityDepth]:
        return await depths_of(info, (await info.context.loaders.counts()).depth_by_priority(self.name), self.name)

    @strawberry.field(description="How many of its tasks run.")
    async def running_count(self, info: Info) -> int:
        return (await info.context.loaders.counts()).running(self.name)

    @strawberry.field(
        description=(
            "Why how many of its tasks wait; reasons for which none does are left out. `NOT_BEFORE` counts those that back off too, "
            "and what limits hold back is known as far as workers have come to it."
        )
    )
    async def waiting(self, info: Info) -> list["QueueWaiting"]:
        found = await info.context.loaders.reasons_of(self.row)
        return [QueueWaiting(reason=WaitReason(reason), count=amount) for reason, amount in found]

    @strawberry.field(description="Its limits: its own first, then by function.")
    async def limits(self, info: Info) -> list[Annotated["Limit", strawberry.lazy("rota.graphql.types.limits")]]:
        from rota.graphql.types.limits import Limit

        return [Limit.of(row) for row in await info.context.loaders.limits_of_queue(self.name)]

    @strawberry.field(description="How long it keeps a task after it ended, in days, whoever said so.")
    def kept_days(self, info: Info) -> float:
        kept_ms = self.row.retention_ms
        return (info.context.platform.settings.retention_ms if kept_ms is None else kept_ms) / DAY_MS

    @strawberry.field(description="The workers that are there and take from it, the oldest first.")
    async def workers(self, info: Info) -> list[Annotated["Worker", strawberry.lazy("rota.graphql.types.workers")]]:
        from rota.graphql.types.workers import Worker

        return [Worker.of(row) for row in await info.context.loaders.workers_of_queue(self.name)]


@strawberry.type(description="How many tasks of a queue wait for one reason.")
class QueueWaiting:
    reason: WaitReason = strawberry.field(description="Why.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="The queue as it is now, or errors.")
class QueuePayload:
    queue: Queue | None = strawberry.field(default=None, description="The queue; null where there are errors.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What went wrong; empty where nothing did."
    )
