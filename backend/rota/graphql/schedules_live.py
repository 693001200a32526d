"""Schedules as they change: made, changed, ticked, and what became of the tasks that they made."""

from collections.abc import AsyncGenerator
from functools import partial

import strawberry

from rota.graphql.batches import Batch
from rota.graphql.context import Info
from rota.graphql.hub import hub_of
from rota.graphql.types.schedules import ChangedSchedules, Schedule
from rota.operations import schedules as operations
from rota.operations.schedules import Standing

MOST_WATCHED = 200
EVERY_S = 1.0  # at most


class Seen:
    """What a watcher was told of last."""

    def __init__(self) -> None:
        self._standings: dict[str, Standing] = {}
        self._runs: frozenset[str] | None = None  # not read yet: whatever comes may matter

    def wants(self, batch: Batch) -> bool:
        """Whether a batch may tell of something that was shown, or of a new one."""
        return self._runs is None or batch.schedules or batch.is_reset or not self._runs.isdisjoint(batch.told)

    def changes(self, found: list[Standing]) -> ChangedSchedules:
        """What of these is new to the watcher."""
        now = {standing.row.id: standing for standing in found}
        before, self._standings = self._standings, now
        self._runs = frozenset(task_id for standing in found for task_id in standing.runs)
        return ChangedSchedules(
            schedules=[Schedule.of(one.row) for one in found if _key(before.get(one.row.id)) != _key(one)],
            removed=[strawberry.ID(schedule_id) for schedule_id in before if schedule_id not in now],
        )


@strawberry.type
class ScheduleSubscriptions:
    @strawberry.subscription(
        description=(
            f"The newest {MOST_WATCHED} schedules that the viewer may see; then, once a second at most, those that were made, "
            "changed, paused or ticked, or of whose last tasks one changed."
        )
    )
    async def schedules_changed(self, info: Info) -> AsyncGenerator[ChangedSchedules, None]:
        viewer, hub, platform = info.context.need_client(), hub_of(info.context), info.context.platform
        read = partial(operations.standings, platform, viewer, MOST_WATCHED)
        seen = Seen()
        async with hub.watch(seen.wants) as watch:
            yield seen.changes(await read())
            async for batch in watch.latest(EVERY_S):
                changes = seen.changes(await batch.once(("schedules", viewer), read))
                if changes.schedules or changes.removed:
                    yield changes


def _key(standing: Standing | None) -> object:
    return None if standing is None else (standing.mark, standing.runs)
