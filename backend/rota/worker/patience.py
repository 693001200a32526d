"""How long to wait before Redis is asked again."""

import random

FIRST_S = 0.05
LONGEST_S = 2.0


class Patience:
    """Waits that double up to two seconds at most, jittered, so that workers do not come back all at once."""

    def __init__(self, longest_s: float = LONGEST_S) -> None:
        self._ceiling_s = FIRST_S
        self._longest_s = max(min(longest_s, LONGEST_S), FIRST_S)

    def next_s(self) -> float:
        """The next wait, in seconds."""
        wait_s = self._ceiling_s * (0.5 + random.random() / 2)  # noqa: S311  (jitter, no secret)
        self._ceiling_s = min(self._ceiling_s * 2, self._longest_s)
        return wait_s

    def reset(self) -> None:
        """Redis has answered."""
        self._ceiling_s = FIRST_S
