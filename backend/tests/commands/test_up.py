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
from tests.support.whole import ADMIN, PASSWORD, RotaServer, command_of

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


def signed_in(server: RotaServer, password: str) -> bool:
    document = "mutation ($input: LoginInput!) { login(input: $input) { viewer { username } } }"
    body = {"query": document, "variables": {"input": {"username": ADMIN, "password": password}}}
    answer = httpx.post(f"{server.url}/graphql", json=body, timeout=60).json()
    return bool(answer["data"]["login"]["viewer"] == {"username": ADMIN})


def test_the_first_start_makes_everything_and_the_second_nothing_again(make: Make, tmp_path: Path) -> None:
    server = make(ROTA_ADMIN_PASSWORD="", ROTA_WORKERS="2")
    server.start()

    def samples() -> dict[str, str]:
        with server.client() as client:
            return {task["title"]: task["status"] for task in client.call(COUNTS)["tasks"]["nodes"]}

    until(lambda: samples().get("Starts in two minutes") == "SCHEDULED")
    password = assert_is_shown_once(server)
    assert stat.S_IMODE(server.data_dir.stat().st_mode) == 0o700
    assert httpx.get(f"{server.url}/healthz", timeout=60).status_code == 200
    until(lambda: "multiply" in functions_of(server))
    assert_known_by_name(server)
    (tmp_path / "other").mkdir()
    other = make(folder=tmp_path / "other", ROTA_DATA_DIR=str(server.data_dir))
    other.launch()
    until(lambda: samples().get("Fails for good") == "FAILED")
    until(lambda: samples().get("Succeeds at its third attempt") == "SUCCEEDED")
    until(lambda: samples().get("The answer") == "SUCCEEDED")
    assert len(samples()) == 12
    assert f"another Rota (process {server.pid}) is running on {server.data_dir}" in refused(other)

    assert server.stop() == 0
    server.start()
    assert server.log().count(password) == 1
    assert f"Sign in as before, as {ADMIN}" in server.log()
    assert signed_in(server, password)
    until(lambda: "multiply" in functions_of(server))
    assert len(samples()) == 12


def assert_is_shown_once(server: RotaServer) -> str:
    """The password that it made, which its first words tell, and which lets the administrator in."""
    said = server.log()
    assert f"Rota is at {server.url}" in said
    assert f"Sign in as {ADMIN} with the password " in said
    password = said.partition("with the password ")[2].split()[0]
    assert len(password) >= 16
    assert signed_in(server, password)
    return password


def assert_known_by_name(server: RotaServer) -> None:
    """Its two workers are told apart in a list of processes, and nothing but its page listens to the network."""
    itself = psutil.Process(server.pid)
    assert " ".join(itself.cmdline()).strip() == "rota up"
    # Not those that workers keep for functions that run in a process. A worker has its name a moment after it was started.
    until(lambda: sum(command_of(one).startswith("rota worker worker-") for one in itself.children()) == 2)
    listening = {
        connection.laddr.port
        for process in server.family()
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {server.port}


def test_however_it_ends_no_process_stays_behind_and_no_task_is_lost(make: Make, tmp_path: Path) -> None:
    """It ends four times: with the recipe that started it, killed, told to end while a task runs out, and by Ctrl-C."""
    script = tmp_path / "just"
    script.write_text('"$@"\nexit $?\n')  # stays beside it, and passes no signal on
    server = make("--no-samples", ROTA_RECIPE="1", ROTA_WORKERS="2", ROTA_DRAIN_SECONDS="0.2")
    server.under = ("sh", str(script))
    server.start()
    assert PASSWORD not in server.log(), "a chosen password is never shown"
    assert signed_in(server, PASSWORD)
    until(lambda: "prime_factors" in functions_of(server))
    ended = submitted(server, "multiply", a=6, b=7)
    until(lambda: status_of(server, ended) == "SUCCEEDED")
    assert_worker_is_replaced(server)
    long = running(server, "prime_factors", n=2**53 - 111)  # in a process of its own
    assert_ends(server, signal.SIGKILL, -signal.SIGKILL, at_least=5)  # the script, itself, Redis, two workers

    server.under = ()
    server.start()
    assert status_of(server, ended) == "SUCCEEDED"
    cancelled(server, long)
    broken_off = running(server, "sleep", seconds=3)
    assert_ends(server, signal.SIGKILL, -signal.SIGKILL)

    server.change(ROTA_DRAIN_SECONDS="20")
    server.start()
    until(lambda: status_of(server, broken_off) == "SUCCEEDED")
    run_out = running(server, "sleep", seconds=2)
    assert_ends(server, signal.SIGTERM, 0)

    server.change(ROTA_DRAIN_SECONDS="0.2")
    server.start()
    with server.client() as client:
        found = client.call(STATUS, id=run_out)["task"]
    assert (found["status"], found["attempts"]) == ("SUCCEEDED", [{"outcome": "SUCCEEDED"}])
    assert [status_of(server, one) for one in (ended, long, broken_off)] == ["SUCCEEDED", "CANCELLED", "SUCCEEDED"]
    running(server, "prime_factors", n=2**53 - 111)
    assert_ends(server, signal.SIGINT, 0)


def running(server: RotaServer, function: str, **args: object) -> str:
    """The id of a task that runs."""
    until(lambda: function in functions_of(server))
    task = submitted(server, function, **args)
    until(lambda: status_of(server, task) == "RUNNING")
    return task


def cancelled(server: RotaServer, task_id: str) -> None:
    with server.client() as client:
        client.call("mutation ($id: ID!) { cancelTask(id: $id) { errors { message } } }", id=task_id)
    until(lambda: status_of(server, task_id) == "CANCELLED")


def assert_worker_is_replaced(server: RotaServer) -> None:
    task = running(server, "sleep", seconds=2)
    for process in server.family():
        if "rota worker" in command_of(process):
            process.kill()
    until(lambda: status_of(server, task) == "SUCCEEDED")


def assert_ends(server: RotaServer, by: signal.Signals, status: int, at_least: int = 4) -> None:
    """It ends by this signal, with all of its processes."""
    family = server.family()
    assert len(family) >= at_least
    assert server.stop(by) == status
    _, alive = psutil.wait_procs(family, timeout=60)
    # Be it that somebody has yet to collect them.
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


def test_what_cannot_start_says_why_in_one_line(make: Make, tmp_path: Path) -> None:
    """All at once: a taken port, a folder that cannot be, a database that is none, a weak password."""

    def one(name: str, **settings: str) -> RotaServer:
        (tmp_path / name).mkdir()
        return make(folder=tmp_path / name, **settings)

    (tmp_path / "file").write_text("")
    no_folder = tmp_path / "file" / "data"
    no_database = tmp_path / "none.sqlite3"
    no_database.write_text("this is no database, whatever its name says; it only looks like one " * 20)
    late = one("port")
    reasons = {
        late: f"port {late.port} (Address already in use); choose another with --port or ROTA_PORT",
        one("folder", ROTA_DATA_DIR=str(no_folder)): f"cannot use the data folder {no_folder}",
        one(
            "database", ROTA_DATABASE_URL=f"sqlite:///{no_database}"
        ): f"the database sqlite:///{no_database} cannot be used",
        one("password", ROTA_ADMIN_PASSWORD="short"): "ROTA_ADMIN_PASSWORD cannot be made",
    }
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", late.port))
        taken.listen()
        for server in reasons:
            server.launch()
        for server, reason in reasons.items():
            assert reason in refused(server)


def refused(server: RotaServer) -> str:
    """The one line with which it ended at once."""
    assert server.wait() == 1, server.log()
    lines = [line for line in server.log().splitlines() if line.startswith("rota: ")]
    assert len(lines) == 1, server.log()
    assert "Traceback" not in server.log()
    return lines[0]
