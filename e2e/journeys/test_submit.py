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
from playwright.sync_api import Page, expect

from e2e.pages.frame import Frame
from e2e.pages.tasks import ManyPage, SubmitPage, TaskPage
from e2e.support.clipboard import copied_text
from e2e.support.tasks import submit
from rota import jsontext
from rota.commands.connection import load_connection
from tests.support.whole import RotaServer

BIG = 12345678901234567890
WORDS = 'it\'s "quoted", $HOME `here` \\n'
# Of the calls that submit, so many pass. The server's answer to the next one is kept back, until it is given or thrown away.
HOLD = """passes => {
  const whole = window.fetch;
  const held = window.held = {};
  held.isThere = new Promise(there => {
    window.fetch = async (input, init) => {
      const answer = await whole(input, init);
      if (!String(init?.body).includes("submitTasks") || passes-- > 0) return answer;
      window.fetch = whole;
      const turn = new Promise((give, lose) => {
        held.give = give;
        held.lose = () => lose(new TypeError("the answer is lost"));
      });
      there();
      await turn;
      return answer;
    };
  });
}"""
IS_HELD = "() => window.held.isThere"
GIVE = "() => window.held.isThere.then(() => window.held.give())"
LOSE = "() => window.held.isThere.then(() => window.held.lose())"
FOUND = """query ($filter: TaskFilter) {
  tasks(filter: $filter, first: 200) { totalCount nodes { id title args priority tags onDeadline deadline } }
}"""


def test_what_a_task_needs_and_how_often_it_is_tried_is_set_in_the_form(
    rota: RotaServer, admin: Page, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    needed = submit(rota, "wait_for_file", "Goes first", args={"path": str(gate)})
    form = SubmitPage(admin).open("flaky")
    form.field("failures").fill("1")
    form.field("Depends on").fill("task_1")
    form.field("Attempts").fill("0")
    form.button.click()
    for words in ("Ids of tasks", "A whole number from 1 to 100."):
        expect(admin.get_by_role("alert").filter(has_text=words)).to_be_visible()
    form.field("Depends on").fill(needed)
    form.field("Attempts").fill("2")
    form.field("Title").fill("Goes second")
    form.button.click()
    task = TaskPage(admin)
    expect(admin.get_by_role("heading", level=1, name="Goes second")).to_be_visible()
    task.expect_status("Blocked")
    expect(task.needs("Goes first")).to_be_visible()
    gate.touch()
    task.expect_status("Succeeded")
    expect(task.result).to_contain_text("attempt 2 succeeded")
    expect(admin.get_by_text("the first does")).to_be_visible()


def test_a_table_with_two_bad_lines_is_mended_and_submitted_once(rota: RotaServer, admin: Page) -> None:
    many = ManyPage(admin).open("multiply")
    good = [f"{number},2,batch" for number in range(248)]
    many.text.fill("\n".join(["a,b,task.tags", *good[:3], "six,7,batch", *good[3:200], "6,,batch", *good[200:]]))
    expect(many.faults).to_have_text([re.compile(r"Line 5.*a: .*whole number"), re.compile(r"Line 203.*b: .*needed")])
    expect(admin.get_by_role("region", name="Preview").get_by_role("cell", name="six")).to_be_visible()
    # The server's answer to the second hundred is lost, though it has taken the tasks.
    admin.evaluate(HOLD, 1)
    expect(many.submit).to_have_text("Submit 248 tasks")
    many.submit.click()
    admin.evaluate(LOSE)
    expect(admin.get_by_role("alert")).to_contain_text("nothing is submitted twice")
    assert _matching(rota, "batch")["totalCount"] == 200
    expect(many.submit).to_have_text("Submit further 148 tasks")
    many.submit.click()
    expect(admin.get_by_text("248 tasks submitted, 2 lines left to mend.")).to_be_visible()
    expect(many.submit).to_have_count(0)
    expect(admin.get_by_role("region", name="Preview").locator(".tag").first).to_have_text("batch")
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


def test_a_paste_is_stopped_left_and_reloaded_and_no_task_is_made_twice(rota: RotaServer, admin: Page) -> None:
    many = ManyPage(admin).open("multiply")
    paste = "\n".join(["a,b,task.tags", *(f"{number},3,left" for number in range(350))])

    def begin(passes: int) -> None:
        """Sends it; after so many hundreds the answer to the next is kept back."""
        admin.evaluate(HOLD, passes)
        many.submit.click()
        admin.evaluate(IS_HELD)

    many.text.fill(paste)
    begin(0)
    expect(admin.get_by_text("0 of 350 tasks")).to_be_visible()
    many.stop.click()
    admin.evaluate(GIVE)
    expect(many.submit).to_have_text("Submit further 250 tasks")

    # It goes on, and is left for another page meanwhile: what is on its way arrives, and no more is sent.
    begin(0)
    Frame(admin).go("Tasks")
    admin.evaluate(GIVE)
    assert _matching(rota, "left")["totalCount"] == 200
    admin.go_back()
    expect(many.text).to_have_value("")
    many.text.fill(paste)
    begin(2)
    admin.reload()
    assert _matching(rota, "left")["totalCount"] == 300

    # Even who leaves while the last of it is on its way, and so does not see that it was all.
    many.text.fill(paste)
    begin(3)
    Frame(admin).go("Tasks")
    admin.evaluate(GIVE)
    admin.go_back()
    many.text.fill(paste)
    many.submit.click()
    expect(admin.get_by_text("All 350 tasks submitted.")).to_be_visible()
    assert _matching(rota, "left")["totalCount"] == 350
    # Seen to its end, it is over: the same text is another paste.
    admin.reload()
    many.text.fill("\n".join(paste.splitlines()[:3]))
    many.submit.click()
    expect(admin.get_by_text("All 2 tasks submitted.")).to_be_visible()
    assert _matching(rota, "left")["totalCount"] == 352


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
            _post(rota, token, *(copied_text(admin, name) for name in ("Operation", "Variables")))
        else:
            _run(language, copied_text(admin, f"The call in {language}"), rota, token, tmp_path)
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
