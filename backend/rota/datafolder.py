"""The folder that holds one Rota's data: made private, and used by one Rota at a time."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


class DataFolderError(Exception):
    """The folder cannot be used; the message is one line that says why and what to do."""


@contextlib.contextmanager
def hold(folder: Path) -> Iterator[Path]:
    """Makes the folder with mode 0700 and keeps others out until the end of the block; a killed process holds nothing.

    Raises DataFolderError when it cannot be written or another Rota runs on it.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DataFolderError(
            f"cannot use the data folder {folder} ({error.strerror}); choose another with --data-dir or ROTA_DATA_DIR"
        ) from error
    try:
        _take(lock, folder)
        yield folder
    finally:
        os.close(lock)


def _take(lock: int, folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(lock, 32, 0).decode(errors="replace").strip() or "unknown"
        raise DataFolderError(
            f"another Rota (process {holder}) is running on {folder}; stop it, or choose another folder with --data-dir"
        ) from error
    os.truncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
