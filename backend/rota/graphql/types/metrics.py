"""Numbers for a dashboard."""

from collections.abc import Iterable, Sequence
from typing import Self

import strawberry
from strawberry.types.nodes import SelectedField, Selection

from rota.domain.backlog import Split
from rota.domain.states import TaskStatus
from rota.graphql.context import Info
from rota.graphql.scalars import Instant
from rota.operations import metrics as operations

_CHEAP = {"priority", "depth", "__typename"}


@strawberry.type(
    description=(
        "The ready tasks of one priority. `fresh`, `waiting` and `atRisk` together are `depth`; they are taken at most "
        "once a second."
    )
)
class PriorityDepth:
    priority: int = strawberry.field(description="1 to 10; 10 goes first.")
    depth: int = strawberry.field(description="Ready tasks of this priority.")
    fresh: int = strawberry.field(description="Those that have been ready for less than a minute and are not at risk.")
    waiting: int = strawberry.field(
        description="Those that have been ready for a minute or longer and are not at risk."
    )
    at_risk: int = strawberry.field(
        description=(
            "Those that should end after their deadline: their place in line, the queue's slots and what tasks like them "
            "took say so. Where nobody takes from the queue, all that have a deadline."
        )
    )
    oldest_ready_at: Instant | None = strawberry.field(
        description="Since when the one is ready that waits longest; null where none waits."
    )
    is_exact: bool = strawberry.field(
        description=(
            "False where there were too many to look at each: then `fresh` and `waiting` are interpolated, and at least "
            "`atRisk` are at risk."
        )
    )


async def depths_of(info: Info, depths: Sequence[int], queue: str | None = None) -> list[PriorityDepth]:
    """Ten entries from the depths of the priorities 1 to 10, of one queue or of all; their ages only where they are asked for."""
    backlog = await info.context.loaders.backlog() if _asked(info.selected_fields) - _CHEAP else None
    return [
        _depth(priority, depth, Split() if backlog is None else backlog.of(queue, priority))
        for priority, depth in enumerate(depths, 1)
    ]


def _depth(priority: int, depth: int, found: Split) -> PriorityDepth:
    split = found.of_depth(depth)
    oldest = split.oldest_at if depth else None
    return PriorityDepth(
        priority=priority,
        depth=depth,
        fresh=split.fresh,
        waiting=split.waiting,
        at_risk=split.at_risk,
        oldest_ready_at=None if oldest is None else Instant(oldest),
        is_exact=split.is_exact,
    )


def _asked(selections: Iterable[Selection]) -> set[str]:
    """The names of the fields below this one, those in fragments too."""
    found: set[str] = set()
    for field in selections:
        for inner in field.selections:
            found |= {inner.name} if isinstance(inner, SelectedField) else _asked([inner])
    return found


@strawberry.type(description="How many tasks are in one status.")
class StatusCount:
    status: TaskStatus = strawberry.field(description="The status.")
    count: int = strawberry.field(description="Tasks in it.")


@strawberry.type(description="Durations below which a share of all lie; null where there were none.")
class Percentiles:
    p50: float | None = strawberry.field(description="Half of them took at most this long, in seconds.")
    p95: float | None = strawberry.field(description="95 of 100 took at most this long, in seconds.")
    p99: float | None = strawberry.field(description="99 of 100 took at most this long, in seconds.")

    @classmethod
    def of(cls, found: operations.Percentiles) -> Self:
        """The operation's answer as clients see it."""
        return cls(p50=found.p50, p95=found.p95, p99=found.p99)


@strawberry.type(description="The numbers of this instant, over all queues and owners.")
class Metrics:
    depths: strawberry.Private[list[int]]
    at: Instant = strawberry.field(description="When they were taken.")
    counts_by_status: list[StatusCount] = strawberry.field(
        description="Counts over all tasks that are kept; one entry for each status."
    )
    active_workers: int = strawberry.field(description="Workers that are there.")
    total_slots: int = strawberry.field(description="Slots of the workers that are there.")
    busy_slots: int = strawberry.field(description="Slots in which something runs.")
    submitted_per_second: float = strawberry.field(description="Tasks submitted, over the last minute.")
    finished_per_second: float = strawberry.field(description="Tasks that ended, however, over the last minute.")
    failed_per_second: float = strawberry.field(description="Tasks that ended as FAILED, over the last minute.")
    wait_seconds: Percentiles = strawberry.field(
        description="How long tasks that started in the last minute had been ready before."
    )
    run_seconds: Percentiles = strawberry.field(description="How long attempts that succeeded in the last minute ran.")

    @classmethod
    def of(cls, found: operations.Snapshot) -> Self:
        """The snapshot as clients see it."""
        return cls(
            at=Instant(found.at),
            counts_by_status=[StatusCount(status=status, count=count) for status, count in found.counts.items()],
            active_workers=found.active_workers,
            total_slots=found.total_slots,
            busy_slots=found.busy_slots,
            submitted_per_second=found.submitted_per_second,
            finished_per_second=found.finished_per_second,
            failed_per_second=found.failed_per_second,
            wait_seconds=Percentiles.of(found.wait_seconds),
            run_seconds=Percentiles.of(found.run_seconds),
            depths=found.depths,
        )

    @strawberry.field(description="Ready tasks by priority over all queues, always ten entries, 1 to 10.")
    async def depth_by_priority(self, info: Info) -> list[PriorityDepth]:
        return await depths_of(info, self.depths)


@strawberry.type(description="One second (or more, where a long time is asked for) of what happened.")
class MetricsPoint:
    at: Instant = strawberry.field(description="Its beginning.")
    seconds: int = strawberry.field(description="How many seconds it covers.")
    submitted: int = strawberry.field(description="Tasks submitted in it.")
    finished: int = strawberry.field(description="Tasks that ended in it, however.")
    failed: int = strawberry.field(description="Tasks that ended in it as FAILED.")
    wait_seconds: Percentiles = strawberry.field(description="How long tasks that started in it had been ready before.")
    run_seconds: Percentiles = strawberry.field(description="How long attempts that succeeded in it ran.")

    @classmethod
    def of(cls, found: operations.Point) -> Self:
        """The point as clients see it."""
        return cls(
            at=Instant(found.at),
            seconds=found.seconds,
            submitted=found.submitted,
            finished=found.finished,
            failed=found.failed,
            wait_seconds=Percentiles.of(found.wait_seconds),
            run_seconds=Percentiles.of(found.run_seconds),
        )


@strawberry.type(description="What anybody may know of this server.")
class Server:
    version: str = strawberry.field(description="Rota's version.")
    registration_open: bool = strawberry.field(description="Whether anybody may register.")
    graphiql: bool = strawberry.field(description="Whether GraphiQL stands at `/graphiql`.")
