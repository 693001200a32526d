"""Reading, pausing and resuming queues, and how long they keep what has ended."""

from typing import Annotated

import strawberry

from rota.graphql.context import Context, Info
from rota.graphql.errors import answered, without_nul
from rota.graphql.types.enums import Strategy
from rota.graphql.types.queues import Queue, QueuePayload
from rota.operations import queues as operations

QueueName = Annotated[str, strawberry.argument(description="The queue's name.")]


@strawberry.type
class QueueQueries:
    @strawberry.field(description="All queues, by name.")
    async def queues(self, info: Info) -> list[Queue]:
        info.context.need_viewer()
        return [Queue.of(row) for row in (await info.context.loaders.all_queues()).values()]

    @strawberry.field(description="One queue; null where there is none.")
    async def queue(self, info: Info, name: QueueName) -> Queue | None:
        info.context.need_viewer()
        row = (await info.context.loaders.all_queues()).get(name)
        return Queue.of(row) if row else None


@strawberry.type
class QueueMutations:
    @strawberry.mutation(
        description="Nothing in it starts until it is resumed; what runs goes on. Administrators only."
    )
    async def pause_queue(self, info: Info, name: QueueName) -> QueuePayload:
        return await answered(QueuePayload, _set_paused(info.context, name, is_paused=True))

    @strawberry.mutation(description="Lets what waits in it start again. Administrators only.")
    async def resume_queue(self, info: Info, name: QueueName) -> QueuePayload:
        return await answered(QueuePayload, _set_paused(info.context, name, is_paused=False))

    @strawberry.mutation(
        description="Sets how a queue's tasks find their workers, while it runs; nothing is lost. Administrators only."
    )
    async def set_queue_strategy(
        self,
        info: Info,
        name: QueueName,
        strategy: Annotated[Strategy, strawberry.argument(description="The strategy.")],
    ) -> QueuePayload:
        return await answered(QueuePayload, _set_strategy(info.context, name, strategy))

    @strawberry.mutation(
        description="Sets how long a queue keeps a task after it ended; then it is deleted. Administrators only."
    )
    async def set_queue_retention(
        self,
        info: Info,
        name: QueueName,
        days: Annotated[
            float | None, strawberry.argument(description="0.01 to 3650; left out or null: as Rota's settings say.")
        ] = None,
    ) -> QueuePayload:
        return await answered(QueuePayload, _set_retention(info.context, name, days))


async def _set_strategy(context: Context, name: str, strategy: Strategy) -> QueuePayload:
    viewer = context.need_viewer()
    row = await operations.set_strategy(context.platform, viewer, without_nul("name", name), strategy.value)
    return QueuePayload(queue=Queue.of(row))


async def _set_retention(context: Context, name: str, days: float | None) -> QueuePayload:
    viewer = context.need_viewer()
    return QueuePayload(
        queue=Queue.of(await operations.set_retention(context.platform, viewer, without_nul("name", name), days))
    )


async def _set_paused(context: Context, name: str, *, is_paused: bool) -> QueuePayload:
    viewer = context.need_viewer()
    return QueuePayload(
        queue=Queue.of(await operations.set_paused(context.platform, viewer, without_nul("name", name), is_paused))
    )
