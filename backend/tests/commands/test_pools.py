"""Pools with real processes, under `rota up`: started, resized, drained, and kept over restarts. Those of supervisors: test_apart.py."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.parts import STOP, UPDATE, Site
from tests.support.patience import until
from tests.support.servers import RedisServer
from tests.support.whole import RotaServer, command_of

# A dozen processes, on machines that have other things to do.
pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.timeout(900)]


def test_pools_grow_stop_when_their_tasks_are_done_and_outlive_restarts(tmp_path: Path) -> None:
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
        left = [(busy, "DRAINING")]
        until(lambda: [(one["name"], one["status"]) for one in site.pool("numbers")["workers"]] == left)
        gate.touch()
        until(lambda: site.task(task)["status"] == "SUCCEEDED")
        assert site.task(task)["attempts"] == [{"outcome": "SUCCEEDED"}]
        until(site.has("numbers", 0))
        until(lambda: not [one for one in server.family() if "rota worker numbers" in command_of(one)])
        assert site.pool("numbers")["isStopped"]

        # The size of the default pool follows the settings until somebody changes it.
        server.stop()
        server.change("--no-samples", "--workers", "2")
        server.start()
        assert "2 worker processes" in server.log()
        until(site.has("default", 2))
        assert sorted(worker["name"] for worker in site.pool("default")["workers"]) == ["worker-1", "worker-2"]
        pool = site.pool("default")
        site.ask(UPDATE, id=pool["id"], i={"minWorkers": 3, "maxWorkers": 3, "slotsPerWorker": 2})
        until(lambda: [worker["slots"] for worker in site.pool("default")["workers"]] == [2, 2, 2])
        server.stop()
        server.start()
        assert "3 worker processes" in server.log()
        until(site.has("default", 3))
    finally:
        server.stop(signal.SIGKILL)


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
