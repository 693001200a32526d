"""What the scripts beside this one share: where things are, how to hash them, how to run a command and how to give up."""

import contextlib
import fcntl
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = ROOT / "backend" / "locks"


def give_up(message: str) -> NoReturn:
    """Say in one line what is wrong and what to do, and end with status 1."""
    sys.exit(f"rota: {message}")


def digest(parts: Iterable[Path | str]) -> str:
    """One SHA-256 over texts, and over names and contents of files below ROOT, in the order given."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part.read_bytes()
        name = "" if isinstance(part, str) else part.relative_to(ROOT).as_posix()
        total.update(f"{name}:{len(data)}:".encode() + data)
    return total.hexdigest()


def is_stamped(stamp: Path, value: str) -> bool:
    """Whether a finished step left exactly this value behind."""
    try:
        return stamp.read_text() == value
    except OSError:
        return False


def run(title: str, command: Sequence[str | Path], *, cwd: Path = ROOT, hint: str = "", about: str = "") -> None:
    """Run a command under a title, its output shown as it comes; gives up with `hint` when it fails.

    `about` is how long it takes, in words: it may say nothing for as long.
    """
    print(f"» {title}{about and f' (takes {about})'}", flush=True)
    started = time.monotonic()
    try:
        status = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, check=False).returncode
    except FileNotFoundError:
        give_up(f"{command[0]} is not on this machine. {hint}".strip())
    except KeyboardInterrupt:
        sys.exit(130)
    if status != 0:
        give_up(f"{title}: failed with status {status}. {hint}".strip())
    print(f"  {time.monotonic() - started:.1f} s", flush=True)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Only one of the scripts changes this folder at a time: a second start waits for the first."""
    if not os.access(ROOT, os.W_OK):
        give_up(f"cannot write to {ROOT}. Put the project where you may write, or change the folder's owner.")
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("» Waiting for another setup in this folder", flush=True)
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
