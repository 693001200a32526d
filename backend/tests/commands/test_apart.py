"""The parts apart, as docker-compose.yml starts them: two apis, two coordinators, workers and supervisors on PostgreSQL and Redis."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import redis
import yaml  # type: ignore[import-untyped]
from typer.testing import CliRunner

from rota.cli import app
from rota.commands.client import Client
from rota.commands.connection import Connection
from rota.settings import Settings
from tests.support.parts import STOP, SUBMIT, UPDATE, Parts, Site, api_token, is_ready
from tests.support.patience import until
from tests.support.servers import PostgresServer, RedisServer
from tests.support.whole import ADMIN, PASSWORD, command_of, free_port

ROOT = Path(__file__).resolve().parents[3]
WATCH = "subscription ($id: ID!) { taskChanged(id: $id) { status result } }"
LOGIN = "mutation ($input: LoginInput!) { login(input: $input) { viewer { username } errors { message } } }"
MULTIPLY = {"function": "multiply", "args": {"a": 6, "b": 7}}
# What no log may hold: addresses have passwords, and functions that fail have the argument in their error.
DATABASE_SECRET, REDIS_SECRET, ARGUMENT = "database-marked", "redis-marked", "argument-marked"
together = pytest.mark.timeout(900)  # a dozen processes, on machines that have other things to do


def compose() -> dict[str, Any]:
    described: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return described


def test_compose_runs_commands_and_sets_settings_that_there_are() -> None:
    known = {f"ROTA_{name.upper()}" for name in Settings.model_fields}
    ours = {name: service for name, service in compose()["services"].items() if service["image"] == "rota"}
    assert len(ours) == 5
    for name, service in ours.items():
        shown = CliRunner().invoke(app, [service["command"][0], "--help"])
        assert shown.exit_code == 0, name
        assert set(service["environment"]) <= known, name


def test_compose_bakes_no_secret_in_and_nothing_runs_as_root() -> None:
    text = json.dumps(compose())
    for secret in ("POSTGRES_PASSWORD", "ROTA_ADMIN_PASSWORD"):
        assert f"${{{secret}:?" in text
        assert f"${{{secret}:-" not in text
    dockerfile = (ROOT / "backend" / "Dockerfile").read_text()
    assert dockerfile.rindex("USER rota") > dockerfile.rindex("FROM ")
    assert "PASSWORD" not in dockerfile


class Apart(Site):
    """Two apis and two coordinators, without any worker."""

    def __init__(self, folder: Path, world: dict[str, str], redis: RedisServer) -> None:
        self.parts = Parts(folder, world)
        self.redis = redis
        ports = [free_port(), free_port()]
        for port in ports:
            self.parts.start(f"api-{port}", "api", "--port", str(port))
        for name in ("coordinator-1", "coordinator-2"):
            self.parts.start(name, "coordinator")
        urls = [f"http://127.0.0.1:{port}" for port in ports]
        for url in urls:
            until(lambda url=url: is_ready(url))  # type: ignore[misc]
        token = api_token(urls[0])
        self.first, self.second = (Connection(url, token) for url in urls)
        super().__init__(lambda: Client(self.first))

    def login(self, password: str) -> str:
        """What is answered to who signs in with this password."""
        body = {"query": LOGIN, "variables": {"input": {"username": ADMIN, "password": password}}}
        return httpx.post(f"{self.first.url}/graphql", json=body, timeout=60).text

    def supervisor(self, name: str) -> psutil.Process:
        self.parts.start(name, "supervisor", "rota.examples", "tests.support.leaky")
        return psutil.Process(self.parts.pid(name))


def start_closed(server: RedisServer) -> None:
    """Starts a Redis that asks for a password."""
    server.start()
    with redis.Redis(unix_socket_path=str(server.socket)) as client:
        client.config_set("requirepass", REDIS_SECRET)


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory, servers: Path, postgres_server: PostgresServer) -> Iterator[Apart]:
    """What all the stories share. In the end each part ends in order."""
    server = RedisServer(servers / "apart")
    start_closed(server)
    database = postgres_server.create()
    world = {
        "ROTA_DATABASE_URL": postgres_server.url(database).replace("postgres@", f"postgres:{DATABASE_SECRET}@"),
        "ROTA_REDIS_URL": f"{server.url}?password={REDIS_SECRET}",
        "ROTA_ADMIN_PASSWORD": PASSWORD,
        "ROTA_LOG_LEVEL": "debug",
        "ROTA_HEARTBEAT_MS": "300",
        "ROTA_LEASE_MS": "3000",
        "ROTA_POOL_QUIET_SECONDS": "2",
    }
    migrated = CliRunner().invoke(app, ["migrate"], env=world)
    assert migrated.exit_code == 0, migrated.output
    apart = Apart(tmp_path_factory.mktemp("apart"), world, server)
    try:
        yield apart
        ended = apart.parts.stop_all()
        assert set(ended.values()) == {0}, ended
    finally:
        apart.parts.stop_all(signal.SIGKILL)
        server.stop()
        postgres_server.drop(database)


@pytest.mark.processes
@pytest.mark.parametrize(
    "words", [("api", "--port", "0"), ("coordinator",), ("user", "create", "somebody", "--password-stdin")]
)
def test_without_its_database_a_part_says_so_in_one_line(words: tuple[str, ...], tmp_path: Path) -> None:
    """Nobody listens there; or there are no tables yet."""
    empty = tmp_path / "empty.sqlite3"
    empty.touch()
    away = f"postgres://rota:{DATABASE_SECRET}@127.0.0.1:{free_port()}/rota"
    for url, reason in ((away, "Connect"), (f"sqlite:///{empty}", "has `rota migrate` run?")):
        env = os.environ | {
            "ROTA_DATABASE_URL": url,
            "ROTA_REDIS_URL": "redis://127.0.0.1:1",
            "ROTA_LOG_FORMAT": "json",
        }
        ran = subprocess.run(
            [sys.executable, "-m", "rota", *words],
            check=False,
            env=env,
            input=f"{PASSWORD}\n",
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ran.returncode == 1, ran.stderr
        (line,) = ran.stderr.splitlines()
        assert "the database " in line
        assert reason in line
        assert DATABASE_SECRET not in line


@pytest.mark.processes
@pytest.mark.slow
@together
def test_what_one_api_takes_the_other_shows_live_whoever_leads(apart: Apart) -> None:
    parts = apart.parts
    parts.start("worker", "worker", "rota.examples", "--name", "apart")
    with Client(apart.first) as here, Client(apart.second) as there:
        until(lambda: "multiply" in [found["name"] for found in here.call("{ functions { name } }")["functions"]])
        wish = {"function": "sleep", "args": {"seconds": 1}}
        task = here.call(SUBMIT, i=wish)["submitTask"]["task"]["id"]
        seen = [event["taskChanged"]["status"] for event in there.stream(WATCH, id=task)]
        assert seen[-1] == "SUCCEEDED"

        # A coordinator that is killed is followed by the other.
        leader = next(name for name in ("coordinator-1", "coordinator-2") if '"leads"' in parts.log(name))
        parts.stop(leader, signal.SIGKILL)
        task = there.call(SUBMIT, i=MULTIPLY)["submitTask"]["task"]["id"]
        *_, last = here.stream(WATCH, id=task)
        assert last["taskChanged"] == {"status": "SUCCEEDED", "result": 42}
    assert parts.stop("worker") == 0


@pytest.mark.processes
@pytest.mark.slow
@together
def test_a_pool_without_a_supervisor_says_so_and_sleeps_and_wakes_with_one(apart: Apart) -> None:
    pool_id = apart.start(name="sleepy", minWorkers=1, maxWorkers=2)
    until(lambda: "No supervisor is there" in apart.pool("sleepy")["decisions"][0]["reason"])
    supervisor = apart.supervisor("late")
    until(apart.has("sleepy", 1))
    apart.ask(UPDATE, id=pool_id, i={"minWorkers": 0, "maxWorkers": 2})
    until(apart.has("sleepy", 0))
    assert apart.pool("sleepy")["decisions"][0]["to"] == 0
    assert "nothing has waited or run" in apart.pool("sleepy")["decisions"][0]["reason"]
    until(lambda: workers_of(supervisor) == [])

    tasks = [apart.submit("multiply", a=6, b=7) for _ in range(3)]
    until(lambda: all(apart.task(task)["status"] == "SUCCEEDED" for task in tasks))
    woken = next(one for one in apart.pool("sleepy")["decisions"] if one["from"] == 0)
    assert "there is no worker" in woken["reason"]
    apart.ask(STOP, id=pool_id)
    assert apart.parts.stop("late") == 0


@pytest.mark.processes
@pytest.mark.slow
@together
def test_a_killed_supervisor_leaves_no_worker_and_another_takes_its_share(apart: Apart) -> None:
    first = apart.supervisor("first")
    apart.start(name="shared", minWorkers=2, maxWorkers=2)
    until(apart.has("shared", 2))
    second = apart.supervisor("second")
    until(lambda: len(workers_of(first)) == 1 and len(workers_of(second)) == 1)
    lost = workers_of(first)
    apart.parts.stop("first", signal.SIGKILL)
    _, alive = psutil.wait_procs(lost, timeout=60)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
    until(lambda: len(workers_of(second)) == 2)
    until(apart.has("shared", 2))
    # In order it takes its workers along.
    family = workers_of(second)
    assert apart.parts.stop("second") == 0
    _, alive = psutil.wait_procs(family, timeout=60)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


def workers_of(supervisor: psutil.Process) -> list[psutil.Process]:
    """Its workers; processes that a worker keeps for itself do not count, nor does what is on its way to be a worker."""
    return [one for one in supervisor.children() if "rota worker" in command_of(one)]


@pytest.mark.processes
@pytest.mark.slow
@together
def test_no_log_of_any_part_holds_an_argument_or_a_secret(apart: Apart) -> None:
    """What all the stories logged, at the level that says most, and what is said when sign-ins, functions and Redis fail."""
    supervisor = apart.supervisor("leaky")
    apart.start(name="leaky", minWorkers=1, maxWorkers=1)
    until(apart.has("leaky", 1))
    assert "errors" in apart.login("password-marked")
    tasks = [apart.submit(f"leaks_{where}", secret=ARGUMENT) for where in ("async", "thread", "process")]
    until(lambda: all(apart.task(task)["status"] == "FAILED" for task in tasks))
    with Client(apart.second) as client:
        refused = client.call(SUBMIT, i={"function": "multiply", "args": {"a": ARGUMENT}})["submitTask"]
    assert refused["errors"]

    apart.redis.stop()
    for connection in (apart.first, apart.second):
        until(lambda url=connection.url: not ready(url)["parts"]["redis"]["ok"])  # type: ignore[misc]
    start_closed(apart.redis)
    for connection in (apart.first, apart.second):
        until(lambda url=connection.url: ready(url)["ready"])  # type: ignore[misc]
    until(apart.has("leaky", 1))

    said = {name: apart.parts.log(name) for name in apart.parts.started}
    logged = {name: [line for line in text.splitlines() if not line.startswith("Rota ")] for name, text in said.items()}
    lines = {name: [json.loads(line) for line in found] for name, found in logged.items()}
    assert all(lines.values()), "each part says something"
    ended = [line for line in lines["leaky"] if line["event"] == "attempt ended"]
    assert {line["task_id"] for line in ended} >= set(tasks)
    assert any("request_id" in line for name in lines if name.startswith("api-") for line in lines[name])
    running = [command_of(process) for process in [supervisor, *supervisor.children(recursive=True)]]
    secrets = (DATABASE_SECRET, REDIS_SECRET, ARGUMENT, PASSWORD, "password-marked", apart.first.token)
    for secret in secrets:
        assert [name for name, text in said.items() if secret in text] == []
        assert [command for command in running if secret in command] == []
    apart.parts.stop("leaky")


def ready(url: str) -> dict[str, Any]:
    """What an api says of its parts."""
    found: dict[str, Any] = httpx.get(f"{url}/readyz", timeout=60).json()
    return found
