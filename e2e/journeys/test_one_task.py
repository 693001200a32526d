"""One task from near: what it says, what it needs and who needs it, and doing it again."""

import re
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from e2e.pages.frame import Frame, SignInPage
from e2e.pages.tasks import LogPanel, SubmitPage, TaskPage
from e2e.support.tasks import status_of, submit
from rota.commands.client import Client
from tests.support.patience import until
from tests.support.whole import ADMIN, PASSWORD, RotaServer

RECONNECT_MS = 120_000
# The second page of a log is asked for when it is let go.
HOLD_SECOND = """{
  const whole = window.fetch;
  const turn = new Promise(resolve => { window.letGo = resolve; });
  let pages = 0;
  window.fetch = async (input, init) => {
    if (String(init?.body).includes("TaskLog") && ++pages === 2) await turn;
    return whole(input, init);
  };
}"""


def test_a_log_is_followed_through_a_restart_of_the_server(own_rota: RotaServer, page: Page, tmp_path: Path) -> None:
    said = tmp_path / "said"
    say = _writer(said)
    SignInPage(page, own_rota.url).sign_in(ADMIN, PASSWORD)
    say(*(f"line {number}" for number in range(1, 251)))
    task_id = submit(own_rota, "say_lines", "Speaks", args={"path": str(said)})
    page.goto(f"{own_rota.url}/tasks/{task_id}")
    log = LogPanel(page)
    # It follows: the newest line is in sight, and what is far above is not even drawn.
    log.expect_newest("line 250")
    expect(log.lines.get_by_text("line 1", exact=True)).to_have_count(0)
    # Somebody else is cut while still reading what was said before.
    late = page.context.new_page()
    late.add_init_script(HOLD_SECOND)
    late.goto(page.url)
    expect(late.get_by_text("200 lines", exact=True)).to_be_visible()
    page.evaluate("() => { window.wasNotReloaded = true; }")

    own_rota.stop(signal.SIGKILL)
    late.evaluate("() => window.letGo()")
    expect(late.get_by_role("button", name="Try again")).to_be_visible()
    expect(Frame(page).live).to_have_text("Reconnecting")
    say("warning: said while the server was away")
    own_rota.start()
    expect(Frame(page).live).to_have_text("Live", timeout=RECONNECT_MS)
    say(*(f"line {number}" for number in range(251, 261)), "end")
    TaskPage(page).expect_status("Succeeded")
    log.expect_newest("line 260")
    # What the worker did was lost with it: a second attempt says its lines.
    expect(log.lines.get_by_title("Attempt 2").last).to_be_visible()
    with own_rota.client() as client:
        kept = _kept(client, task_id)
    assert kept[-10:] == [f"line {number}" for number in range(251, 261)]
    # No line is missing and none is there twice, of those that are drawn.
    drawn = log.messages()
    assert drawn == kept[-len(drawn) :]
    for reader in (page, late):
        expect(reader.get_by_text(f"{len(kept)} lines", exact=True)).to_be_visible()
    LogPanel(late).expect_newest("line 260")
    read = LogPanel(late).messages()
    assert read == kept[-len(read) :]
    assert page.evaluate("() => window.wasNotReloaded === true")


def test_who_reads_further_up_is_left_in_peace(rota: RotaServer, admin: Page, tmp_path: Path) -> None:
    said = tmp_path / "said"
    say = _writer(said)
    say(*(f"line {number}" for number in range(1, 400)), "error: line 400")
    task_id = submit(rota, "say_lines", "Goes on speaking", args={"path": str(said)})
    task = TaskPage(admin).open(task_id)
    log = LogPanel(admin)
    log.expect_newest("line 400")
    expect(log.follow).to_be_checked()
    log.scroll_up()
    expect(log.follow).not_to_be_checked()
    place = log.lines.evaluate("element => element.scrollTop")
    say(*(f"line {number}" for number in range(401, 406)))
    expect(log.jump).to_have_text("Jump to newest · 5 new")
    assert log.lines.evaluate("element => element.scrollTop") == place
    log.jump.click()
    expect(log.follow).to_be_checked()
    log.expect_newest("line 405")
    # Only some hundred lines are drawn, however long it is.
    assert len(log.messages()) < 400
    log.only("Errors")
    expect(log.lines.get_by_text("line 400", exact=True)).to_be_visible()
    expect(log.lines.get_by_text("line 405", exact=True)).to_have_count(0)
    say("end")
    task.expect_status("Succeeded")


def test_the_picture_leads_to_what_holds_a_task_up(rota: RotaServer, admin: Page, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    first = submit(rota, "wait_for_file", "Fetch the rates", args={"path": str(gate)})
    second = submit(rota, "multiply", "Write the report", args={"a": 1, "b": 2}, dependsOn=[first])
    submit(rota, "multiply", "Send it", args={"a": 1, "b": 2}, dependsOn=[second])
    task = TaskPage(admin).open(second)
    task.expect_status("Blocked")
    expect(task.needs("Fetch the rates")).to_contain_text("Running")
    expect(task.needs("Send it")).to_contain_text("Blocked")
    # By keyboard to the one that is needed, which shows the whole chain from its own side.
    task.needs("Fetch the rates").press("Enter")
    admin.wait_for_url(f"**/tasks/{first}")
    expect(task.needs("Write the report")).to_contain_text("Blocked")
    expect(task.needs("Send it")).to_contain_text("Blocked")
    gate.touch()
    # Live, also of the tasks that are not this page's.
    expect(task.needs("Send it")).to_contain_text("Succeeded")
    task.needs("Send it").click()
    task.expect_status("Succeeded")
    # On a telephone it is a list.
    admin.set_viewport_size({"width": 390, "height": 800})
    expect(admin.get_by_role("heading", name="It needs", exact=True)).to_be_visible()
    expect(task.needs("Write the report")).to_be_visible()
    assert admin.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_who_comes_to_need_a_task_later_is_seen_at_once(rota: RotaServer, admin: Page, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    first = submit(rota, "wait_for_file", "Fetch the prices", args={"path": str(gate)})
    task = TaskPage(admin).open(first)
    task.expect_status("Running")
    expect(admin.get_by_role("heading", name="Dependencies")).to_have_count(0)
    second = submit(rota, "multiply", "Compare them", args={"a": 1, "b": 2}, dependsOn=[first])
    expect(task.needs("Compare them")).to_contain_text("Blocked")
    # Also who needs one that needs it, and more than one at once.
    submit(rota, "multiply", "Print them", args={"a": 1, "b": 2}, dependsOn=[second])
    submit(rota, "multiply", "Keep them", args={"a": 1, "b": 2}, dependsOn=[first])
    expect(task.needs("Print them")).to_contain_text("Blocked")
    expect(task.needs("Keep them")).to_contain_text("Blocked")
    gate.touch()
    expect(task.needs("Print them")).to_contain_text("Succeeded")
    expect(task.needs("Keep them")).to_contain_text("Succeeded")


def test_what_failed_is_retried_then_run_again_with_other_arguments(rota: RotaServer, admin: Page) -> None:
    task_id = submit(
        rota, "flaky", "Mend me", args={"failures": 2}, maxAttempts=1, tags=["nightly"], priority=8, limitKey="acme"
    )
    task = TaskPage(admin).open(task_id)
    task.expect_status("Failed")
    expect(admin.get_by_label("Traceback")).to_contain_text("Flaky")
    task.act("Retry")
    # The second attempt fails as well, for two were asked to.
    expect(admin.get_by_role("row").filter(has_text="Failed")).to_have_count(2)
    admin.get_by_role("link", name="Edit and run again").click()
    form = SubmitPage(admin)
    expect(form.field("failures")).to_have_value("2")
    expect(form.field("Tags")).to_have_value("nightly")
    expect(form.field("Limit key")).to_have_value("acme")
    expect(form.field("Title")).to_have_value("Mend me")
    form.submit(failures=0)
    admin.wait_for_url(re.compile(r"/tasks/task_"))
    task.expect_status("Succeeded")
    assert task_id not in admin.url
    expect(admin.get_by_text("8 of 10")).to_be_visible()


def test_the_timeline_tells_the_line_from_a_workers_lane(steered: RotaServer, boss: Page, tmp_path: Path) -> None:
    gates = [tmp_path / str(number) for number in range(5)]
    with steered.client() as client:
        client.call(SET_STRATEGY, name="default", strategy="LEAST_LOADED")
        try:
            # The only worker runs two and has two in its lane: the last one waits for room there. What is submitted in one
            # moment may come into line in another order.
            held = [
                submit(steered, "wait_for_file", f"Held {gate.name}", args={"path": str(gate)}) for gate in gates[:-1]
            ]
            until(lambda: Counter(status_of(steered, task) for task in held) == {"RUNNING": 2, "ASSIGNED": 2})
            last = submit(steered, "wait_for_file", "Held last", args={"path": str(gates[-1])})
            task = TaskPage(boss).open(last)
            task.expect_status("Queued")
            expect(task.timeline).not_to_contain_text("assigned")
            running = [gate for gate, each in zip(gates, held, strict=False) if status_of(steered, each) == "RUNNING"]
            for gate in running:
                gate.touch()
            task.expect_status("Assigned")
            expect(task.timeline).to_contain_text("assigned")
            expect(task.timeline).to_contain_text(re.compile("In line.*In a worker’s lane"))
            for gate in gates:
                gate.touch()
            task.expect_status("Succeeded")
            expect(task.timeline).to_contain_text("assigned")
            line = task.timeline.get_by_role("img", name=re.compile("in a worker’s lane for .*, attempt 1 succeeded"))
            expect(line).to_be_visible()
        finally:
            for gate in gates:
                gate.touch()
            client.call(SET_STRATEGY, name="default", strategy="PRIORITY")


def test_what_waits_is_moved(rota: RotaServer, admin: Page) -> None:
    task_id = submit(rota, "multiply", "Later", args={"a": 6, "b": 7}, runAt="2035-01-01T00:00:00Z")
    task = TaskPage(admin).open(task_id)
    expect(admin.get_by_text(re.compile("^Not before its time"))).to_be_visible()
    task.act("Reschedule")
    dialog = admin.get_by_role("dialog")
    dialog.get_by_label("Not before").fill("")
    dialog.get_by_role("button", name="Reschedule", exact=True).click()
    task.expect_status("Succeeded")


def test_why_a_task_waits_follows_what_is_ahead_of_it(steered: RotaServer, boss: Page) -> None:
    """Nothing of the task itself changes: its queue is paused, then its only worker, then neither."""
    with steered.client() as client:
        (worker,) = [
            one["id"] for one in client.call("{ workers { id status } }")["workers"] if one["status"] == "ONLINE"
        ]
        client.call(PAUSE_QUEUE, name="default")
        try:
            task = TaskPage(boss).open(submit(steered, "multiply", "Patient", args={"a": 6, "b": 7}))
            expect(boss.get_by_text(re.compile("The queue default is paused"))).to_be_visible()
            client.call(PAUSE_WORKER, id=worker)
            until(lambda: client.call(WORKER_STATUS, id=worker)["worker"]["status"] == "PAUSED")
            client.call(RESUME_QUEUE, name="default")
            expect(boss.get_by_text(re.compile("^No worker takes from the queue default"))).to_be_visible()
        finally:
            client.call(RESUME_QUEUE, name="default")
            client.call(RESUME_WORKER, id=worker)
        task.expect_status("Succeeded")


def _writer(path: Path) -> Callable[..., None]:
    def say(*lines: str) -> None:
        with path.open("a") as file:
            file.write("".join(f"{line}\n" for line in lines))

    return say


PAUSE_QUEUE, RESUME_QUEUE = (
    f"mutation ($name: String!) {{ {verb}Queue(name: $name) {{ errors {{ message }} }} }}"
    for verb in ("pause", "resume")
)
PAUSE_WORKER, RESUME_WORKER = (
    f"mutation ($id: ID!) {{ {verb}Worker(id: $id) {{ errors {{ message }} }} }}" for verb in ("pause", "resume")
)
WORKER_STATUS = "query ($id: ID!) { worker(id: $id) { status } }"
SET_STRATEGY = "mutation ($name: String!, $strategy: Strategy!) { setQueueStrategy(name: $name, strategy: $strategy) { errors { message } } }"
LOGS = """query ($id: ID!, $after: String) {
  task(id: $id) { logs(first: 200, after: $after) { nodes { message } pageInfo { hasNextPage endCursor } } }
}"""


def _kept(client: Client, task_id: str) -> list[str]:
    found: list[str] = []
    after, has_next = None, True
    while has_next:
        logs = client.call(LOGS, id=task_id, after=after)["task"]["logs"]
        found += [line["message"] for line in logs["nodes"]]
        after, has_next = logs["pageInfo"]["endCursor"], logs["pageInfo"]["hasNextPage"]
    return found
