"""Waiting and failing, to watch how tasks progress, are cancelled and are retried."""

import asyncio
from typing import Annotated, Any

from pydantic import Field

import rota

STEP_S = 0.25


class Flaky(Exception):
    """A failure that was asked for."""


@rota.function(example={"seconds": 5})
async def sleep(
    ctx: dict[str, Any],
    seconds: Annotated[float, Field(description="How long to wait.", ge=0, le=3600)],
) -> float:
    """Wait, telling how far it is; cancel it to see it stop at once."""
    task = ctx["task"]
    loop = asyncio.get_running_loop()
    began = loop.time()
    while (passed := loop.time() - began) < seconds:
        task.progress(passed / seconds, f"{passed:.0f} of {seconds:g} s")
        await asyncio.sleep(min(STEP_S, seconds - passed))
    return seconds


@rota.function(max_attempts=10, backoff=(0.5, 2.0, 5.0), example={"failures": 2})
async def flaky(
    ctx: dict[str, Any],
    failures: Annotated[int, Field(description="How many attempts are to fail before one succeeds.", ge=0, le=100)],
) -> str:
    """Fail a number of times, then succeed: shows retries and their growing waits."""
    number: int = ctx["task"].number
    if number <= failures:
        others = "the first does" if failures == 1 else f"the first {failures} do"
        raise Flaky(f"attempt {number} fails as it was asked to: {others}")
    return f"attempt {number} succeeded"
