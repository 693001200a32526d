"""Using a running Rota from a shell: submit, follow, list, show, and accounts made beside it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner, Result

from rota.cli import app
from tests.support.patience import until
from tests.support.whole import RotaServer

pytestmark = [pytest.mark.processes, pytest.mark.slow]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RotaServer]:
    server = RotaServer(tmp_path_factory.mktemp("rota"), "--no-samples")
    server.start()
    until(lambda: _knows(server, "multiply"))
    yield server
    server.stop()


def _knows(server: RotaServer, function: str) -> bool:
    with server.client() as client:
        return function in [found["name"] for found in client.call("{ functions { name } }")["functions"]]


def rota(server: RotaServer, *words: str, stdin: str | None = None) -> Result:
    world = {"COLUMNS": "200", "TERM": "dumb", "ROTA_DATA_DIR": str(server.data_dir), "ROTA_URL": "", "ROTA_TOKEN": ""}
    return CliRunner().invoke(app, list(words), input=stdin, env=world)


def test_submit_and_wait_prints_the_result(server: RotaServer) -> None:
    done = rota(server, "submit", "multiply", "--arg", "a=6", "--arg", "b=7", "--wait")
    assert (done.exit_code, done.stdout) == (0, "42\n"), done.stderr


def test_submit_without_waiting_prints_the_id(server: RotaServer) -> None:
    done = rota(server, "submit", "multiply", "--args", '{"a": 2, "b": 3}')
    assert done.exit_code == 0
    assert done.stdout.startswith("task_")
    shown = rota(server, "task", done.stdout.strip())
    assert "multiply" in shown.stdout


def test_metrics_count_what_real_processes_did(server: RotaServer) -> None:
    assert rota(server, "submit", "multiply", "--arg", "a=1", "--arg", "b=1", "--wait").exit_code == 0
    # What earlier tests submitted has ended, and is counted everywhere.
    until(lambda: _is_all_counted(_metrics(server)))
    before = _metrics(server)
    assert rota(server, "submit", "multiply", "--arg", "a=1", "--arg", "b=1", "--wait").exit_code == 0
    assert rota(server, "submit", "flaky", "--arg", "failures=3", "--max-attempts", "1", "--wait").exit_code == 1
    grown = {
        ("rota_submitted_total", "default"): 2,
        ("rota_started_total", "default"): 2,
        ("rota_finished_total", "SUCCEEDED", "default"): 1,
        ("rota_finished_total", "FAILED", "default"): 1,
        ("rota_task_wait_seconds_count", "default"): 2,
        ("rota_task_run_seconds_count", "default"): 1,
    }
    # Totals are written, and a scrape is made, once a second.
    until(lambda: {key: _metrics(server)[key] - before.get(key, 0) for key in grown} == grown)
    found = _metrics(server)
    ages = [value for (name, *_), value in found.items() if name == "rota_worker_heartbeat_age_seconds"]
    assert len(ages) == found["rota_workers",] == 1
    assert ages[0] < 60
    assert found["rota_slots",] >= 1
    assert found["rota_recorder_lag_seconds",] >= 0
    assert found["rota_pool_desired_workers", "default"] == 1


def _is_all_counted(found: dict[tuple[str, ...], float]) -> bool:
    ended = sum(value for (name, *_), value in found.items() if name == "rota_finished_total")
    counted = ("rota_submitted_total", "rota_started_total", "rota_task_wait_seconds_count")
    return {found.get((name, "default")) for name in counted} == {ended}


def _metrics(server: RotaServer) -> dict[tuple[str, ...], float]:
    text = httpx.get(f"{server.url}/metrics", trust_env=False).text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_task_that_fails_gives_its_exit_status_and_error(server: RotaServer) -> None:
    done = rota(server, "submit", "flaky", "--arg", "failures=3", "--max-attempts", "1", "--wait")
    assert done.exit_code == 1
    assert "FAILED" in done.stderr


def test_json_is_for_programs(server: RotaServer) -> None:
    done = rota(server, "submit", "multiply", "-a", "a=4", "-a", "b=5", "--title", "Four fives", "--wait", "--json")
    task = json.loads(done.stdout)
    assert (task["status"], task["result"], task["title"]) == ("SUCCEEDED", 20, "Four fives")
    assert json.loads(rota(server, "task", task["id"], "--json").stdout)["id"] == task["id"]
    listed = json.loads(rota(server, "tasks", "--json", "-n", "5").stdout)
    assert task["id"] in [node["id"] for node in listed["nodes"]]


def test_tasks_are_listed_by_status(server: RotaServer) -> None:
    waiting = rota(server, "submit", "sleep", "-a", "seconds=1", "--run-in", "600", "--title", "Much later")
    assert waiting.exit_code == 0
    assert "Much later" in rota(server, "tasks", "--status", "scheduled").stdout
    assert "Much later" not in rota(server, "tasks", "--status", "succeeded").stdout


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("submit", "no_such_function"), "no_such_function"),
        (("submit", "multiply", "--arg", "a=six", "--arg", "b=7"), "args"),
        (("submit", "multiply", "-a", "a=1", "-a", "b=1", "-p", "11"), "priority must be 1 to 10"),
        (("task", "task_01h455vb4pex5vsknk084sn02q"), "There is no task"),
        (("task", "nonsense"), "nonsense"),
        (("tasks", "--status", "sleeping"), "There is no status 'sleeping'; there are: ASSIGNED, BLOCKED"),
    ],
)
def test_what_the_server_refuses_is_said(server: RotaServer, words: tuple[str, ...], reason: str) -> None:
    done = rota(server, *words)
    assert done.exit_code == 2
    assert done.stderr.startswith("rota: ")
    assert reason in done.stderr


def test_an_account_is_made_beside_a_running_rota(server: RotaServer) -> None:
    made = rota(server, "user", "create", "ada", "--password-stdin", stdin="a long enough password\n")
    assert (made.exit_code, made.stdout) == (0, "Made ada, a client.\n"), made.stderr
    login = 'mutation { login(input: {username: "ada", password: "a long enough password"}) { viewer { roles } } }'
    with server.client() as client:
        assert client.call(login)["login"]["viewer"] == {"roles": ["CLIENT"]}
    again = rota(server, "user", "create", "Ada", "--password-stdin", stdin="a long enough password\n")
    assert again.exit_code == 1
    assert "'Ada' is taken" in again.stderr


@pytest.mark.parametrize(
    ("stdin", "reason"), [("", "standard input holds no password"), ("short\n", "password")], ids=["none", "short"]
)
def test_an_account_needs_a_sound_password(server: RotaServer, stdin: str, reason: str) -> None:
    done = rota(server, "user", "create", "grace", "--admin", "--password-stdin", stdin=stdin)
    assert done.exit_code == 1
    assert reason in done.stderr


def test_an_account_needs_a_database(tmp_path: Path) -> None:
    world = {"ROTA_DATA_DIR": str(tmp_path)}
    done = CliRunner().invoke(
        app, ["user", "create", "ada", "--password-stdin"], input="long enough it is\n", env=world
    )
    assert done.exit_code == 1
    assert "run `rota up` or `rota migrate` first" in done.stderr


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    world = {"ROTA_DATA_DIR": str(tmp_path), "COLUMNS": "200"}
    for _ in range(2):
        done = CliRunner().invoke(app, ["migrate"], env=world)
        assert done.exit_code == 0, done.stderr
        assert "up to date" in done.stdout


def test_migrating_under_a_running_rota_is_refused(server: RotaServer) -> None:
    done = rota(server, "migrate")
    assert done.exit_code == 1
    assert "another Rota" in done.stderr


def test_a_queue_is_shown_and_changed(server: RotaServer) -> None:
    def queue(*words: str) -> dict[str, Any]:
        done = rota(server, "queue", "default", "--json", *words)
        assert done.exit_code == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    assert queue("--strategy", "round-robin", "--pause")["strategy"] == "ROUND_ROBIN"
    assert queue()["isPaused"]
    try:
        shown = rota(server, "queue").stdout
        assert "ROUND_ROBIN (paused)" in shown
    finally:
        after = queue("--strategy", "PRIORITY", "--resume")
    assert (after["strategy"], after["isPaused"]) == ("PRIORITY", False)

    queue("--running", "5")
    queue("--function", "multiply", "--per-key", "--starts", "10", "--seconds", "60")
    bounds = [
        (one["function"], one["perKey"], one["maxRunning"], one["maxStarts"], one["periodSeconds"])
        for one in queue()["limits"]
    ]
    assert bounds == [(None, False, 5, None, None), ("multiply", True, None, 10, 60)]
    shown = rota(server, "queue", "default").stdout
    assert "whole queue: 5 running" in shown
    assert "multiply per key: 10 starts in 60 s" in shown
    queue("--no-limit")
    assert queue("--no-limit", "--function", "multiply", "--per-key")["limits"] == []


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["default", "--strategy", "ROUNDROBIN"], "There is no strategy 'ROUNDROBIN'; did you mean 'ROUND_ROBIN'?"),
        (["nowhere", "--pause"], "nowhere"),
        (["nowhere"], "There is no queue 'nowhere'; there are: default."),
        (["--pause"], "Name the queue"),
        (["default", "--function", "multipli", "--running", "1"], "did you mean 'multiply'?"),
        (["default", "--no-limit"], "no such limit"),
        (["default", "--no-limit", "--running", "1"], "--no-limit removes one"),
        (["default", "--function", "multiply"], "give --running, --starts or --no-limit too"),
        (["default", "--running", "0"], "maxRunning"),
        (["default", "--starts", "1"], "periodSeconds"),
    ],
)
def test_what_a_queue_cannot_be_is_refused_in_one_line(server: RotaServer, words: list[str], reason: str) -> None:
    refused = rota(server, "queue", *words)
    assert refused.exit_code == 2
    assert reason in refused.stderr
    assert refused.stderr.count("\n") == 1
