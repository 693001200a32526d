"""Functions that write down each start and end outside of Rota, on the disk before they go on."""

import asyncio
import os
from pathlib import Path
from typing import NamedTuple

import rota

LEDGER = "ROTA_TESTS_LEDGER"


class Line(NamedTuple):
    """What a function wrote: `start` or `end`, of which piece of work, in which process."""

    what: str
    piece: int
    pid: int


def write(what: str, piece: int) -> None:
    # One short write to a file opened for appending is not torn, whoever writes beside it.
    with Path(os.environ[LEDGER]).open("ab", buffering=0) as file:
        file.write(f"{what} {piece} {os.getpid()}\n".encode())
        os.fsync(file.fileno())


def read(path: Path) -> list[Line]:
    """All lines, in order."""
    if not path.exists():
        return []
    return [Line(what, int(piece), int(pid)) for what, piece, pid in map(str.split, path.read_text().splitlines())]


@rota.function()
async def noted(piece: int, seconds: float = 0.0) -> int:
    """Do a piece of work that takes this long."""
    write("start", piece)
    await asyncio.sleep(seconds)
    write("end", piece)
    return piece
