"""The parts apart, as docker-compose.yml starts them: two apis, two coordinators and a worker on PostgreSQL and Redis."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml  # type: ignore[import-untyped]
from typer.testing import CliRunner

from rota.cli import app
from rota.commands.client import Client
from rota.commands.connection import Connection
from rota.settings import Settings
from rota.tether import tethered
from tests.support.patience import until
from tests.support.servers import PostgresServer, RedisServer
from tests.support.whole import ADMIN, PASSWORD, free_port

ROOT = Path(__file__).resolve().parents[3]
SUBMIT = "mutation ($input: SubmitTaskInput!) { submitTask(input: $input) { task { id } errors { message } } }"
WATCH = "subscription ($id: ID!) { taskChanged(id: $id) { status result } }"


class Parts:
    """Processes of Rota that share a database and a Redis."""

    def __init__(self, folder: Path, world: dict[str, str]) -> None:
        self._folder = folder
        self._world = {name: value for name, value in os.environ.items() if not name.startswith("ROTA_")}
        self._world |= {**world, "PYTHONPATH": os.pathsep.join(sys.path)}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *words: str) -> None:
        with (self._folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                tethered([sys.executable, "-m", "rota", *words]), env=self._world, stdout=log, stderr=log
            )

    def stop(self, name: str, by: signal.Signals = signal.SIGTERM) -> int:
        process = self._processes.pop(name)
        process.send_signal(by)
        return process.wait(90)

    def pid(self, name: str) -> int:
        return self._processes[name].pid

    def log(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text()

    def stop_all(self) -> None:
        for name in list(self._processes):
            self.stop(name, signal.SIGKILL)


@pytest.fixture
def parts(tmp_path: Path, postgres_server: PostgresServer, own_redis: RedisServer) -> Iterator[Parts]:
    database = postgres_server.create()
    world = {
        "ROTA_DATABASE_URL": postgres_server.url(database),
        "ROTA_REDIS_URL": own_redis.url,
        "ROTA_ADMIN_PASSWORD": PASSWORD,
    }
    parts = Parts(tmp_path, world)
    migrated = CliRunner().invoke(app, ["migrate"], env=world)
    assert migrated.exit_code == 0, migrated.output
    yield parts
    parts.stop_all()
    postgres_server.drop(database)


@pytest.mark.processes
@pytest.mark.slow
def test_what_one_api_takes_the_other_shows_live(parts: Parts) -> None:
    ports = [free_port(), free_port()]
    for port in ports:
        parts.start(f"api-{port}", "api", "--port", str(port))
    for name in ("coordinator-1", "coordinator-2"):
        parts.start(name, "coordinator")
    parts.start("worker", "worker", "rota.examples", "--name", "apart")
    first, second = (f"http://127.0.0.1:{port}" for port in ports)
    for url in (first, second):
        until(lambda url=url: is_ready(url))  # type: ignore[misc]
    token = api_token(first)
    with Client(Connection(first, token)) as here, Client(Connection(second, token)) as there:
        until(lambda: "multiply" in [found["name"] for found in here.call("{ functions { name } }")["functions"]])
        task = here.call(SUBMIT, input={"function": "sleep", "args": {"seconds": 1}})["submitTask"]["task"]["id"]
        seen = [event["taskChanged"]["status"] for event in there.stream(WATCH, id=task)]
        assert seen[-1] == "SUCCEEDED"

        # A coordinator that is killed is followed by the other.
        leader = next(name for name in ("coordinator-1", "coordinator-2") if '"leads"' in parts.log(name))
        parts.stop(leader, signal.SIGKILL)
        task = there.call(SUBMIT, input={"function": "multiply", "args": {"a": 6, "b": 7}})["submitTask"]["task"]["id"]
        *_, last = here.stream(WATCH, id=task)
        assert last["taskChanged"] == {"status": "SUCCEEDED", "result": 42}
    left = "coordinator-2" if leader == "coordinator-1" else "coordinator-1"
    assert {name: parts.stop(name) for name in ("worker", left, *(f"api-{port}" for port in ports))} == {
        "worker": 0,
        left: 0,
        **{f"api-{port}": 0 for port in ports},
    }


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=60).status_code == 200
    except httpx.TransportError:
        return False


def api_token(url: str) -> str:
    with httpx.Client(base_url=url, timeout=60) as browser:
        login = "mutation ($input: LoginInput!) { login(input: $input) { viewer { username } errors { message } } }"
        answer = ask(browser, login, input={"username": ADMIN, "password": PASSWORD})
        assert answer["login"]["errors"] == []
        made = ask(browser, 'mutation { createApiToken(input: {name: "apart"}) { secret } }')
    secret: str = made["createApiToken"]["secret"]
    return secret


def ask(browser: httpx.Client, document: str, **variables: object) -> dict[str, Any]:
    answer = browser.post("/graphql", json={"query": document, "variables": variables}).json()
    data: dict[str, Any] = answer["data"]
    return data


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
