"""Functions that write down each start and end outside of Rota, on the disk before they go on; some do harm."""

import asyncio
import os
import resource
from pathlib import Path
from typing import Any, NamedTuple

import rota

LEDGER = "ROTA_TESTS_LEDGER"
A_LOT = 1 << 36  # bytes of address space that a process which hogs may have
FAR_TOO_MUCH = 1 << 40


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
    whole, _, _ = path.read_text().rpartition("\n")
    return [Line(what, int(piece), int(pid)) for what, piece, pid in map(str.split, whole.splitlines())]


@rota.function()
async def noted(piece: int, seconds: float = 0.0) -> int:
    """Do a piece of work that takes this long."""
    write("start", piece)
    await asyncio.sleep(seconds)
    write("end", piece)
    return piece


@rota.function()
async def signed(piece: int, seconds: float = 0.0) -> int:
    """Do a piece of work, and tell which process did it."""
    write("start", piece)
    await asyncio.sleep(seconds)
    write("end", piece)
    return os.getpid()


@rota.function()
async def told(ctx: dict[str, Any], piece: int, seconds: float = 0.0) -> int:
    """Do a piece of work, and tell how far it is."""
    write("start", piece)
    for share in (0.25, 0.5, 0.75):
        ctx["task"].progress(share, f"{share:.0%}")
        await asyncio.sleep(seconds / 3)
    write("end", piece)
    return piece


@rota.function()
async def exits(piece: int) -> None:
    """Take the whole process down, as a crash in native code would."""
    write("start", piece)
    os._exit(1)


@rota.function(max_attempts=2)
async def hogs(piece: int) -> None:
    """Ask for more memory than there is."""
    write("start", piece)
    # Where memory is promised without end this would succeed until it is written to.
    resource.setrlimit(resource.RLIMIT_AS, (A_LOT, resource.getrlimit(resource.RLIMIT_AS)[1]))
    bytearray(FAR_TOO_MUCH)


@rota.function(timeout=0.5, max_attempts=2)
async def spins(piece: int) -> None:
    """Never let the event loop turn again."""
    write("start", piece)
    while True:
        pass
