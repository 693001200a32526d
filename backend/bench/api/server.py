"""The api process that is measured: `python -m bench.api.server`; asked over its standard input, one JSON object a line.

On SQLite it writes the changes too, as `rota up` does, for SQLite has one writer; on PostgreSQL `bench.api.changer` does.
"""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import uvloop

from bench.api import places, rows, tables
from bench.api.changer import change, prepare
from bench.servers import Servers
from bench.usage import cpu_s
from rota.domain.access import Role
from rota.graphql.hub import Hub
from rota.logs import set_up_logs
from rota.operations import accounts
from rota.operations.accounts import viewer_of
from rota.operations.platform import Platform
from rota.settings import Settings, load_settings
from rota.store import users
from rota.store.migrate import migrate
from rota.store.models import User
from rota.tether import tethered
from rota.web.server import serving
from rota.wiring import open_platform

ANSWER_S = 3600
USERS = 20  # a user may have a hundred connections


class Part:
    """A process that answers one line of JSON with another."""

    def __init__(self, module: str, env: dict[str, str], log: Path, *words: str) -> None:
        self._command = [sys.executable, "-m", module, *words]
        self._env = env
        self._log = log
        self._process: asyncio.subprocess.Process

    @property
    def pid(self) -> int:
        return self._process.pid

    async def start(self) -> Any:
        """Starts it; what it says first."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *tethered(self._command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, **self._env},
                limit=2**26,
            )
        return await self._heard()

    async def ask(self, **what: Any) -> Any:
        """Its answer. Raises RuntimeError with the end of its log where it ended."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")
        return await self._heard()

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    async def _heard(self) -> Any:
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), ANSWER_S)
        if not line:
            raise RuntimeError(f"{' '.join(self._command[1:])} ended:\n{self._log.read_text()[-2000:]}")
        return json.loads(line)


class Api:
    """Where it is, who may ask it, and who writes."""

    def __init__(
        self, database: str, env: dict[str, str], folder: Path, server: Part, said: Any, database_pid: int
    ) -> None:
        self.database = database
        self.env = env
        self.folder = folder
        self.url: str = said["url"]
        self.secrets: list[str] = said["secrets"]
        self.clients: list[str] = said["clients"]
        self.task_ids: list[str] = said["task_ids"]
        self.server = server
        self._process = psutil.Process(server.pid)
        self._pids = [server.pid] if database == "sqlite" else [server.pid, database_pid]

    @property
    def memory_mb(self) -> float:
        return float(self._process.memory_info().rss / 1e6)

    @property
    def cpu_s(self) -> float:
        """What it and the database have used of the processors."""
        return cpu_s(self._pids)

    @property
    def own_cpu_s(self) -> float:
        """What it alone has used."""
        return cpu_s([self.server.pid])

    async def change(self, rate: int, seconds: int) -> int:
        """Commits changes for so long; how many."""
        what = {"do": "change", "rate": rate, "seconds": seconds}
        if self.database == "sqlite":
            return int(await self.server.ask(**what))
        writer = Part("bench.api.changer", self.env, self.folder / "changer.log")
        await writer.start()
        try:
            return int(await writer.ask(**what, task_ids=self.task_ids))
        finally:
            await writer.stop()


@contextlib.asynccontextmanager
async def served(
    servers: Servers, env: dict[str, str], database: str, database_pid: int | None = None
) -> AsyncIterator[Api]:
    """An api process on a database of this kind; `database_pid` is its PostgreSQL's where that is not the servers'."""
    env = {**env, "BENCH_DATABASE": database}
    server = Part("bench.api.server", env, servers.folder / f"api-{database}.log")
    said = await server.start()
    try:
        yield Api(database, env, servers.folder, server, said, database_pid or servers.postgres.pid)
    finally:
        await server.stop()


def settings() -> Settings:
    """As the parent set the environment."""
    postgres = f"postgres://postgres@/{os.environ['BENCH_POSTGRES_DATABASE']}?host={os.environ['BENCH_POSTGRES_HOST']}"
    return load_settings(
        data_dir=Path(os.environ["BENCH_FOLDER"]),
        redis_url=f"unix://{os.environ['BENCH_REDIS']}",
        database_url="" if os.environ["BENCH_DATABASE"] == "sqlite" else postgres,
        port=0,
        log_level="warning",
    )


async def main() -> None:
    given = settings()
    set_up_logs(given, "bench")
    await migrate(given.effective_database_url)
    async with open_platform(given) as platform:
        is_kept = "BENCH_KEPT" in os.environ
        task_ids = [] if is_kept else await prepare(platform)
        await accounts.ensure_admin(platform)
        admins = [await _user(platform, f"bench{number}", Role.ADMIN) for number in range(1 if is_kept else USERS)]
        clients = [await _user(platform, f"client{number}", Role.CLIENT) for number in range(len(rows.OWNERS))]
        secrets = [await accounts.open_session(platform, user) for user in admins]
        opened = [await accounts.open_session(platform, user) for user in clients]
        async with serving(platform, Hub(platform), given) as url:
            print(json.dumps({"url": url, "secrets": secrets, "clients": opened, "task_ids": task_ids}), flush=True)
            async for asked in asked_of_parent():
                if asked["do"] == "change":
                    print(await change(platform, task_ids, asked["rate"], asked["seconds"]), flush=True)
                elif asked["do"] == "fill":
                    owners = tuple(user.id for user in clients)
                    wanted = rows.Wanted(asked["rows"], tables.KINDS[asked["kind"]], owners)
                    print(json.dumps(await rows.do(platform, wanted)), flush=True)
                else:
                    whose = viewer_of(admins[0] if asked["who"] is None else clients[asked["who"]])
                    print(
                        json.dumps(await places.cursor(platform, whose, asked["variables"], asked["rows"])), flush=True
                    )


async def _user(platform: Platform, name: str, role: Role) -> User:
    """An account, made where it is not there yet."""
    async with platform.database.read() as db:
        found = await users.by_name(db, name)
    return found or await accounts._make(platform, name, "a password of the bench", None, frozenset({role}))


async def asked_of_parent() -> AsyncIterator[Any]:
    """What comes over the standard input."""
    reader = asyncio.StreamReader(limit=2**26)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield json.loads(line)


if __name__ == "__main__":
    uvloop.run(main())  # as `rota up` and `rota api` do
