"""What an outside observer counts for ever: from the facts that the recorder wrote, by name.

`started`, `retried`, `lost`, `released`, `refused` count attempts. `wait` and `run` are histograms: `wait:250` counts what
waited at most 250 ms and more than the bound before, `wait:inf` what waited longer than all, `wait:sum` adds ms.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping

from rota.domain.record import TaskFacts
from rota.domain.states import AttemptOutcome, TaskStatus

BOUNDS_MS = (5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 1_800_000, 3_600_000)
_NAMES = (*map(str, BOUNDS_MS), "inf")
# A failure that did not end its task is followed by another attempt.
_BY_OUTCOME = {
    AttemptOutcome.LOST: "lost",
    AttemptOutcome.RELEASED: "released",
    AttemptOutcome.FAILED: "retried",
    AttemptOutcome.TIMED_OUT: "retried",
}
# What a worker says of an attempt that was taken from it, or that it gives back, is no outcome that anybody refused.
_NO_WORK = frozenset({AttemptOutcome.CANCELLED.value, AttemptOutcome.RELEASED.value})


def count(tasks: Iterable[TaskFacts], into: dict[tuple[str, str], int]) -> None:
    """Adds what a batch of facts tells to totals by (queue, name)."""
    by_queue: dict[str, list[TaskFacts]] = {}
    for task in tasks:
        by_queue.setdefault(task.queue, []).append(task)
    for queue, some in by_queue.items():
        amounts: Counter[str] = Counter()
        _measure("wait", [ms for task in some for ms in task.waits], amounts)
        _measure("run", [ms for task in some for ms in task.runs], amounts)
        _count_attempts(some, amounts)
        for name, amount in amounts.items():
            into[queue, name] = into.get((queue, name), 0) + amount


def histogram(totals: Mapping[str, int], name: str) -> tuple[list[tuple[float, int]], int]:
    """Upper bounds (ms; the last infinite) with how many lie below each, and the sum (ms), of one queue's totals."""
    below, found = 0, []
    for bound, text in zip((*BOUNDS_MS, float("inf")), _NAMES, strict=True):
        below += totals.get(f"{name}:{text}", 0)
        found.append((float(bound), below))
    return found, totals.get(f"{name}:sum", 0)


def left(status: str) -> str:
    """The name of the total of tasks that left a status by being deleted or revived."""
    return f"left:{status}"


def _count_attempts(tasks: Iterable[TaskFacts], into: Counter[str]) -> None:
    started = 0
    for task in tasks:
        started += task.starts
        for attempt in task.attempts.values():
            name = _BY_OUTCOME.get(attempt.outcome)
            if name and not (name == "retried" and task.status is TaskStatus.FAILED and attempt.number == task.number):
                into[name] += 1
        if task.late:
            into["refused"] += sum(late.outcome not in _NO_WORK for late in task.late)
    into["started"] += started


def _measure(name: str, durations: list[int], into: Counter[str]) -> None:
    # In a burst many are alike.
    for ms, amount in Counter(durations).items():
        into[f"{name}:{_NAMES[bisect_left(BOUNDS_MS, ms)]}"] += amount
    into[f"{name}:sum"] += sum(durations)
