"""Numbers for a dashboard."""

from collections.abc import Sequence
from typing import Self

import strawberry

from rota.domain.states import TaskStatus
from rota.graphql.scalars import Instant
from rota.operations import metrics as operations


@strawberry.type(description="How many ready tasks have one priority.")
class PriorityDepth:
    priority: int = strawberry.field(description="1 to 10; 10 goes first.")
    depth: int = strawberry.field(description="Ready tasks of this priority.")

    @classmethod
    def all_of(cls, depths: Sequence[int]) -> list[Self]:
        """Ten entries from the depths of the priorities 1 to 10."""
        return [cls(priority=priority, depth=depth) for priority, depth in enumerate(depths, 1)]


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
    depth_by_priority: list[PriorityDepth] = strawberry.field(
        description="Ready tasks by priority over all queues, always ten entries, 1 to 10."
    )

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
            depth_by_priority=PriorityDepth.all_of(found.depths),
        )


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
