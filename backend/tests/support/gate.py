"""Functions that run until a file says so, for stories about what happens meanwhile."""

import asyncio
from pathlib import Path
from typing import Any

import rota

LOOK_EVERY_S = 0.05


@rota.function()
async def wait_for_file(path: str) -> None:
    """Ends when the file is there."""
    while not Path(path).exists():
        await asyncio.sleep(LOOK_EVERY_S)


@rota.function()
async def say_lines(ctx: dict[str, Any], path: str) -> int:
    """Says each line of a file as it is written there, `warning: words` for one that is grave, and ends at `end`."""
    task, said = ctx["task"], 0
    while True:
        lines = Path(path).read_text().splitlines() if Path(path).exists() else []
        for line in lines[said:]:
            if line == "end":
                return said
            level, _, message = line.rpartition(": ")
            task.log(message, level or "info")
            said += 1
        await asyncio.sleep(LOOK_EVERY_S)


@rota.function()
async def count_words(text: str, seed: int) -> dict[str, int]:
    """Counts the words of a text, and gives a number of any size back."""
    return {"words": len(text.split()), "seed": seed}


@rota.function()
async def give_back(
    amount: int | None = 5, name: str = "somebody", seed: int = 0, tree: dict[str, Any] | None = None
) -> list[Any]:
    """What it was given."""
    return [amount, name, seed, tree]
