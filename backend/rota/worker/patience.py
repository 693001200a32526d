"""How long to wait before Redis is asked again."""

import random

FIRST_S = 0.05
LONGEST_S = 2.0


class Patience:
    """Waits that double up to two seconds, jittered, so that workers do not come back all at once."""

    def __init__(self) -> None:
        self._ceiling_s = FIRST_S

    def next_s(self) -> float:
        """The next wait, in seconds."""
        wait_s = self._ceiling_s * (0.5 + random.random() / 2)  # noqa: S311  (jitter, no secret)
        self._ceiling_s = min(self._ceiling_s * 2, LONGEST_S)
        return wait_s

    def reset(self) -> None:
        """Redis has answered."""
        self._ceiling_s = FIRST_S
