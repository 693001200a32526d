"""A command that a recipe started ends with it: npm and just do not pass every signal on, and a killed one passes none."""

import asyncio
import os
from collections.abc import Callable

import psutil

VARIABLE = "ROTA_RECIPE"
LOOK_EVERY_S = 0.5


def starters() -> list[psutil.Process]:
    """The processes of the recipe between the user and this one; none where no recipe started it."""
    if not os.environ.get(VARIABLE):
        return []
    found = []
    for process in psutil.Process().parents():
        try:
            if not any("just" in word for word in process.cmdline()):
                break
        except psutil.Error:
            break
        found.append(process)
    return found


async def watch(started_by: list[psutil.Process], on_end: Callable[[], None]) -> None:
    """Calls `on_end`, once, when one of these has ended."""
    # Nobody is told of the end of a process that is no child of its own.
    while all(_is_there(process) for process in started_by):  # noqa: ASYNC110
        await asyncio.sleep(LOOK_EVERY_S)
    on_end()


def _is_there(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
