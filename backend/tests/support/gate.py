"""A function that runs until a file is there, for stories about what happens meanwhile."""

import asyncio
from pathlib import Path

import rota

LOOK_EVERY_S = 0.05


@rota.function()
async def wait_for_file(path: str) -> None:
    """Ends when the file is there."""
    while not Path(path).exists():
        await asyncio.sleep(LOOK_EVERY_S)
