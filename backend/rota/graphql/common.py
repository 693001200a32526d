"""Events that are the same for many: how many may wait for who is slow, and how they become one."""

from collections.abc import Sequence

from rota.graphql.batches import MOST_TASKS
from rota.graphql.hub import MOST_WAITING
from rota.graphql.live import TaskChanges
from rota.graphql.types.metrics import Metrics
from rota.graphql.types.system import System


def may_wait(event: object) -> int:
    """How many like it may wait for one subscriber; 0 where events of this kind must not come from another's source.

    Two like subscriptions that were both told the same object of these kinds are told the same from there on.
    """
    if isinstance(event, TaskChanges):
        return MOST_WAITING
    # The newest says all that those before it said.
    return 1 if isinstance(event, Metrics | System | list) else 0


def gathered(events: Sequence[object]) -> object:
    """One event that tells what these tell, the latest of each task; a reset where that is too much."""
    last = events[-1]
    if not isinstance(last, TaskChanges):
        return last
    found = [event for event in events if isinstance(event, TaskChanges)]
    tasks = {task.id: task for event in found for task in event.tasks}
    is_reset = len(tasks) > MOST_TASKS or any(event.is_reset for event in found)
    return TaskChanges(tasks=[] if is_reset else list(tasks.values()), cursor=last.cursor, is_reset=is_reset)
