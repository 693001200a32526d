"""What docs/moving-from-*.md show is run as it stands: their modules, and the code that takes the place of the other's client."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rota.commands.connection import load_connection
from tests.support.patience import until
from tests.support.whole import RotaServer

pytestmark = [pytest.mark.processes, pytest.mark.slow]

DOCS = Path(__file__).resolve().parents[3] / "docs"
TASKS = "{ tasks(first: 9) { nodes { function status result attempts { number outcome } } } }"
TRIED_AGAIN = [{"number": 1, "outcome": "FAILED"}, {"number": 2, "outcome": "SUCCEEDED"}]


class Page:
    """A page's module, the code that submits, and what that is said to print."""

    def __init__(self, name: str) -> None:
        text = (DOCS / name).read_text()
        self.module, self.client = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
        (self.printed,) = re.findall(r"```text\n(.*?)```", text, re.DOTALL)


ARQ, CELERY = Page("moving-from-arq.md"), Page("moving-from-celery.md")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RotaServer]:
    """Started with the pages' own modules."""
    folder = tmp_path_factory.mktemp("rota")
    (folder / "my_module.py").write_text(ARQ.module)
    (folder / "my_tasks.py").write_text(CELERY.module)
    targets = ("--target", "my_module.WorkerSettings", "--target", "my_tasks")
    path = os.pathsep.join([str(folder), *sys.path])
    server = RotaServer(folder, "--no-samples", *targets, PYTHONPATH=path)
    server.start()
    yield server
    server.stop()


def ran(server: RotaServer, function: str, page: Page) -> dict[str, Any]:
    """The function, once it is known and the page's code has run and printed what it is said to."""
    known = "{ functions { name queue { name } maxAttempts timeoutSeconds } }"
    connection = load_connection(server.data_dir)
    assert connection is not None
    with server.client() as client:

        def found() -> list[dict[str, Any]]:
            return [one for one in client.call(known)["functions"] if one["name"] == function]

        until(lambda: found() != [])
        world = {**os.environ, "ROTA_TOKEN": connection.token, "ROTA_URL": server.url}
        command = [sys.executable, "-c", page.client]
        done = subprocess.run(command, env=world, capture_output=True, text=True, timeout=180, check=False)
        assert (done.returncode, done.stdout) == (0, page.printed), done.stderr
        return found()[0]


def succeeded(server: RotaServer, function: str) -> list[dict[str, Any]]:
    with server.client() as client:
        found = client.call(TASKS)["tasks"]["nodes"]
    return [one for one in found if (one["function"], one["status"]) == (function, "SUCCEEDED")]


def test_what_was_written_for_arq(server: RotaServer) -> None:
    greet = ran(server, "greet", ARQ)
    assert greet == {"name": "greet", "queue": {"name": "greetings"}, "maxAttempts": 4, "timeoutSeconds": 30}
    # It asked to be run again at its first start, as `job_try` told it, and only then.
    assert [one["attempts"] for one in succeeded(server, "greet")] == [TRIED_AGAIN]


def test_what_was_written_for_celery(server: RotaServer) -> None:
    count = ran(server, "count_words", CELERY)
    assert count == {"name": "count_words", "queue": {"name": "reports"}, "maxAttempts": 4, "timeoutSeconds": 30}
    until(lambda: succeeded(server, "count_words") != [])
    assert [(one["result"], one["attempts"]) for one in succeeded(server, "count_words")] == [(3, TRIED_AGAIN)]
