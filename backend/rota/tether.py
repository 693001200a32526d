"""Ties a process to the one that started it: when the parent goes, however it goes, the process gets a signal.

Run as a program it is put before another command: `python tether.py PARENT SIGNAL USER COMMAND...` becomes COMMAND.
It stands alone, with only the standard library, so that it starts in a few milliseconds.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from types import FrameType

PR_SET_PDEATHSIG = 1


def tethered(
    command: Sequence[str], *, on_orphaned: signal.Signals = signal.SIGKILL, user: tuple[int, int] | None = None
) -> list[str]:
    """The command line that runs `command` so that it gets `on_orphaned` when this process ends.

    On Linux "ends" is meant of the calling *thread*, so call it from one that lives as long as the process.
    `user` is a uid and a gid to become first; only root may ask for that.
    """
    who = f"{user[0]}:{user[1]}" if user else "-"
    # -I and -S: nothing from the environment or site-packages is read before the command itself starts.
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), str(int(on_orphaned)), who, *command]


def die_with_parent(parent: int, on_orphaned: signal.Signals = signal.SIGKILL) -> bool:
    """Asks the kernel for the signal when the parent's thread ends; False where the kernel knows no such thing."""
    if not sys.platform.startswith("linux"):
        return False
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(on_orphaned), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) was refused")
    # The parent may have gone before the call above: then nobody would ever send the signal.
    if os.getppid() != parent:
        os.kill(os.getpid(), on_orphaned)
    return True


def main(arguments: list[str]) -> int:
    parent, on_orphaned = int(arguments[0]), signal.Signals(int(arguments[1]))
    who, command = arguments[2], arguments[3:]
    if who != "-":
        # Before the prctl: a change of user takes the death signal away again.
        _become(*(int(part) for part in who.split(":")))
    try:
        if die_with_parent(parent, on_orphaned):
            os.execvp(command[0], command)
        return _watch(parent, on_orphaned, command)
    except FileNotFoundError:
        print(f"{command[0]}: there is no such program", file=sys.stderr)  # noqa: T201 - before any logging is there
        return 127


def _become(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    os.environ["HOME"] = "/"


def _watch(parent: int, on_orphaned: signal.Signals, command: Sequence[str]) -> int:
    """Where there is no prctl: stay beside the command, pass signals on, and look once a second whether the parent is there."""
    child = subprocess.Popen(command)

    def pass_on(number: int, _: FrameType | None) -> None:
        child.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
        signal.signal(number, pass_on)
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(1.0):
            if os.getppid() != parent:
                child.send_signal(on_orphaned)
                return

    threading.Thread(target=look, daemon=True).start()
    status = child.wait()
    ended.set()
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
