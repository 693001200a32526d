"""What Rota's workers run in the benchmark."""

import time

import rota


@rota.function
async def noop() -> float:
    """Does nothing; its result is the instant (s) at which it began."""
    return time.time()
