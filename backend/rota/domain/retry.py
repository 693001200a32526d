"""Whether a failed attempt is followed by another, and when."""

from dataclasses import dataclass

DEFAULT_MAX_ATTEMPTS = 3
POISON_DEATHS = 3  # a task whose worker died under it this often is not tried again


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential growth from `base_ms` by `factor` with a cap, all in ms."""

    base_ms: int = 1_000
    factor: float = 2.0
    cap_ms: int = 600_000

    def ceiling_ms(self, used: int) -> int:
        """The longest wait after `used` attempts have been used up (1 = the first has just failed)."""
        try:
            # The exponent is bounded so that a large count takes no time.
            return int(min(self.cap_ms, self.base_ms * self.factor ** min(max(used, 1) - 1, 62)))
        except OverflowError:  # a large factor; an error here would leave the attempt without an ending
            return self.cap_ms


DEFAULT_BACKOFF = Backoff()


def backoff_ms(used: int, chance: float, backoff: Backoff = DEFAULT_BACKOFF) -> int:
    """How long to wait before the next attempt.

    Full jitter: `chance` (0 to 1, drawn by the caller) of the ceiling, so that tasks which failed together
    do not come back together (Brooker, "Exponential Backoff And Jitter", AWS, 2015).
    """
    return int(backoff.ceiling_ms(used) * chance)


def may_retry(used: int, max_attempts: int, *, is_fatal: bool = False) -> bool:
    """Whether an attempt is left after `used` of them were used up."""
    return not is_fatal and used < max_attempts
