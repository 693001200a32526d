"""The parts of Rota as processes of their own, and their administrator's view of them."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from rota.commands.client import Client
from rota.tether import tethered
from tests.support.whole import ADMIN, PASSWORD

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


class Parts:
    """Processes of Rota that share a database and a Redis."""

    def __init__(self, folder: Path, world: dict[str, str]) -> None:
        self._folder = folder
        self._world = {name: value for name, value in os.environ.items() if not name.startswith("ROTA_")}
        self._world |= {**world, "PYTHONPATH": os.pathsep.join(sys.path)}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.started: list[str] = []

    def start(self, name: str, *words: str) -> None:
        self.started.append(name)
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

    def stop_all(self, by: signal.Signals = signal.SIGTERM) -> dict[str, int]:
        """Ends what runs, the last one first. Returns each one's exit status."""
        return {name: self.stop(name, by) for name in reversed(list(self._processes))}


class Site:
    """A Rota whose pools are looked at and changed by its administrator."""

    def __init__(self, client: Callable[[], Client]) -> None:
        self.client = client

    def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        with self.client() as client:
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
