"""Finding tasks, watching one, calling one off, and a form that says what is wrong."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import Opens
from e2e.pages.tasks import SubmitPage, TaskListPage, TaskPage
from e2e.support.tasks import submit
from tests.support.whole import RotaServer

# A machine whose clock is so many ms beside the right time.
CLOCK = """{
  const Right = Date;
  globalThis.Date = class extends Right {
    constructor(...told) { told.length === 0 ? super(Right.now() + %d) : super(...told); }
    static now() { return Right.now() + %d; }
  };
}"""
# As long as any of these stories may take, on a slow machine.
A_WHILE = r"(now|\d+ (s|min) ago)"


def test_the_filter_stands_in_the_address(rota: RotaServer, admin: Page) -> None:
    submit(rota, "multiply", "Will succeed", args={"a": 3, "b": 4})
    submit(rota, "flaky", "Will fail", args={"failures": 1}, maxAttempts=1)
    submit(rota, "flaky", "Will fail first", args={"failures": 1}, maxAttempts=1, priority=9, tags=["odd"])
    listed = TaskListPage(admin).open()
    expect(listed.row("Will fail")).to_contain_text("Failed")
    listed.status("Failed").click()
    expect(admin).to_have_url(re.compile(r"/tasks\?status=failed$"))
    expect(listed.row("Will fail")).to_be_visible()
    expect(listed.row("Will succeed")).to_have_count(0)
    admin.reload()
    expect(listed.status("Failed")).to_have_attribute("aria-pressed", "true")
    expect(listed.row("Will fail")).to_be_visible()
    expect(listed.row("Will succeed")).to_have_count(0)
    admin.get_by_role("button", name="Clear", exact=True).click()
    expect(listed.row("Will succeed")).to_be_visible()

    listed.narrow("Function", "flaky")
    listed.narrow("Priority", "Priority 8 and up")
    listed.narrow("Submitted", "Last 24 hours")
    listed.narrow("Order", "Oldest first")
    expect(listed.row("Will fail first")).to_be_visible()
    expect(listed.row("Will fail")).to_have_count(0)
    admin.get_by_label("Tag", exact=True).fill("even")
    expect(admin.get_by_text("No task matches")).to_be_visible()
    admin.get_by_label("Tag", exact=True).fill("odd")
    # Into the task and back to the same list, as far as one likes; only the task is another place.
    address = re.compile(r"function=flaky&tag=odd&priority=8-up&since=24h&order=oldest_first$")
    expect(admin).to_have_url(address)
    listed.row("Will fail first").get_by_role("link").click()
    TaskPage(admin).expect_status("Failed")
    admin.go_back()
    expect(admin).to_have_url(address)
    expect(listed.row("Will fail first")).to_be_visible()
    expect(admin.get_by_label("Function", exact=True)).to_have_value("flaky")
    admin.go_forward()
    TaskPage(admin).expect_status("Failed")


def test_an_address_that_means_nothing_shows_nothing_and_says_why(rota: RotaServer, admin: Page) -> None:
    submit(rota, "multiply", "Went well", args={"a": 3, "b": 5}, tags=["spelt"])
    submit(rota, "flaky", "Went wrong", args={"failures": 1}, maxAttempts=1, tags=["spelt"])
    # However it is written.
    listed = TaskListPage(admin).open("?status=FAILED&tag=spelt")
    expect(listed.row("Went wrong")).to_be_visible()
    expect(listed.row("Went well")).to_have_count(0)
    listed.open("?status=faild&tag=spelt")
    alert = admin.get_by_role("alert")
    expect(alert).to_contain_text("status=faild: one of blocked, scheduled, queued")
    expect(listed.row("Went wrong")).to_have_count(0)
    expect(admin.get_by_role("checkbox", name="Select all that are loaded")).to_have_count(0)
    alert.get_by_role("button", name="Leave it out").click()
    expect(admin).to_have_url(re.compile(r"/tasks\?tag=spelt$"))
    expect(listed.row("Went well")).to_be_visible()
    expect(alert).to_have_count(0)
    listed.open("?queue=defualt")
    expect(admin.get_by_text("No queue is called defualt. There are: ")).to_be_visible()
    for path, wrong in (("/activity?went=wrong", "went=wrong"), ("/?queue=defualt", "queue=defualt")):
        admin.goto(path)
        expect(alert).to_contain_text(wrong)
    admin.goto("/schedules?edit=nightly")
    expect(admin.get_by_role("dialog", name="Not there")).to_be_visible()


def test_a_view_is_saved_and_an_argument_finds_its_task(rota: RotaServer, admin: Page) -> None:
    submit(rota, "multiply", "Of interest", args={"a": 41, "b": 1})
    submit(rota, "multiply", "Of none", args={"a": 1, "b": 41})
    listed = TaskListPage(admin).open()
    admin.get_by_role("searchbox").fill("args.a:41")
    expect(admin).to_have_url(re.compile("q=args.a"))
    expect(listed.row("Of interest")).to_be_visible()
    expect(listed.row("Of none")).to_have_count(0)
    admin.get_by_role("button", name="Save this view").click()
    admin.get_by_label("Name", exact=True).fill("The forty-ones")
    admin.get_by_role("button", name="Save", exact=True).click()
    listed.open()
    expect(listed.row("Of none")).to_be_visible()
    admin.get_by_role("link", name="The forty-ones").click()
    expect(listed.row("Of interest")).to_be_visible()
    expect(listed.row("Of none")).to_have_count(0)
    admin.get_by_role("button", name="Delete the view The forty-ones").click()
    expect(admin.get_by_role("link", name="The forty-ones")).to_have_count(0)


def test_a_retry_made_elsewhere_is_told_on_an_open_page(rota: RotaServer, admin: Page) -> None:
    task_id = submit(rota, "multiply", "Again from elsewhere", args={"a": 1, "b": 2}, runAt="2035-01-01T00:00:00Z")
    task = TaskPage(admin).open(task_id)
    with rota.client() as client:
        client.call("mutation ($id: ID!) { cancelTask(id: $id) { errors { code } } }", id=task_id)
        task.expect_status("Cancelled")
        client.call("mutation ($id: ID!) { retryTask(id: $id) { errors { code } } }", id=task_id)
    task.expect_status("Scheduled")


def test_a_task_that_fails_twice_is_told_live(rota: RotaServer, admin: Page) -> None:
    task_id = submit(rota, "flaky", "Third time lucky", args={"failures": 2}, maxAttempts=3)
    task = TaskPage(admin).open(task_id)
    task.expect_status("Succeeded")
    attempts = admin.get_by_role("row").filter(has_text=re.compile("Failed|Succeeded"))
    expect(attempts).to_have_count(3)
    line = admin.get_by_role("img", name=re.compile("^In line for"))
    expect(line).to_have_accessible_name(
        re.compile("attempt 1 failed.*attempt 2 failed.*attempt 3 succeeded.*in the end$")
    )
    expect(task.arguments).to_contain_text('"failures": 2')


def test_what_waits_can_be_cancelled(rota: RotaServer, admin: Page) -> None:
    task_id = submit(rota, "multiply", "Not before next year", args={"a": 1, "b": 2}, runAt="2035-01-01T00:00:00Z")
    task = TaskPage(admin).open(task_id)
    task.expect_status("Scheduled")
    task.act("Cancel")
    admin.get_by_role("dialog").get_by_role("button", name="Cancel the task").click()
    task.expect_status("Cancelled")
    expect(admin.get_by_text("The task is cancelled.")).to_be_visible()


def test_what_runs_can_be_cancelled(rota: RotaServer, admin: Page) -> None:
    task = TaskPage(admin).open(submit(rota, "sleep", "Runs long", args={"seconds": 600}))
    task.expect_status("Running")
    expect(admin.get_by_role("meter", name="Progress")).to_be_visible()
    expect(admin.get_by_text(re.compile(r"^\d+ of 600 s$"))).to_be_visible()
    task.act("Cancel")
    admin.get_by_role("dialog").get_by_role("button", name="Cancel the task").click()
    task.expect_status("Cancelled")


@pytest.mark.parametrize("beside_h", [-2, 2])
def test_a_machine_whose_clock_is_wrong_tells_times_right(
    rota: RotaServer, new_page: Opens, tmp_path: Path, beside_h: int
) -> None:
    gate = tmp_path / "gate"
    title = f"Timed {beside_h} h beside"
    task_id = submit(rota, "wait_for_file", title, args={"path": str(gate)})
    page = new_page()
    page.add_init_script(CLOCK % (beside_h * 3_600_000, beside_h * 3_600_000))
    task = TaskPage(page).open(task_id)
    task.expect_status("Running")
    for name in ("Submitted", "Started"):
        expect(page.locator(".fact").filter(has_text=name).locator("time")).to_have_text(re.compile(f"^{A_WHILE}$"))
    # The line is as long as what has passed.
    expect(page.locator(".timeline-key").filter(has_text="Ran")).to_contain_text(
        re.compile(r"worker-\d+ \d[\d.]* (ms|s|min)")
    )
    # What was submitted just now was submitted within the last quarter of an hour.
    listed = TaskListPage(page).open("?since=15m")
    expect(listed.row(title)).to_contain_text(re.compile(A_WHILE))
    gate.touch()
    expect(listed.row(title)).to_contain_text("Succeeded")
    # At once is at once.
    waits = submit(rota, "multiply", "Not before its time", args={"a": 6, "b": 7}, runAt="2035-01-01T00:00:00Z")
    task.open(waits).act("Reschedule")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Not before").fill("")
    dialog.get_by_role("button", name="Reschedule", exact=True).click()
    task.expect_status("Succeeded")


def test_the_form_says_what_is_wrong(admin: Page) -> None:
    form = SubmitPage(admin).open("multiply")
    form.submit(a="six", b=7)
    expect(admin.get_by_role("alert").first).to_be_visible()
    expect(form.field("a")).to_have_attribute("aria-invalid", "true")
    assert "/submit" in admin.url
    form.submit(a=6, b=7)
    admin.wait_for_url("**/tasks/task_*")
    TaskPage(admin).expect_status("Succeeded")
