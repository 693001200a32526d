"""Pools with real processes: started, resized, drained, asleep and awake, and nothing left where a supervisor is killed."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from typer.testing import CliRunner

from rota.cli import app
from rota.commands.client import Client
from rota.commands.connection import Connection
from tests.commands.test_apart import Parts, api_token, is_ready
from tests.support.patience import until
from tests.support.servers import PostgresServer, RedisServer
from tests.support.whole import PASSWORD, RotaServer, free_port

# A dozen processes start in each, on machines that have other things to do.
pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.timeout(900)]

POOL = """{ id name desiredWorkers minWorkers maxWorkers isStopped queues { name }
  workers { name pid slots status runningCount } decisions { from to reason } }"""
LIST = f"{{ pools {POOL} }}"
START = f"mutation ($i: PoolInput!) {{ startPool(input: $i) {{ pool {POOL} errors {{ message }} }} }}"
UPDATE = (
    f"mutation ($id: ID!, $i: PoolInput!) {{ updatePool(id: $id, input: $i) {{ pool {POOL} errors {{ message }} }} }}"
)
STOP = f"mutation ($id: ID!) {{ stopPool(id: $id) {{ pool {POOL} errors {{ message }} }} }}"
SUBMIT = "mutation ($i: SubmitTaskInput!) { submitTask(input: $i) { task { id } errors { message } } }"
TASK = "query ($id: ID!) { task(id: $id) { status worker { name } attempts { outcome } } }"
FUNCTIONS = "{ functions { name } }"


class Site:
    """A Rota whose pools are looked at and changed by its administrator."""

    def __init__(self, client: Callable[[], Client]) -> None:
        self._client = client

    def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        with self._client() as client:
            data: dict[str, Any] = client.call(document, **variables)
        return data

    def pool(self, name: str) -> dict[str, Any]:
        return next(pool for pool in self.ask(LIST)["pools"] if pool["name"] == name)

    def start(self, **wish: Any) -> str:
        payload = self.ask(START, i=wish)["startPool"]
        assert payload["errors"] == []
        pool_id: str = payload["pool"]["id"]
        return pool_id

    def submit(self, function: str, **args: Any) -> str:
        payload = self.ask(SUBMIT, i={"function": function, "args": args})["submitTask"]
        assert payload["errors"] == []
        task_id: str = payload["task"]["id"]
        return task_id

    def task(self, task_id: str) -> dict[str, Any]:
        task: dict[str, Any] = self.ask(TASK, id=task_id)["task"]
        return task

    def has(self, name: str, workers: int) -> Callable[[], bool]:
        """Whether a pool has so many workers that take work."""
        return lambda: [worker["status"] for worker in self.pool(name)["workers"]] == ["ONLINE"] * workers


class Apart(Site):
    """An api and a coordinator, without any worker; supervisors are started beside them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        parts.start("api", "api", "--port", str(port))
        parts.start("coordinator", "coordinator")
        until(lambda: is_ready(url))
        connection = Connection(url, api_token(url))
        super().__init__(lambda: Client(connection))

    def supervisor(self, name: str) -> psutil.Process:
        self._parts.start(name, "supervisor", "rota.examples")
        return psutil.Process(self._parts.pid(name))

    def stop(self, name: str) -> int:
        return self._parts.stop(name)


@pytest.fixture
def apart(tmp_path: Path, postgres_server: PostgresServer, own_redis: RedisServer) -> Iterator[Apart]:
    database = postgres_server.create()
    world = {
        "ROTA_DATABASE_URL": postgres_server.url(database),
        "ROTA_REDIS_URL": own_redis.url,
        "ROTA_ADMIN_PASSWORD": PASSWORD,
        "ROTA_HEARTBEAT_MS": "300",
        "ROTA_LEASE_MS": "3000",
        "ROTA_POOL_QUIET_SECONDS": "2",
    }
    parts = Parts(tmp_path, world)
    migrated = CliRunner().invoke(app, ["migrate"], env=world)
    assert migrated.exit_code == 0, migrated.output
    try:
        yield Apart(parts)
    finally:
        parts.stop_all()
        postgres_server.drop(database)


def test_a_pool_runs_tasks_grows_and_stops_when_its_tasks_are_done(tmp_path: Path) -> None:
    """All of it under the supervisor of `rota up` itself."""
    server = RotaServer(
        tmp_path, "--no-samples", "--target", "tests.support.gate", ROTA_WORKERS="0", ROTA_DRAIN_SECONDS="0.2"
    )
    site = Site(server.client)
    server.start()
    try:
        pool_id = site.start(name="numbers", minWorkers=2, maxWorkers=2, slotsPerWorker=1)
        until(site.has("numbers", 2))
        assert sorted(worker["name"] for worker in site.pool("numbers")["workers"]) == ["numbers-1", "numbers-2"]
        assert [worker["slots"] for worker in site.pool("numbers")["workers"]] == [1, 1]
        task = site.submit("multiply", a=6, b=7)
        until(lambda: site.task(task)["status"] == "SUCCEEDED")
        assert site.task(task)["worker"]["name"].startswith("numbers-")
        until(lambda: site.pool("numbers")["queues"] == [{"name": "default"}])

        wish = {"minWorkers": 3, "maxWorkers": 3, "slotsPerWorker": 1}
        assert site.ask(UPDATE, id=pool_id, i=wish)["updatePool"]["pool"]["desiredWorkers"] == 3
        until(site.has("numbers", 3))

        # Far longer than the drain time, which is for ends of the whole.
        gate = tmp_path / "gate"
        task = site.submit("wait_for_file", path=str(gate))
        until(lambda: site.task(task)["status"] == "RUNNING")
        busy = site.task(task)["worker"]["name"]
        site.ask(STOP, id=pool_id)
        until(lambda: [worker["name"] for worker in site.pool("numbers")["workers"]] == [busy])
        assert site.pool("numbers")["workers"][0]["status"] == "DRAINING"
        gate.touch()
        until(lambda: site.task(task)["status"] == "SUCCEEDED")
        assert site.task(task)["attempts"] == [{"outcome": "SUCCEEDED"}]
        until(site.has("numbers", 0))
        until(lambda: not [one for one in server.family() if "rota worker numbers" in " ".join(one.cmdline())])
        assert site.pool("numbers")["isStopped"]
    finally:
        server.stop(signal.SIGKILL)


def test_a_killed_supervisor_leaves_no_worker_and_another_takes_its_share(apart: Apart) -> None:
    first = apart.supervisor("first")
    apart.start(name="shared", minWorkers=2, maxWorkers=2)
    until(apart.has("shared", 2))
    second = apart.supervisor("second")
    until(lambda: len(workers_of(first)) == 1 and len(workers_of(second)) == 1)
    lost = workers_of(first)
    first.kill()
    _, alive = psutil.wait_procs(lost, timeout=60)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
    until(lambda: len(workers_of(second)) == 2)
    until(apart.has("shared", 2))
    # In order it takes its workers along.
    family = workers_of(second)
    assert apart.stop("second") == 0
    _, alive = psutil.wait_procs(family, timeout=60)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


def workers_of(supervisor: psutil.Process) -> list[psutil.Process]:
    """Its workers; processes that a worker keeps for itself do not count, nor does what is on its way to be a worker."""
    return [one for one in supervisor.children() if "rota worker" in " ".join(one.cmdline())]


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


def test_a_bad_target_is_refused_at_once(tmp_path: Path, own_redis: RedisServer) -> None:
    command = [sys.executable, "-m", "rota", "supervisor", "no.such.module", "--redis-url", own_redis.url]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 2
    assert "there is no module" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_worker_names_its_pool_by_its_id(own_redis: RedisServer) -> None:
    command = [sys.executable, "-m", "rota", "worker", "rota.examples", "--redis-url", own_redis.url, "--pool", "mine"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 2
    assert "--pool: 'mine' is not an id" in ended.stderr or "is not a pool id" in ended.stderr


def test_changed_sizes_outlive_a_restart_and_unchanged_ones_follow_the_settings(tmp_path: Path) -> None:
    server = RotaServer(tmp_path, "--no-samples", "--workers", "1")
    site = Site(server.client)
    server.start()
    try:
        until(site.has("default", 1))
        assert [worker["name"] for worker in site.pool("default")["workers"]] == ["worker-1"]
        server.stop()
        server._options = ("--no-samples", "--workers", "2")
        server.start()
        assert "2 worker processes" in server.log()
        until(site.has("default", 2))
        pool = site.pool("default")
        site.ask(UPDATE, id=pool["id"], i={"minWorkers": 3, "maxWorkers": 3, "slotsPerWorker": 2})
        until(lambda: [worker["slots"] for worker in site.pool("default")["workers"]] == [2, 2, 2])
        server.stop()
        server.start()
        assert "3 worker processes" in server.log()
        until(site.has("default", 3))
    finally:
        server.stop(signal.SIGKILL)
