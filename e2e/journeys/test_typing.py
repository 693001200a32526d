"""What somebody typed: it is kept when the session ends, taken as it is meant, and never made something else in silence."""

import re

from playwright.sync_api import Browser, Page, expect

from e2e.conftest import Opens
from e2e.pages.frame import Frame, SignInPage
from e2e.pages.tasks import SubmitPage, TaskPage
from e2e.support.accounts import NEW_PASSWORD, make_account, session_of
from e2e.support.tasks import submit
from tests.support.whole import RotaServer

CANCEL = "mutation ($id: ID!) { cancelTask(id: $id) { errors { message } } }"
TASK = "query ($id: ID!) { task(id: $id) { args runAt } }"
LATER = "2035-01-01T00:00:00Z"


def test_what_was_typed_outlives_the_session(rota: RotaServer, browser: Browser, open_page: Opens) -> None:
    name = make_account(rota, "writer", "CLIENT")
    page = open_page(rota, session_of(browser, rota, name))
    form = SubmitPage(page).open("count_words")
    form.field("text").fill("Typed with care")
    page.get_by_label("Title", exact=False).fill("A long story")
    elsewhere = page.context.new_page()
    elsewhere.goto("/settings")
    Frame(elsewhere).sign_out()

    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    page.get_by_label("Username", exact=True).fill(name)
    page.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(form.field("text")).to_have_value("Typed with care")
    expect(page.get_by_label("Title", exact=False)).to_have_value("A long story")

    # Who leaves by himself leaves nothing behind.
    Frame(page).sign_out()
    SignInPage(page).sign_in(name, NEW_PASSWORD)
    form.open("count_words")
    expect(form.field("text")).to_have_value("")


def test_half_a_date_is_not_at_once(admin: Page) -> None:
    form = SubmitPage(admin).open("multiply")
    form.field("a").fill("6")
    form.field("b").fill("7")
    before = admin.get_by_label("Not before", exact=True)
    before.focus()
    admin.keyboard.type("12312035")  # the day, and not the time
    expect(before).to_have_value("")
    form.button.click()
    expect(admin.get_by_text("Fill in the date and the time, or neither.")).to_be_visible()
    expect(admin).to_have_url(re.compile("/submit"))
    before.fill("2035-12-31T09:30")
    form.button.click()
    expect(admin.get_by_role("heading", level=1).locator("..")).to_contain_text("Scheduled")


def test_run_again_with_what_is_empty_or_null_on_purpose(rota: RotaServer, admin: Page) -> None:
    given = {"amount": None, "name": "", "seed": 9223372036854775809, "tree": {"n": [9223372036854775809, None]}}
    earlier = submit(rota, "give_back", "Earlier", args=given, runAt=LATER)
    TaskPage(admin).open(earlier)
    admin.get_by_role("link", name="Edit and run again").click()
    form = SubmitPage(admin)
    expect(form.field("amount")).to_have_value("null")
    expect(form.field("name")).to_have_value('""')
    expect(form.field("seed")).to_have_value("9223372036854775809")
    form.button.click()
    admin.wait_for_url(re.compile("/tasks/task_"))
    again = admin.url.rpartition("/")[2]
    with rota.client() as client:
        assert client.call(TASK, id=again)["task"]["args"] == given


def test_a_move_that_comes_too_late_is_refused_in_words(rota: RotaServer, admin: Page) -> None:
    waits = submit(rota, "multiply", "Moves no more", args={"a": 1, "b": 2}, runAt=LATER)
    TaskPage(admin).open(waits).act("Reschedule")
    dialog = admin.get_by_role("dialog", name="Reschedule")
    expect(dialog).to_be_visible()
    with rota.client() as client:
        assert client.call(CANCEL, id=waits)["cancelTask"]["errors"] == []
    dialog.get_by_label("Deadline").fill("2036-01-01T00:00")
    dialog.get_by_label("Deadline").press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text(re.compile(r"\w"))
