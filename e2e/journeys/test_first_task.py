"""The first thing that anybody does: sign in, submit a task, and watch it succeed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e.pages.frame import Frame, SignInPage
from e2e.pages.tasks import SubmitPage, TaskListPage, TaskPage
from e2e.support.tasks import submit
from tests.support.whole import ADMIN, PASSWORD, RotaServer

pytestmark = pytest.mark.two_browsers

# A mark on the window is gone after a reload.
MARK = "() => { window.wasNotReloaded = true; }"
IS_MARKED = "() => window.wasNotReloaded === true"


def test_sign_in_submit_and_see_the_result(rota: RotaServer, page: Page) -> None:
    frame = SignInPage(page, rota.url).sign_in(ADMIN, PASSWORD)
    frame.go("Submit")
    page.goto(f"{rota.url}/submit?function=multiply")
    form = SubmitPage(page)
    page.evaluate(MARK)
    form.submit(a=6, b=7)
    page.wait_for_url("**/tasks/task_*")
    task = TaskPage(page)
    task.expect_status("Succeeded")
    expect(task.result).to_have_text("42")
    assert page.evaluate(IS_MARKED)


def test_two_browsers_watch_it_succeed_at_once(
    rota: RotaServer, new_page: Callable[..., Page], tmp_path: Path, browser_name: str
) -> None:
    title = f"Watched by two, in {browser_name}"
    first, second = new_page(), new_page()
    gate = tmp_path / "gate"
    task_id = submit(rota, "wait_for_file", title, args={"path": str(gate)})
    one = TaskPage(first).open(task_id)
    listed = TaskListPage(second).open()
    row = listed.row(title)
    one.expect_status("Running")
    expect(row).to_contain_text("Running")
    for page in (first, second):
        Frame(page).expect_live()
        page.evaluate(MARK)
    gate.touch()
    one.expect_status("Succeeded")
    expect(row).to_contain_text("Succeeded")
    assert first.evaluate(IS_MARKED)
    assert second.evaluate(IS_MARKED)


def test_a_new_task_comes_to_an_open_list(rota: RotaServer, admin: Page, browser_name: str) -> None:
    title = f"Comes by itself, in {browser_name}"
    listed = TaskListPage(admin).open()
    Frame(admin).expect_live()
    admin.evaluate(MARK)
    submit(rota, "multiply", title, args={"a": 2, "b": 3})
    listed.show_new()
    expect(listed.row(title)).to_contain_text("Succeeded")
    assert admin.evaluate(IS_MARKED)
