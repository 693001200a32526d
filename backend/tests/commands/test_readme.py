"""What the README shows is tried for real: its functions, its command, its curl, Python and JavaScript."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rota.cli import app
from rota.commands.connection import load_connection
from tests.support.patience import until
from tests.support.whole import RotaServer

pytestmark = [pytest.mark.processes, pytest.mark.slow]

README = (Path(__file__).resolve().parents[3] / "README.md").read_text()


def block(language: str, containing: str) -> str:
    """The one block of code in this language that has this text."""
    found = [text for text in re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL) if containing in text]
    assert len(found) == 1, f"the README has {len(found)} {language} blocks with {containing!r}"
    code: str = found[0]
    return code


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RotaServer]:
    """Started with the README's own functions."""
    folder = tmp_path_factory.mktemp("rota")
    (folder / "my_functions.py").write_text(block("python", "@rota.function"))
    path = os.pathsep.join([str(folder), *sys.path])
    server = RotaServer(folder, "--no-samples", "--target", "my_functions", PYTHONPATH=path)
    server.start()
    until(lambda: _knows(server, "greet"))
    yield server
    server.stop()


def _knows(server: RotaServer, function: str) -> bool:
    with server.client() as client:
        return function in [found["name"] for found in client.call("{ functions { name } }")["functions"]]


def run(server: RotaServer, *command: str) -> str:
    connection = load_connection(server.data_dir)
    assert connection is not None
    world = {**os.environ, "ROTA_TOKEN": connection.token}
    done = subprocess.run(command, env=world, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_own_functions(server: RotaServer) -> None:
    shown = "{ functions { name description argsSchema } }"
    with server.client() as client:
        greet = next(found for found in client.call(shown)["functions"] if found["name"] == "greet")
    assert greet["description"] == "Greets somebody."
    assert greet["argsSchema"]["properties"]["name"]["description"] == "Who is greeted."
    words = ["submit", "greet", "-a", "name=Ada", "-a", "times=2", "--wait"]
    done = CliRunner().invoke(app, words, env={"ROTA_DATA_DIR": str(server.data_dir)})
    assert done.stdout == '"Hello, Ada. Hello, Ada."\n', done.stderr


def test_the_command(server: RotaServer) -> None:
    (line,) = [line for line in README.splitlines() if "rota submit" in line and line.startswith("    npx")]
    words = line.partition(" rota ")[2].split()
    done = CliRunner().invoke(app, words, env={"ROTA_DATA_DIR": str(server.data_dir)})
    assert (done.exit_code, done.stdout) == (0, "42\n"), done.stderr


def test_curl(server: RotaServer) -> None:
    code = block("sh", "curl").replace("http://127.0.0.1:8080", server.url).replace("export ROTA_TOKEN=rota_...", "")
    assert '"errors":[]' in run(server, "sh", "-c", code).replace(" ", "")


def test_python(server: RotaServer) -> None:
    code = block("python", "httpx").replace("http://127.0.0.1:8080", server.url)
    assert "'errors': []" in run(server, sys.executable, "-c", code)


def test_javascript(server: RotaServer, tmp_path: Path) -> None:
    with server.client() as client:
        document = 'mutation { submitTask(input: {function: "sleep", args: {seconds: 1}}) { task { id } } }'
        task_id = client.call(document)["submitTask"]["task"]["id"]
    script = tmp_path / "watch.mjs"
    script.write_text(block("js", "taskChanged").replace("http://127.0.0.1:8080", server.url))
    assert "SUCCEEDED" in run(server, "node", str(script), task_id)
