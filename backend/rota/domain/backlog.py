"""How what waits is split: fresh, waiting longer, and at risk of missing its deadline."""

from typing import NamedTuple

FRESH_MS = 60_000  # what has been ready for less is fresh


class Split(NamedTuple):
    """Ready tasks of one priority. `oldest_at` is when the one that waits longest became ready (ms).

    Not `is_exact`: there were too many to look at each, so that `fresh` and `waiting` are interpolated and at least
    `at_risk` are at risk.
    """

    fresh: int = 0
    waiting: int = 0
    at_risk: int = 0
    oldest_at: int | None = None
    is_exact: bool = True

    @property
    def depth(self) -> int:
        return self.fresh + self.waiting + self.at_risk

    def beside(self, other: "Split") -> "Split":
        """Both together."""
        oldest = [at for at in (self.oldest_at, other.oldest_at) if at is not None]
        return Split(
            self.fresh + other.fresh,
            self.waiting + other.waiting,
            self.at_risk + other.at_risk,
            min(oldest, default=None),
            self.is_exact and other.is_exact,
        )

    def of_depth(self, depth: int) -> "Split":
        """The same split of another number of tasks: what came or went since it was made counts as fresh, then as waiting."""
        at_risk = min(self.at_risk, depth)
        waiting = min(self.waiting, depth - at_risk)
        return self._replace(fresh=depth - at_risk - waiting, waiting=waiting, at_risk=at_risk)


def fresh_of(depth: int, fresh: int, waiting: int, most: int, share: float) -> tuple[int, bool]:
    """How many of a line are fresh, and whether that is exact.

    `fresh` and `waiting` were counted up to `most`; where both reached it, `share` (0 to 1) of the time since the oldest
    stands for the share of fresh ones.
    """
    if fresh < most:
        return min(fresh, depth), True
    if waiting < most:
        return max(depth - waiting, 0), True
    return min(max(round(depth * share), most), depth - most), False


def is_at_risk(*, deadline_at: int, now: int, wait_ms: float, expected_ms: int) -> bool:
    """Whether a task that should start in `wait_ms` and then run for `expected_ms` ends after its deadline."""
    return now + wait_ms + expected_ms > deadline_at
