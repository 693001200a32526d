"""Thousands of tasks in one list: scrolled through, selected, and acted on together."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from e2e.conftest import Opens
from e2e.pages.tasklist import ManyTasksPage
from e2e.support.accounts import make_account, session_of
from e2e.support.axe import faults
from e2e.support.tasks import submit, submit_many, wait_until_succeeded
from tests.support.whole import RotaServer

MANY = 5_000
DEEP = 3_800
MOST_ROWS = 120
PHONE = (390, 844)


@pytest.fixture(scope="module")
def thousands(rota: RotaServer) -> str:
    """The tag of as many tasks that wait, "Deep 1" to "Deep 5000"."""
    submit_many(rota, [f"Deep {number}" for number in range(1, MANY + 1)], tags=["deep"])
    return "deep"


def test_thousands_are_scrolled_through_and_found_again(rota: RotaServer, admin: Page, thousands: str) -> None:
    listed = ManyTasksPage(admin).open(f"tag={thousands}")
    expect(listed.row(f"Deep {MANY}")).to_be_visible()
    expect(admin.get_by_text(f"{MANY:,} tasks", exact=True)).to_be_visible()
    expect(listed.table).to_have_attribute("aria-rowcount", str(MANY + 1))
    title, number = "", MANY
    while number > DEEP:
        listed.scroll_on()
        title = listed.in_sight()
        number = int(title.removeprefix("Deep "))
    assert listed.table.locator("tr").count() < MOST_ROWS
    expect(listed.row(title)).to_have_attribute("aria-rowindex", str(MANY - number + 2))

    submit_many(rota, ["Newer 1", "Newer 2", "Newer 3"], tags=[thousands])
    expect(listed.chip).to_be_in_viewport()
    expect(listed.chip).to_have_text("3 new")
    assert listed.in_sight() == title

    listed.link(title).click()
    expect(admin.get_by_role("heading", level=1, name=title)).to_be_visible()
    admin.go_back()
    expect(listed.link(title)).to_be_focused()
    expect(listed.link(title)).to_be_in_viewport()
    expect(listed.chip).to_have_text("3 new")

    listed.chip.click()
    expect(listed.row("Newer 3")).to_be_in_viewport()
    expect(listed.chip).to_have_count(0)
    assert faults(admin) == []

    # When a task is deleted the list is read again, from the newest that it showed.
    submit_many(rota, ["Newest"], tags=[thousands])
    expect(listed.chip).to_have_text("1 new")
    listed.chip.click()
    expect(listed.row("Newest")).to_be_visible()
    listed.pick("Newer 1")
    listed.act("Cancel")
    expect(listed.row("Newer 1")).to_contain_text("Cancelled")
    listed.pick("Newer 1")
    listed.act("Delete")
    listed.confirm("Delete 1 task")
    expect(listed.row("Newer 1")).to_have_count(0)
    expect(listed.row("Newest")).to_be_visible()
    expect(listed.row("Newer 3")).to_be_visible()
    expect(listed.chip).to_have_count(0)


def test_some_are_cancelled_and_put_back(rota: RotaServer, admin: Page) -> None:
    submit_many(rota, [f"Some {number}" for number in range(1, 7)], tags=["some"])
    listed = ManyTasksPage(admin).open("tag=some")
    listed.pick("Some 5")
    listed.pick("Some 2", modifiers=["Shift"])
    listed.expect_selected("4 selected")
    listed.pick("Some 3")
    listed.expect_selected("3 selected")
    assert faults(admin) == []
    listed.act("Cancel")
    listed.expect_done("Cancelled 3 tasks")
    expect(listed.bar).to_have_count(0)
    expect(listed.row("Some 4")).to_contain_text("Cancelled")
    expect(listed.row("Some 3")).to_contain_text("Scheduled")
    listed.actions.get_by_role("button", name="Undo").click()
    listed.expect_done("Put back 3 tasks")
    expect(listed.row("Some 4")).to_contain_text("Scheduled")

    # What is retried has not to be put back.
    listed.pick("Some 2")
    listed.pick("Some 1")
    listed.act("Cancel")
    listed.expect_done("Cancelled 2 tasks")
    listed.pick("Some 2")
    listed.pick("Some 1")
    listed.act("Retry")
    listed.expect_done("Retried 2 tasks")
    expect(listed.actions.get_by_text("Cancelled 2 tasks")).to_have_count(0)
    expect(listed.actions.get_by_role("button", name="Undo")).to_have_count(0)

    # One in its row can be put back too, until it is retried.
    listed.row("Some 6").get_by_role("button", name="Cancel").click()
    listed.expect_done("Cancelled 1 task")
    listed.actions.get_by_role("button", name="Undo").click()
    listed.expect_done("Put back 1 task")
    listed.row("Some 6").get_by_role("button", name="Cancel").click()
    listed.expect_done("Cancelled 1 task")
    listed.row("Some 6").get_by_role("button", name="Retry").click()
    expect(admin.get_by_text("The task waits for its time again.")).to_be_visible()
    expect(listed.actions.get_by_text("Cancelled 1 task")).to_have_count(0)


def test_some_get_another_place_in_line(rota: RotaServer, admin: Page) -> None:
    submit_many(rota, ["Moved 1", "Moved 2"], tags=["moved"], priority=3)
    listed = ManyTasksPage(admin).open("tag=moved&priority=3")
    listed.pick_loaded()
    listed.act("Reschedule")
    expect(listed.dialog.get_by_role("button", name="Reschedule 2 tasks")).to_be_disabled()
    listed.dialog.get_by_label("Priority").select_option("9")
    listed.confirm("Reschedule 2 tasks")
    listed.expect_done("Rescheduled 2 tasks")
    expect(listed.row("Moved 1").get_by_role("cell", name="9", exact=True)).to_be_visible()
    listed.open("tag=moved&priority=9-up")
    expect(listed.row("Moved 2")).to_be_visible()
    listed.open("tag=moved&priority=8")
    expect(admin.get_by_text("No task matches")).to_be_visible()


def test_all_that_match_are_cancelled_retried_and_deleted(rota: RotaServer, admin: Page) -> None:
    submit_many(rota, [f"All {number}" for number in range(1, 1_201)], tags=["all"])
    listed = ManyTasksPage(admin).open("tag=all")
    listed.pick("All 1200")
    listed.bar.get_by_role("button", name="Select all 1,200 tasks that match").click()
    listed.expect_selected("All 1,200 tasks that match")

    listed.act("Cancel")
    expect(listed.dialog).to_contain_text("All that match: tag all")
    with listed.shows_progress():
        listed.confirm("Cancel 1,200 tasks")
        listed.expect_done("Cancelled 1,200 tasks")

    listed.open("tag=all&status=cancelled")
    listed.pick("All 1200")
    listed.bar.get_by_role("button", name=re.compile("Select all")).click()
    listed.act("Retry")
    expect(listed.dialog).to_contain_text("All that match: status Cancelled, tag all")
    listed.confirm("Retry 1,200 tasks")
    listed.expect_done("Retried 1,200 tasks")

    # None of them has ended: there is nothing to delete.
    listed.open("tag=all&status=scheduled")
    listed.pick("All 1200")
    expect(listed.bar.get_by_role("button", name="Delete")).to_be_disabled()
    listed.bar.get_by_role("button", name=re.compile("Select all")).click()
    listed.act("Cancel")
    listed.confirm("Cancel 1,200 tasks")
    listed.expect_done("Cancelled 1,200 tasks")

    listed.open("tag=all")
    listed.pick_loaded()
    listed.bar.get_by_role("button", name=re.compile("Select all")).click()
    listed.act("Delete")
    expect(listed.dialog).to_contain_text("cannot be undone")
    listed.confirm("Delete 1,200 tasks")
    listed.expect_done("Deleted 1,200 tasks")
    expect(admin.get_by_text("No task matches")).to_be_visible()


def test_what_runs_and_what_is_left_alone_is_told_before_and_after(
    steered: RotaServer, boss: Page, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    ended = submit(steered, "multiply", "Has ended", args={"a": 1, "b": 2}, tags=["mixed"])
    wait_until_succeeded(steered, ended)
    submit(steered, "wait_for_file", "Runs", args={"path": str(gate)}, tags=["mixed"])
    for number in (1, 2):
        submit(
            steered, "multiply", f"Waits {number}", args={"a": 1, "b": 2}, tags=["mixed"], runAt="2035-01-01T00:00:00Z"
        )
    listed = ManyTasksPage(boss).open("tag=mixed")
    expect(listed.row("Runs")).to_contain_text("Running")

    # By hand: what is done at once says afterwards what it left alone.
    listed.pick("Has ended")
    listed.pick("Waits 1")
    listed.act("Cancel")
    listed.expect_done("Cancelled 1 task")
    told = "1 other of the selection was left alone: what has ended cannot be cancelled. Undo puts 1 task back."
    expect(listed.actions).to_contain_text(told)
    listed.actions.get_by_role("button", name="Undo").click()
    listed.expect_done("Put back 1 task")
    listed.actions.get_by_role("button", name="Put this away").click()

    # All that match, counted when it is asked for.
    listed.pick_loaded()
    listed.act("Cancel")
    expect(listed.dialog).to_contain_text("1 of them runs, and is stopped: that cannot be undone")
    expect(listed.dialog).to_contain_text("The 2 that wait can be put back within a week.")
    expect(listed.dialog).to_contain_text("1 other of the selection is left alone: what has ended")
    listed.dialog.get_by_role("button", name="Leave it").click()
    submit_many(steered, ["One more"], tags=["mixed"])
    listed.open("tag=mixed")
    listed.pick("One more")
    listed.bar.get_by_role("button", name="Select all 5 tasks that match").click()
    listed.act("Cancel")
    expect(listed.dialog).to_contain_text("The 3 that wait can be put back within a week.")
    expect(listed.dialog).to_contain_text("1 other of the selection is left alone: what has ended")
    listed.confirm("Cancel 4 tasks")
    listed.expect_done("Cancelled 4 tasks")
    expect(listed.actions).to_contain_text("Undo puts 3 tasks back; what had begun stays cancelled.")
    listed.actions.get_by_role("link", name="Details").click()
    expect(listed.dialog).to_contain_text("Undo puts 3 tasks back; what had begun stays cancelled.")
    listed.dialog.get_by_role("button", name="Put 3 tasks back").click()
    listed.expect_done("Put back 3 tasks")
    expect(listed.actions).to_contain_text("What had begun when it was cancelled stays cancelled.")
    expect(listed.row("Runs")).to_contain_text("Cancelled")
    expect(listed.row("Waits 2")).to_contain_text("Scheduled")


def test_all_that_have_a_deadline_are_cancelled(rota: RotaServer, admin: Page) -> None:
    submit_many(rota, ["Due 1", "Due 2", "Due 3"], tags=["due"], deadline="2036-01-01T00:00:00Z")
    submit_many(rota, ["Whenever"], tags=["due"])
    listed = ManyTasksPage(admin).open("tag=due&order=deadline")
    listed.pick("Due 2")
    listed.bar.get_by_role("button", name="Select all 3 tasks that match").click()
    listed.act("Cancel")
    expect(listed.dialog).to_contain_text("All that match: tag due, with a deadline")
    listed.confirm("Cancel 3 tasks")
    listed.expect_done("Cancelled 3 tasks")
    listed.open("tag=due")
    expect(listed.row("Due 3")).to_contain_text("Cancelled")
    expect(listed.row("Whenever")).to_contain_text("Scheduled")


def test_what_could_not_be_done_is_told_with_its_reason(rota: RotaServer, admin: Page) -> None:
    needed = submit(rota, "multiply", "Is needed", args={"a": 1, "b": 2}, tags=["needed"])
    wait_until_succeeded(rota, needed)
    submit_many(rota, ["Needs it"], dependsOn=[needed])
    listed = ManyTasksPage(admin).open("tag=needed")
    listed.pick("Is needed")
    listed.act("Delete")
    listed.confirm("Delete 1 task")
    listed.expect_done("Deleted 0 tasks, 1 could not be deleted")
    listed.actions.get_by_role("link", name="Details").click()
    failures = listed.dialog.get_by_role("list", name="Tasks that it could not be done to")
    expect(failures.get_by_role("listitem")).to_contain_text("depend")
    failures.get_by_role("link").click()
    expect(admin.get_by_role("heading", level=1, name="Is needed")).to_be_visible()


def test_the_keyboard_is_enough(rota: RotaServer, admin: Page) -> None:
    submit_many(rota, [f"Key {number}" for number in range(1, 6)], tags=["keys"])
    listed = ManyTasksPage(admin).open("tag=keys")
    expect(listed.row("Key 5")).to_be_visible()
    press = admin.keyboard.press
    press("j")
    expect(listed.link("Key 5")).to_be_focused()
    press("x")
    press("ArrowDown")
    press("j")
    expect(listed.link("Key 3")).to_be_focused()
    press("Shift+X")
    listed.expect_selected("3 selected")
    press("k")
    press("x")
    listed.expect_selected("2 selected")
    press("a")
    expect(listed.bar.get_by_role("button", name="Cancel 2 tasks")).to_be_focused()
    press("Enter")
    listed.expect_done("Cancelled 2 tasks")
    expect(listed.link("Key 4")).to_be_focused()
    expect(listed.row("Key 4")).to_contain_text("Scheduled")
    press("x")
    listed.expect_selected("1 selected")
    press("Escape")
    expect(listed.bar).to_have_count(0)
    press("Enter")
    expect(admin.get_by_role("heading", level=1, name="Key 4")).to_be_visible()


def test_a_client_acts_on_no_tasks_but_the_own(
    rota: RotaServer, browser: Browser, open_page: Opens, new_page: Callable[..., Page]
) -> None:
    submit_many(rota, ["Not yours"], tags=["shared"])
    client = open_page(rota, session_of(browser, rota, make_account(rota, "client", "CLIENT")))
    own = "mutation ($input: SubmitTaskInput!) { submitTask(input: $input) { errors { message } } }"
    wish = {"function": "multiply", "title": "Yours", "args": {"a": 1, "b": 2}, "runAt": "2035-01-01T00:00:00Z"}
    client.request.post("/graphql", data={"query": own, "variables": {"input": {**wish, "tags": ["shared"]}}})
    listed = ManyTasksPage(client).open("tag=shared")
    expect(listed.row("Yours")).to_be_visible()
    expect(listed.row("Not yours")).to_have_count(0)
    listed.pick_loaded()
    listed.act("Cancel")
    listed.expect_done("Cancelled 1 task")
    everything = ManyTasksPage(new_page()).open("tag=shared")
    expect(everything.row("Yours")).to_contain_text("Cancelled")
    expect(everything.row("Not yours")).to_contain_text("Scheduled")

    worker = open_page(rota, session_of(browser, rota, make_account(rota, "hand", "WORKER")))
    worker.goto("/tasks?tag=shared")
    expect(worker.get_by_role("heading", level=1)).not_to_have_text("Tasks")
    expect(worker.get_by_role("checkbox")).to_have_count(0)


def test_on_a_phone_the_bar_is_within_reach(rota: RotaServer, new_page: Callable[..., Page], browser_name: str) -> None:
    submit_many(rota, [f"Small {number}" for number in range(1, 4)], tags=["small"])
    width, height = PHONE
    phone = new_page(has_touch=True)
    phone.set_viewport_size({"width": width, "height": height})
    listed = ManyTasksPage(phone).open("tag=small")
    # Playwright's touch does not become a click in Firefox.
    touch = Locator.click if browser_name == "firefox" else Locator.tap
    touch(listed.row("Small 2").get_by_role("checkbox"))
    listed.expect_selected("1 selected")
    cancel = listed.bar.get_by_role("button", name="Cancel 1 task")
    expect(cancel).to_be_in_viewport(ratio=1)
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert faults(phone) == []
    touch(cancel)
    listed.expect_done("Cancelled 1 task")
    expect(listed.row("Small 2")).to_contain_text("Cancelled")
