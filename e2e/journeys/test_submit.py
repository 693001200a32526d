"""Submitting many tasks from a table, and the same call from elsewhere."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from e2e.pages.tasks import ManyPage, SubmitPage
from rota import jsontext
from rota.commands.connection import load_connection
from tests.support.whole import RotaServer

BIG = 12345678901234567890
WORDS = 'it\'s "quoted", $HOME `here` \\n'
FOUND = """query ($filter: TaskFilter) {
  tasks(filter: $filter, first: 200) { totalCount nodes { id title args priority tags onDeadline deadline } }
}"""


def test_a_table_with_two_bad_lines_is_mended_and_submitted_once(rota: RotaServer, admin: Page) -> None:
    many = ManyPage(admin).open("multiply")
    good = [f"{number},2,batch" for number in range(248)]
    many.text.fill("\n".join(["a,b,task.tags", *good[:3], "six,7,batch", *good[3:200], "6,,batch", *good[200:]]))
    expect(many.faults).to_have_text([re.compile(r"Line 5.*a: .*whole number"), re.compile(r"Line 203.*b: .*needed")])
    # The server's answer to the second hundred is lost, though it has taken the tasks.
    cut = _CutAfter(1)
    admin.route("**/graphql", cut)
    expect(many.submit).to_have_text("Submit 248 tasks")
    many.submit.click()
    expect(admin.get_by_role("alert")).to_contain_text("nothing is submitted twice")
    admin.unroute("**/graphql", cut)
    assert _matching(rota, "batch")["totalCount"] == 200
    expect(many.submit).to_have_text("Submit further 148 tasks")
    many.submit.click()
    expect(many.submit).to_be_disabled()
    # A click on a fault marks its line, to type over it.
    many.faults.first.get_by_role("button", name="Line 5").click()
    admin.keyboard.type("6,7,batch")
    expect(many.faults).to_have_count(1)
    many.faults.first.get_by_role("button", name="Line 203").click()
    admin.keyboard.type("6,8,batch")
    expect(many.submit).to_have_text("Submit further 2 tasks")
    many.submit.click()
    expect(admin.get_by_text("All 250 tasks submitted.")).to_be_visible()
    assert _matching(rota, "batch")["totalCount"] == 250


def test_lines_that_only_the_server_can_judge_are_told_by_line(rota: RotaServer, admin: Page) -> None:
    many = ManyPage(admin).open("multiply")
    none = "task_01h455vb4pex5vsknk084sn02q"
    many.text.fill(
        f'{{"a": {BIG}, "b": 1, "task.tags": ["exact"]}}\n{{"a": 1, "b": 1, "task.dependsOn": ["{none}"]}}\n'
    )
    many.submit.click()
    expect(many.faults).to_have_text([re.compile(f"Line 2.*There is no task {none}")])
    expect(admin.get_by_role("link", name="submitted")).to_have_count(1)
    assert [task["args"]["a"] for task in _matching(rota, "exact")["nodes"]] == [BIG]


@pytest.fixture
def token(rota: RotaServer) -> str:
    """For the samples, which ask for one."""
    connection = load_connection(rota.data_dir)
    assert connection is not None
    return connection.token


def test_the_same_call_from_elsewhere_makes_the_same_task(
    rota: RotaServer, admin: Page, token: str, tmp_path: Path
) -> None:
    form = SubmitPage(admin).open("count_words")
    form.field("text").fill(WORDS)
    form.field("seed").fill(str(BIG))
    form.field("Tags").fill("one, two words")
    admin.get_by_label("Priority").select_option("9")
    admin.get_by_label("Deadline").fill("2035-01-01T09:00")
    admin.get_by_label("At the deadline").select_option("FINISH_LATE")
    for language in ("CLI", "curl", "GraphQL", "Python", "JavaScript"):
        form.field("Title").fill(f"From {language}")
        admin.get_by_role("group", name="Language").get_by_role("button", name=language, exact=True).click()
        if language == "GraphQL":
            _post(rota, token, *(admin.get_by_label(name).inner_text() for name in ("Operation", "Variables")))
        else:
            _run(language, admin.get_by_label(f"The call in {language}").inner_text(), rota, token, tmp_path)
        [task] = _matching(rota, "two words", title=f"From {language}")["nodes"]
        assert task["args"] == {"text": WORDS, "seed": BIG}, language
        made = (task["priority"], task["tags"], task["onDeadline"], task["deadline"])
        assert made == (9, ["one", "two words"], "FINISH_LATE", "2035-01-01T09:00:00.000Z"), language


def _post(rota: RotaServer, token: str, operation: str, variables: str) -> None:
    body = jsontext.dumpb({"query": operation, "variables": jsontext.loads(variables)})
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    answer = httpx.post(f"{rota.url}/graphql", content=body, headers=headers)
    assert answer.status_code == httpx.codes.OK, answer.text


def _run(language: str, text: str, rota: RotaServer, token: str, folder: Path) -> None:
    """The sample as it was copied, with the token that it asks for."""
    node = shutil.which("node")
    assert node, "the page's own tools need node"
    script = folder / "sample.mjs"
    script.write_text(text)
    commands = {
        "CLI": ["bash", "-c", text],
        "curl": ["bash", "-c", text],
        "Python": [sys.executable, "-c", text],
        "JavaScript": [node, str(script)],
    }
    if language == "curl" and not shutil.which("curl"):
        pytest.skip("there is no curl on this machine")
    # `rota` is what is installed beside this Python.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "ROTA_TOKEN": token, "ROTA_URL": rota.url}
    done = subprocess.run(commands[language], env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _matching(rota: RotaServer, tag: str, title: str | None = None) -> dict[str, Any]:
    wanted: dict[str, Any] = {"tag": [tag], **({"search": title} if title else {})}
    with rota.client() as client:
        found: dict[str, Any] = client.call(FOUND, filter=wanted)["tasks"]
    return found


class _CutAfter:
    """Lets so many calls that submit pass; of those that follow the server's answer is thrown away."""

    def __init__(self, passes: int) -> None:
        self._left = passes

    def __call__(self, route: Route) -> None:
        if "submitTasks" not in (route.request.post_data or ""):
            route.continue_()
            return
        self._left -= 1
        if self._left >= 0:
            route.continue_()
        else:
            route.fetch()
            route.abort()
