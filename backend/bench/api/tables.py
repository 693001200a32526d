"""Large tables of tasks, kept under .data/bench/tables from one run to the next: making them takes longer than asking them."""

import contextlib
import hashlib
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench import environment
from bench.api import rows
from bench.servers import SAFE, Servers
from rota.store import migrations
from tests.support.servers import PostgresServer

HOME = environment.HOME / "tables"
KINDS = {"pages": rows.USED, "waiting": rows.WAITING}


class Table(NamedTuple):
    """Where a table is: what an api process must know of it, and the process of its database."""

    env: dict[str, str]
    database_pid: int


@contextlib.contextmanager
def kept(servers: Servers, database: str, kind: str, amount: int) -> Iterator[Table]:
    """The database of such a table; empty where it was not made yet. Not from within a loop."""
    made_by = hashlib.sha256(b"".join(part.read_bytes() for part in _makers())).hexdigest()[:12]
    name = f"{kind}-{amount}-{database}-{made_by}"
    folder = _home(servers) / name
    for old in folder.parent.glob(f"{kind}-{amount}-{database}-*"):
        if old != folder:
            shutil.rmtree(old)
    folder.mkdir(parents=True, exist_ok=True)
    servers.client.flushall()
    env = {"BENCH_REDIS": str(servers.redis.socket), "BENCH_FOLDER": str(folder), "BENCH_KEPT": "1"}
    if database == "sqlite":
        yield Table({**env, "BENCH_POSTGRES_DATABASE": "", "BENCH_POSTGRES_HOST": ""}, servers.postgres.pid)
        return
    server = PostgresServer(servers.folder / kind, SAFE, folder / "postgres")
    server.start()
    try:
        yield Table(
            {**env, "BENCH_POSTGRES_DATABASE": "postgres", "BENCH_POSTGRES_HOST": str(server.folder)}, server.pid
        )
    finally:
        server.stop(signal.SIGINT)


def _makers() -> list[Path]:
    """What makes the tables: changed, they are made anew."""
    return [Path(rows.__file__), *sorted(Path(migrations.__file__ or "").parent.glob("*.py"))]


def _home(servers: Servers) -> Path:
    # PostgreSQL, as another user than root, must reach its data.
    is_open = os.geteuid() != 0 or all(part.stat().st_mode & 0o001 for part in environment.ROOT.parents)
    return HOME if is_open and environment.ROOT.stat().st_mode & 0o001 else servers.folder / "tables"
