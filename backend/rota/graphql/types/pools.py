"""Pools as clients see them, and what they are started and changed with."""

import math
from typing import Annotated, Self

import strawberry

from rota.domain import pools as rules
from rota.domain.pools import NewPool
from rota.graphql.context import Info
from rota.graphql.errors import BadUserInput, UserError, without_nul
from rota.graphql.paging import page_size
from rota.graphql.scalars import Instant
from rota.graphql.types.inputs import given
from rota.graphql.types.nodes import Node
from rota.graphql.types.queues import Queue
from rota.graphql.types.workers import Worker
from rota.operations import pools as operations
from rota.store import models

LAST_DECISIONS = 20
SHORTEST_S, LONGEST_S = 60, 86_400


@strawberry.type(description="A change of a pool's size, or of what keeps it from its size.")
class ScalingDecision:
    at: Instant = strawberry.field(description="When it was made.")
    size_from: int = strawberry.field(name="from", description="How many workers were desired before.")
    size_to: int = strawberry.field(
        name="to", description="How many are desired from then on; the same where only the reason is news."
    )
    reason: str = strawberry.field(description="Why, for people.")
    is_dry_run: bool = strawberry.field(description="True: it only says what would have been done.")

    @classmethod
    def of(cls, row: models.ScalingDecision) -> Self:
        """The row as clients see it."""
        return cls(
            at=Instant(row.at),
            size_from=row.size_from,
            size_to=row.size_to,
            reason=row.reason,
            is_dry_run=row.is_dry_run,
        )


@strawberry.type(description="How many workers a pool should have had and had from an instant on, until the next.")
class PoolSize:
    at: Instant = strawberry.field(description="From when on.")
    desired: int = strawberry.field(description="How many workers it should have.")
    actual: int = strawberry.field(description="How many were there, those that finish and end, too.")


@strawberry.type(description="A set of like worker processes that grows and shrinks between a minimum and a maximum.")
class Pool(Node):
    queue_names: strawberry.Private[list[str]]
    name: str = strawberry.field(description="Its name; unique.")
    slots_per_worker: int = strawberry.field(description="How many tasks each of its workers runs at once.")
    min_workers: int = strawberry.field(description="How many workers it has at least; with 0 it sleeps while idle.")
    max_workers: int = strawberry.field(description="How many workers it has at most.")
    stealing: bool = strawberry.field(description="Whether its workers take from others' lanes when they are idle.")
    desired_workers: int = strawberry.field(description="How many workers it should have now.")
    target_wait_seconds: float = strawberry.field(
        description="How long a ready task should wait for it at most; longer, and it grows."
    )
    dry_run: bool = strawberry.field(
        description="True: its size stays, and its decisions only say what would have been done."
    )
    is_stopped: bool = strawberry.field(description="True: it has no workers until it is started again by its name.")

    @classmethod
    def of(cls, row: models.Pool) -> Self:
        """The row as clients see it."""
        return cls(
            id=strawberry.ID(row.id),
            queue_names=operations.queues_of(row),
            name=row.name,
            slots_per_worker=row.slots_per_worker,
            min_workers=row.min_workers,
            max_workers=row.max_workers,
            stealing=row.stealing,
            desired_workers=row.desired_workers,
            target_wait_seconds=row.target_wait_ms / 1000,
            dry_run=row.dry_run,
            is_stopped=row.stopped_at is not None,
        )

    @strawberry.field(
        description="The queues that its workers take from. Where none were named: those that their functions stand in."
    )
    async def queues(self, info: Info) -> list[Queue]:
        return [Queue.of(row) for row in await info.context.loaders.queues_named(self.queue_names)]

    @strawberry.field(description="Its workers that are there, those that finish and end, too; the oldest first.")
    async def workers(self, info: Info) -> list[Worker]:
        return [Worker.of(row) for row in await info.context.loaders.workers_of_pool(self.id)]

    @strawberry.field(
        description=(
            "How many workers it should have had and had, in the last seconds: a step for each change, the oldest first, "
            "at most 500. Workers that ended more than a day ago may be forgotten."
        )
    )
    async def sizes(
        self,
        info: Info,
        seconds: Annotated[int, strawberry.argument(description="How far back, 60 to 86,400.")] = 3600,
    ) -> list[PoolSize]:
        if not SHORTEST_S <= seconds <= LONGEST_S:
            raise BadUserInput(f"seconds must be {SHORTEST_S} to {LONGEST_S:,}; it is {seconds}.")
        found = await operations.sizes_of(info.context.platform, self.id, seconds)
        return [PoolSize(at=Instant(one.at), desired=one.desired, actual=one.actual) for one in found]

    @strawberry.field(description="What sized it last, the newest first. The newest 200 are kept.")
    async def decisions(
        self,
        info: Info,
        first: Annotated[int | None, strawberry.argument(description="How many at most, 1 to 200.")] = LAST_DECISIONS,
    ) -> list[ScalingDecision]:
        size = page_size(first, LAST_DECISIONS)
        rows = await operations.decisions_of(info.context.platform, self.id, size)
        return [ScalingDecision.of(row) for row in rows]


@strawberry.type(description="The pool as it is now, or errors.")
class PoolPayload:
    pool: Pool | None = strawberry.field(default=None, description="The pool; null where there are errors.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What went wrong; empty where nothing did."
    )


@strawberry.input(description="A pool as it should be. What is left out has its default, in a change of a pool, too.")
class PoolInput:
    name: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Letters, digits, `.`, `_` and `-`, at most 60; left out: one is found, or it keeps its own.",
    )
    queues: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The queues that its workers take from, by name. An empty list: those that its functions stand in. "
            "Left out: the same, or in a change what it had."
        ),
    )
    slots_per_worker: int = strawberry.field(
        default=5, description="How many tasks each of its workers runs at once, 1 to 1000."
    )
    min_workers: int = strawberry.field(default=1, description="How many workers it has at least, 0 to 500.")
    max_workers: int = strawberry.field(default=1, description="How many workers it has at most, 1 to 500.")
    stealing: bool = strawberry.field(
        default=True, description="Whether its workers take from others' lanes when they are idle."
    )
    target_wait_seconds: float = strawberry.field(
        default=rules.DEFAULT_TARGET_MS / 1000,
        description="How long a ready task should wait for it at most, 0.1 to 86400.",
    )
    dry_run: bool = strawberry.field(
        default=False, description="True: its size stays, and its decisions only say what would have been done."
    )


def new_pool(wanted: PoolInput) -> NewPool:
    """The input as the domain takes it."""
    name, queues = given(wanted.name), given(wanted.queues)
    return NewPool(
        name=name,
        queues=None if queues is None else tuple(without_nul("queues", queue) for queue in queues),
        slots_per_worker=wanted.slots_per_worker,
        min_workers=wanted.min_workers,
        max_workers=wanted.max_workers,
        stealing=wanted.stealing,
        target_wait_ms=math.ceil(min(max(wanted.target_wait_seconds, 0.0), 1e9) * 1000),
        dry_run=wanted.dry_run,
    )
