"""`rota up`, as a user starts it: what it says, what it refuses, and that nothing stays behind."""

import signal
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support.patience import until
from tests.support.whole import ADMIN, PASSWORD, RotaServer

pytestmark = [pytest.mark.processes, pytest.mark.slow]

SUBMIT = "mutation ($input: SubmitTaskInput!) { submitTask(input: $input) { task { id } errors { message } } }"
STATUS = "query ($id: ID!) { task(id: $id) { status result attempts { outcome } } }"
COUNTS = "{ tasks(first: 50) { totalCount nodes { title status } } }"

Make = Callable[..., RotaServer]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes Rotas that end with the test."""
    made: list[RotaServer] = []

    def one(*options: str, folder: Path = tmp_path, **settings: str) -> RotaServer:
        server = RotaServer(folder, *options, **settings)
        made.append(server)
        return server

    yield one
    for server in made:
        server.stop(signal.SIGKILL)


def submitted(server: RotaServer, function: str, **args: object) -> str:
    with server.client() as client:
        payload = client.call(SUBMIT, input={"function": function, "args": args})["submitTask"]
    assert payload["errors"] == []
    task_id: str = payload["task"]["id"]
    return task_id


def status_of(server: RotaServer, task_id: str) -> str:
    with server.client() as client:
        status: str = client.call(STATUS, id=task_id)["task"]["status"]
    return status


def functions_of(server: RotaServer) -> list[str]:
    with server.client() as client:
        return [function["name"] for function in client.call("{ functions { name } }")["functions"]]


def refused(server: RotaServer) -> str:
    """The one line with which it ends at once."""
    process, _ = server.launch()
    assert process.wait(90) == 1, server.log()
    lines = [line for line in server.log().splitlines() if line.startswith("rota: ")]
    assert len(lines) == 1, server.log()
    assert "Traceback" not in server.log()
    return lines[0]


def assert_gone(family: list[psutil.Process]) -> None:
    """All of these have ended, be it that somebody has yet to collect them."""
    _, alive = psutil.wait_procs(family, timeout=60)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


def test_the_first_start_makes_everything_and_shows_a_password_once(make: Make) -> None:
    server = make("--no-samples", ROTA_ADMIN_PASSWORD="")
    server.start()
    said = server.log()
    assert f"Rota is at {server.url}" in said
    assert f"Sign in as {ADMIN} with the password " in said
    password = said.partition("with the password ")[2].split()[0]
    assert len(password) >= 16
    assert stat.S_IMODE(server.data_dir.stat().st_mode) == 0o700
    assert httpx.get(f"{server.url}/healthz", timeout=60).status_code == 200
    assert signed_in(server, password)

    assert server.stop() == 0
    server.start()
    assert server.log().count(password) == 1
    assert signed_in(server, password)


def signed_in(server: RotaServer, password: str) -> bool:
    document = "mutation ($input: LoginInput!) { login(input: $input) { viewer { username } } }"
    body = {"query": document, "variables": {"input": {"username": ADMIN, "password": password}}}
    answer = httpx.post(f"{server.url}/graphql", json=body, timeout=60).json()
    return bool(answer["data"]["login"]["viewer"] == {"username": ADMIN})


def test_a_chosen_password_is_never_shown(make: Make) -> None:
    server = make("--no-samples")
    server.start()
    assert PASSWORD not in server.log()
    assert signed_in(server, PASSWORD)


def test_its_processes_are_known_by_name_and_redis_listens_nowhere(make: Make) -> None:
    server = make("--no-samples", ROTA_WORKERS="2")
    server.start()
    until(lambda: "multiply" in functions_of(server))
    titles = [" ".join(process.cmdline()).strip() for process in server.family()]
    assert titles[0] == "rota up"
    assert sum(title.startswith("rota worker worker-") for title in titles) == 2, titles
    listening = {
        connection.laddr.port
        for process in server.family()
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {server.port}


def test_the_samples_come_once_and_meet_their_fates(make: Make) -> None:
    server = make()
    server.start()

    def tasks() -> dict[str, str]:
        with server.client() as client:
            return {task["title"]: task["status"] for task in client.call(COUNTS)["tasks"]["nodes"]}

    until(lambda: tasks().get("Fails for good") == "FAILED")
    until(lambda: tasks().get("Succeeds at its third attempt") == "SUCCEEDED")
    seen = tasks()
    assert len(seen) == 12
    assert seen["Starts in two minutes"] == "SCHEDULED"
    assert seen["The answer"] == "SUCCEEDED"
    server.stop()
    server.start()
    until(lambda: "multiply" in functions_of(server))
    assert len(tasks()) == 12


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda by: by.name)
def test_no_process_stays_behind(make: Make, by: signal.Signals) -> None:
    server = make("--no-samples", ROTA_WORKERS="2", ROTA_DRAIN_SECONDS="0.2")
    server.start()
    until(lambda: "prime_factors" in functions_of(server))
    task = submitted(server, "prime_factors", n=2**53 - 111)  # long, in a process of its own
    until(lambda: status_of(server, task) == "RUNNING")
    family = server.family()
    assert len(family) >= 4  # itself, Redis, two workers
    assert server.stop(by) == (0 if by is not signal.SIGKILL else -signal.SIGKILL)
    assert_gone(family)


def test_it_ends_with_the_recipe_that_started_it(make: Make, tmp_path: Path) -> None:
    script = tmp_path / "just"
    script.write_text('"$@"\nexit $?\n')  # stays beside it, and passes no signal on
    server = make("--no-samples", ROTA_RECIPE="1")
    server.under = ("sh", str(script))
    server.start()
    family = server.family()
    assert len(family) >= 4  # the script, Rota, Redis, a worker
    server.stop(signal.SIGKILL)
    assert_gone(family)


def test_after_a_restart_all_tasks_are_there_and_those_that_ran_go_on(make: Make) -> None:
    server = make("--no-samples", ROTA_DRAIN_SECONDS="0.2")
    server.start()
    until(lambda: "sleep" in functions_of(server))
    ended = submitted(server, "multiply", a=6, b=7)
    until(lambda: status_of(server, ended) == "SUCCEEDED")
    running = submitted(server, "sleep", seconds=3)
    until(lambda: status_of(server, running) == "RUNNING")
    server.stop(signal.SIGKILL)
    server.start()
    assert status_of(server, ended) == "SUCCEEDED"
    until(lambda: status_of(server, running) == "SUCCEEDED")
    server.stop()
    server.start()
    assert (status_of(server, ended), status_of(server, running)) == ("SUCCEEDED", "SUCCEEDED")


def test_what_runs_may_finish(make: Make) -> None:
    server = make("--no-samples", ROTA_DRAIN_SECONDS="20")
    server.start()
    until(lambda: "sleep" in functions_of(server))
    task = submitted(server, "sleep", seconds=2)
    until(lambda: status_of(server, task) == "RUNNING")
    assert server.stop() == 0
    server.start()
    with server.client() as client:
        found = client.call(STATUS, id=task)["task"]
    assert (found["status"], found["attempts"]) == ("SUCCEEDED", [{"outcome": "SUCCEEDED"}])


def test_a_worker_that_is_killed_is_started_again(make: Make) -> None:
    server = make("--no-samples")
    server.start()
    until(lambda: "sleep" in functions_of(server))
    task = submitted(server, "sleep", seconds=2)
    until(lambda: status_of(server, task) == "RUNNING")
    next(process for process in server.family() if "rota worker" in " ".join(process.cmdline())).kill()
    until(lambda: status_of(server, task) == "SUCCEEDED")


def test_a_taken_port_is_refused(make: Make) -> None:
    server = make()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", server.port))
        taken.listen()
        assert f"port {server.port} (Address already in use); choose another with --port or ROTA_PORT" in refused(
            server
        )


def test_a_folder_that_cannot_be_made_is_refused(make: Make, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" / "data"
    assert f"cannot use the data folder {folder}" in refused(make(ROTA_DATA_DIR=str(folder)))


def test_a_second_rota_on_the_folder_is_refused(make: Make, tmp_path: Path) -> None:
    first = make("--no-samples")
    first.start()
    (tmp_path / "second").mkdir()
    second = make(folder=tmp_path / "second", ROTA_DATA_DIR=str(first.data_dir))
    assert f"another Rota (process {first.pid}) is running on {first.data_dir}" in refused(second)


def test_a_database_that_is_none_is_refused(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "rota.sqlite3"
    path.write_text("this is no database, whatever its name says; it only looks like one " * 20)
    assert f"the database sqlite:///{path} cannot be used" in refused(make(ROTA_DATABASE_URL=f"sqlite:///{path}"))


def test_a_weak_password_is_refused(make: Make) -> None:
    assert "ROTA_ADMIN_PASSWORD cannot be made" in refused(make(ROTA_ADMIN_PASSWORD="short"))
