"""Functions that fail with their arguments in the error's text, wherever they run: it is their task's alone."""

import rota


@rota.function(max_attempts=2)
async def leaks_async(secret: str) -> None:
    """Fails in the loop, twice."""
    raise ValueError(f"cannot open {secret}")


@rota.function(executor="thread")
def leaks_thread(secret: str) -> None:
    """Fails in a thread, for good."""
    raise rota.Fatal(f"cannot open {secret}")


@rota.function(executor="process", max_attempts=1)
def leaks_process(secret: str) -> None:
    """Fails in a process of its own."""
    raise OSError(f"cannot open {secret}")
