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

from bench.api.changer import change, prepare
from bench.servers import Servers
from bench.usage import cpu_s
from rota.domain.access import Role
from rota.graphql.hub import Hub
from rota.logs import set_up_logs
from rota.operations import accounts
from rota.operations.platform import Platform
from rota.settings import Settings, load_settings
from rota.store.migrate import migrate
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
async def served(servers: Servers, env: dict[str, str], database: str) -> AsyncIterator[Api]:
    """An api process on an empty database of this kind."""
    env = {**env, "BENCH_DATABASE": database}
    server = Part("bench.api.server", env, servers.folder / f"api-{database}.log")
    said = await server.start()
    try:
        yield Api(database, env, servers.folder, server, said, servers.postgres.pid)
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
        task_ids = await prepare(platform)
        secrets = [await _session(platform, number) for number in range(USERS)]
        async with serving(platform, Hub(platform), given) as url:
            print(json.dumps({"url": url, "secrets": secrets, "task_ids": task_ids}), flush=True)
            async for asked in asked_of_parent():
                if asked["do"] == "change":
                    print(await change(platform, task_ids, asked["rate"], asked["seconds"]), flush=True)
                else:
                    # Imported here: only this measure needs it.
                    from bench.api import rows

                    print(json.dumps(await rows.do(platform, asked)), flush=True)


async def _session(platform: Platform, number: int) -> str:
    """The session of a new administrator, who sees all tasks."""
    await accounts.ensure_admin(platform)
    user = await accounts._make(platform, f"bench{number}", "a password of the bench", None, frozenset({Role.ADMIN}))
    return await accounts.open_session(platform, user)


async def asked_of_parent() -> AsyncIterator[Any]:
    """What comes over the standard input."""
    reader = asyncio.StreamReader(limit=2**26)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield json.loads(line)


if __name__ == "__main__":
    uvloop.run(main())  # as `rota up` and `rota api` do
