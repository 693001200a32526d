"""The one order of work: the instant by which a task should start."""

PRIORITIES = range(1, 11)
DEFAULT_PRIORITY = 5
DEFAULT_LEVEL_MS = 3_600_000  # one step of priority is worth an hour of waiting


def rank(
    *,
    priority: int,
    queued_at: int,
    deadline_at: int | None = None,
    expected_ms: int = 0,
    level_ms: int = DEFAULT_LEVEL_MS,
) -> int:
    """The rank in ms since the epoch; the smaller goes first.

    Every task has a virtual start-by instant: when it was queued, plus one level for each step below priority 10.
    A deadline pulls it forward to the last instant at which starting still makes it, by what its function is
    expected to take. Waiting therefore always wins in the end (nothing starves), and among equals of one priority
    the order is that of arrival; with deadlines it is earliest-deadline-first with virtual deadlines
    (Liu and Layland, 1973).
    """
    start_by = queued_at + (PRIORITIES[-1] - priority) * level_ms
    if deadline_at is None:
        return start_by
    return min(start_by, deadline_at - expected_ms)
