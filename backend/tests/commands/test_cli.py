"""The `rota` command reads well, and says in one line what is wrong with its input."""

import socket
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from rota import __version__
from rota.cli import app
from rota.commands import tasks as commands
from rota.commands.connection import (
    ClientError,
    Connection,
    find_connection,
    kept_redis,
    load_connection,
    save_connection,
)
from rota.commands.tasks import ended_by, exit_status, parse_arg, wish

COMMANDS = ("up", "api", "coordinator", "worker", "migrate", "schema", "user", "submit", "tasks", "task", "queue")


@pytest.fixture(autouse=True)
def _own_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("ROTA_URL", "ROTA_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ROTA_DATA_DIR", str(tmp_path))


def rota(*words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, list(words), input=stdin, env={"COLUMNS": "120", "TERM": "dumb"})


def test_help_names_every_command() -> None:
    shown = rota("--help").output
    assert [name for name in COMMANDS if f" {name} " not in shown] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    assert rota(command, "--help").exit_code == 0


def test_version() -> None:
    assert rota("--version").output == f"rota {__version__}\n"


def test_a_bad_setting_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTA_PORT", "70000")
    refused = rota("up")
    assert refused.exit_code == 2
    assert refused.stderr == "rota: ROTA_PORT: Input should be less than or equal to 65535 (it is '70000').\n"


def test_a_bad_address_is_refused_without_showing_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTA_DATABASE_URL", "mysql://ada:secret@host/rota")
    refused = rota("migrate")
    assert refused.exit_code == 2
    assert "ROTA_DATABASE_URL: must begin with sqlite:///" in refused.stderr
    assert "secret" not in refused.stderr


def test_without_a_server_it_says_how_to_get_one() -> None:
    refused = rota("tasks")
    assert refused.exit_code == 2
    assert "start one with `rota up`, or set ROTA_URL and ROTA_TOKEN" in refused.stderr


def test_an_address_without_a_token_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ROTA_URL", "http://rota.example.org")
    refused = rota("tasks")
    assert refused.exit_code == 2
    assert "There is no token for http://rota.example.org: set ROTA_TOKEN" in refused.stderr
    save_connection(tmp_path, Connection("http://127.0.0.1:8080", "rota_kept"))
    refused = rota("tasks")
    assert f"the one in {tmp_path} is for http://127.0.0.1:8080 alone." in refused.stderr
    assert "rota_kept" not in refused.stderr


def test_a_target_that_cannot_be_worked_for_is_refused_before_anything_starts(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    # In a process of its own, which says why: its words are not among those that are caught here.
    assert rota("up", "--target", "no_module", "--data-dir", str(data_dir)).exit_code == 2
    assert not data_dir.exists()
    refused = rota("worker", "--check", "no_module")
    assert refused.exit_code == 2
    assert "there is no module 'no_module'" in refused.stderr
    assert rota("worker", "--check", "rota.examples").stdout.startswith("multiply, ")


def test_a_worker_finds_the_redis_that_runs_here(tmp_path: Path) -> None:
    refused = rota("worker", "rota.examples")
    assert refused.exit_code == 2
    assert f"no `rota up` runs on {tmp_path}" in refused.stderr
    path = tmp_path / "redis.sock"
    save_connection(tmp_path, Connection("http://127.0.0.1:8080", "rota_kept", f"unix://{path}"))
    assert kept_redis(tmp_path) is None  # kept, but it does not run any more
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        assert kept_redis(tmp_path) == f"unix://{path}"
    save_connection(tmp_path, Connection("http://127.0.0.1:8080", "rota_kept", "redis://host/0"))
    assert kept_redis(tmp_path) == "redis://host/0"


def test_a_server_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        refused = rota("tasks", "--url", url, "--token", "rota_x")
    assert refused.exit_code == 2
    assert f"Rota at {url} does not answer" in refused.stderr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=6", ("a", 6)),
        ("a=1.5", ("a", 1.5)),
        ("text=hello there", ("text", "hello there")),
        ("text=a=b", ("text", "a=b")),
        ('list=[1, "x"]', ("list", [1, "x"])),
        ("yes=true", ("yes", True)),
        ("empty=", ("empty", "")),
    ],
)
def test_an_argument_is_json_where_it_reads_as_json(text: str, expected: tuple[str, object]) -> None:
    assert parse_arg(text) == expected


@pytest.mark.parametrize("text", ["a", "=1", ""])
def test_an_argument_without_a_name_is_refused(text: str) -> None:
    with pytest.raises(ClientError, match="--arg name=value"):
        parse_arg(text)


def test_single_arguments_stand_above_the_object() -> None:
    assert wish("multiply", ["a=7"], '{"a": 1, "b": 2}', None, None) == {
        "function": "multiply",
        "args": {"a": 7, "b": 2},
    }


@pytest.mark.parametrize(("args", "words"), [("[1]", "must be a JSON object"), ("{", "is not JSON")])
def test_args_that_are_no_object_are_refused(args: str, words: str) -> None:
    with pytest.raises(ClientError, match=words):
        wish("multiply", [], args, None, None)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        ("SUCCEEDED", 0, 0),
        ("FAILED", None, 1),
        ("FAILED", 3, 3),
        ("FAILED", 0, 1),
        ("FAILED", 256, 1),  # which a shell would take for 0
        ("CANCELLED", None, 1),
        ("EXPIRED", None, 1),
    ],
)
def test_the_exit_status_is_the_tasks(status: str, code: int | None, expected: int) -> None:
    assert exit_status({"status": status, "exitCode": code}) == expected


def test_an_attempt_without_an_error_still_says_what_ended_it() -> None:
    failed = {"outcome": "FAILED", "error": {"type": "ValueError", "message": "no such page"}}
    assert ended_by(failed) == "ValueError: no such page"
    assert "stopped answering" in ended_by({"outcome": "LOST", "error": None})
    assert "gave it back" in ended_by({"outcome": "RELEASED", "error": None})
    assert ended_by({"outcome": "SUCCEEDED", "error": None}) == ""


def test_the_kept_connection_is_for_this_user_only(tmp_path: Path) -> None:
    save_connection(tmp_path, Connection("http://here", "rota_secret"))
    assert load_connection(tmp_path) == Connection("http://here", "rota_secret")
    assert [oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()] == ["0o600"]


def test_an_option_beats_the_environment_which_beats_what_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_connection(tmp_path, Connection("http://kept", "kept"))
    assert find_connection(None, None, tmp_path) == Connection("http://kept", "kept")
    monkeypatch.setenv("ROTA_URL", "http://environment/")
    monkeypatch.setenv("ROTA_TOKEN", "set")
    assert find_connection(None, None, tmp_path) == Connection("http://environment", "set")
    assert find_connection("http://option", "given", tmp_path) == Connection("http://option", "given")


def test_the_kept_token_goes_to_the_kept_address_only(tmp_path: Path) -> None:
    save_connection(tmp_path, Connection("http://kept", "kept"))
    assert find_connection("http://kept/", None, tmp_path) == Connection("http://kept", "kept")
    with pytest.raises(ClientError, match="ROTA_TOKEN"):
        find_connection("http://elsewhere", None, tmp_path)


class Server:
    """A stand-in for the client: every call answers with this task."""

    def __init__(self, title: str) -> None:
        error = {"type": "ValueError", "message": title, "traceback": None}
        attempt = {"number": 1, "outcome": "FAILED", "startedAt": "2026-11-25T09:30:00.000Z", "worker": None}
        self.task = {
            **dict.fromkeys(
                ("startedAt", "finishedAt", "waiting", "progress", "progressMessage", "worker", "exitCode")
            ),
            "id": "task_1",
            "function": "f",
            "title": title,
            "status": "FAILED",
            "priority": 5,
            "createdAt": "2026-11-25T09:30:00.000Z",
            "queue": {"name": "default"},
            "args": {"a": [True]},
            "result": [None, ":fire:"],
            "error": error,
            "attempts": [{**attempt, "error": error}],
        }

    def call(self, document: str, **_: object) -> dict[str, object]:
        if document == commands.LIST:
            return {"tasks": {"nodes": [self.task], "totalCount": 1}}
        return {"task": self.task, "submitTask": {"task": self.task, "errors": []}}


def test_what_others_wrote_neither_breaks_nor_commands_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    server: Any = Server("[/b] \x1b]0;owned\x07")
    commands.list_tasks(server, [], None, 20, as_json=False)
    commands.show(server, "task_1", as_json=False)
    shown = capsys.readouterr().out
    assert shown.count("[/b]") == 4
    assert '{"a":[true]}' in shown
    assert "\x1b" not in shown


def test_a_result_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    commands._print_outcome({**Server("x").task, "status": "SUCCEEDED"})
    assert capsys.readouterr().out == '[null,":fire:"]\n'


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), 1e30])
def test_a_span_that_ends_at_no_instant_is_refused(seconds: float) -> None:
    with pytest.raises(ClientError, match="no instant"):
        wish("f", [], None, seconds, None)
