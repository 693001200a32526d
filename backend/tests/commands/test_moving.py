"""What docs/moving-from-arq.md shows is run as it stands: its module of arq, and the code that takes the place of arq's client."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rota.commands.connection import load_connection
from tests.support.patience import until
from tests.support.whole import RotaServer

pytestmark = [pytest.mark.processes, pytest.mark.slow]

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "moving-from-arq.md").read_text()
MODULE, CLIENT = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(PRINTED,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RotaServer]:
    """Started with the page's own module."""
    (tmp_path / "my_module.py").write_text(MODULE)
    path = os.pathsep.join([str(tmp_path), *sys.path])
    server = RotaServer(tmp_path, "--no-samples", "--target", "my_module.WorkerSettings", PYTHONPATH=path)
    server.start()
    yield server
    server.stop()


def test_the_page_does_what_it_says(server: RotaServer) -> None:
    with server.client() as client:
        known = "{ functions { name queue { name } maxAttempts timeoutSeconds } }"
        until(lambda: any(one["name"] == "greet" for one in client.call(known)["functions"]))
        greet = next(one for one in client.call(known)["functions"] if one["name"] == "greet")
        connection = load_connection(server.data_dir)
        assert connection is not None
        world = {**os.environ, "ROTA_TOKEN": connection.token, "ROTA_URL": server.url}
        command = [sys.executable, "-c", CLIENT]
        done = subprocess.run(command, env=world, capture_output=True, text=True, timeout=180, check=False)
        assert (done.returncode, done.stdout) == (0, PRINTED), done.stderr
        asked = "{ tasks(first: 5) { nodes { status attempts { number outcome } } } }"
        greeted = [one for one in client.call(asked)["tasks"]["nodes"] if one["status"] == "SUCCEEDED"]
    assert greet == {"name": "greet", "queue": {"name": "greetings"}, "maxAttempts": 4, "timeoutSeconds": 30}
    # It asked to be run again at its first start, as `job_try` told it, and only then.
    outcomes = [{"number": 1, "outcome": "FAILED"}, {"number": 2, "outcome": "SUCCEEDED"}]
    assert [one["attempts"] for one in greeted] == [outcomes]
