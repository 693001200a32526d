"""Workers as clients see them."""

from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from rota import jsontext
from rota.graphql.context import Info
from rota.graphql.errors import UserError
from rota.graphql.paging import page_size
from rota.graphql.scalars import Instant
from rota.graphql.types.enums import WorkerKind, WorkerStatus
from rota.graphql.types.nodes import Node
from rota.graphql.types.queues import Queue
from rota.store import models

if TYPE_CHECKING:
    from rota.graphql.types.tasks import Task


@strawberry.type(description="One process, program or person that does tasks; it has slots.")
class Worker(Node):
    queue_names: strawberry.Private[list[str]]
    name: str = strawberry.field(description="What people know it by.")
    kind: WorkerKind = strawberry.field(description="Who it is.")
    status: WorkerStatus = strawberry.field(description="What it is doing.")
    slots: int = strawberry.field(description="How many tasks it runs at once.")
    running_count: int = strawberry.field(description="How many it ran when it last gave a sign of life.")
    stealing: bool = strawberry.field(description="Whether it takes from others' lanes when it is idle.")
    started_at: Instant = strawberry.field(description="When it came.")
    heartbeat_at: Instant | None = strawberry.field(description="Its last sign of life.")
    ended_at: Instant | None = strawberry.field(description="When it ended or was lost; null while it is there.")
    host: str = strawberry.field(description="The machine that it runs on.")
    pid: int = strawberry.field(description="Its process id there.")
    is_stuck: bool = strawberry.field(description="Its event loop has not answered for a while.")

    @classmethod
    def of(cls, row: models.Worker) -> Self:
        """The row as clients see it."""
        return cls(
            id=strawberry.ID(row.id),
            queue_names=jsontext.loads(row.queues),
            name=row.name,
            kind=WorkerKind(row.kind),
            status=WorkerStatus(row.status),
            slots=row.slots,
            running_count=row.running_count,
            stealing=row.stealing,
            started_at=Instant(row.started_at),
            heartbeat_at=None if row.heartbeat_at is None else Instant(row.heartbeat_at),
            ended_at=None if row.ended_at is None else Instant(row.ended_at),
            host=row.host,
            pid=row.pid,
            is_stuck=row.is_stuck,
        )

    @strawberry.field(description="Tasks that are assigned to it and not started.")
    async def lane_count(self, info: Info) -> int:
        return await info.context.loaders.lane_count(self.id, self.queue_names)

    @strawberry.field(description="The queues that it takes from.")
    async def queues(self, info: Info) -> list[Queue]:
        return [Queue.of(row) for row in await info.context.loaders.queues_named(self.queue_names)]

    @strawberry.field(description="The tasks that it has or had, as far as the viewer may see them; the newest first.")
    async def tasks(
        self,
        info: Info,
        first: Annotated[int | None, strawberry.argument(description="How many at most, 1 to 200.")] = 20,
    ) -> list[Annotated["Task", strawberry.lazy("rota.graphql.types.tasks")]]:
        from rota.graphql.types.tasks import Task

        rows = await info.context.loaders.tasks_of_worker(self.id, page_size(first, 20))
        return [Task.of(row) for row in rows]


@strawberry.type(description="The worker as it last told of itself, or errors.")
class WorkerPayload:
    worker: Worker | None = strawberry.field(default=None, description="The worker; null where there are errors.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What went wrong; empty where nothing did."
    )
