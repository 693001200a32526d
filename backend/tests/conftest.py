"""Fixtures that every test may use: real servers, and a fresh Redis and a fresh database for each test."""

import asyncio
import contextlib
import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from rota.store.migrate import migrate
from tests.support.databases import Shelf
from tests.support.servers import PostgresServer, RedisServer, servers_folder

NEEDS_SERVERS = frozenset(
    {"redis_server", "redis_url", "own_redis", "postgres_server", "database_url", "empty_database_url"}
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long", action="store_true", help="Run the faults with the figures of the plan, on both databases."
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not NEEDS_SERVERS.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.servers)


@pytest.fixture(scope="session")
def servers() -> Iterator[Path]:
    """The folder in which the servers of this run live."""
    with servers_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def redis_server(servers: Path) -> Iterator[RedisServer]:
    server = RedisServer(servers / "redis")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The address of an empty Redis database, on a server that all tests share."""
    return redis_server.fresh_url()


@pytest.fixture
def own_redis(servers: Path, request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    """A Redis that the test alone has, to stop, kill and start again."""
    server = RedisServer(servers / f"own-{hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:12]}")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_server(servers: Path, request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    # What it knows of a table's size must not depend on the tests before; in a long run, though, tables do grow.
    options = {} if request.config.getoption("--long") else {"autovacuum": "off"}
    server = PostgresServer(servers / "postgres", options)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def _sqlite_template(servers: Path) -> Path:
    """A SQLite file with all tables; copying it is quicker than migrating for each test."""
    path = servers / "template.sqlite3"
    asyncio.run(migrate(f"sqlite:///{path}"))
    with contextlib.closing(sqlite3.connect(path)) as database:  # all of it in the one file that is copied
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="session")
def _shelf(postgres_server: PostgresServer) -> Shelf:
    name = postgres_server.create()
    asyncio.run(migrate(postgres_server.url(name)))
    return Shelf(postgres_server, name)


@pytest.fixture
def sqlite_url(tmp_path: Path, _sqlite_template: Path) -> str:
    """The address of a fresh SQLite database with all tables and no rows."""
    EXECUTOR_CACHE.clear()  # Tortoise keeps statements by the connection's name, in the dialect of the test before
    path = tmp_path / "rota.sqlite3"
    shutil.copyfile(_sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a fresh database with all tables and no rows; the test runs once on each kind."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    EXECUTOR_CACHE.clear()
    shelf: Shelf = request.getfixturevalue("_shelf")
    name = shelf.take()
    yield request.getfixturevalue("postgres_server").url(name)
    shelf.give_back(name)


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh database without any table; the test runs once on each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'rota.sqlite3'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create()
    yield server.url(name)
    server.drop(name)
