"""A page that stays open while the server goes away and comes back."""

import signal

from playwright.sync_api import Page, expect

from e2e.pages.frame import Frame, SignInPage
from e2e.pages.tasks import TaskListPage
from e2e.support.tasks import submit, wait_until_known
from tests.support.whole import ADMIN, PASSWORD, RotaServer

RECONNECT_MS = 120_000


def test_an_open_page_recovers_from_a_killed_server(own_rota: RotaServer, page: Page) -> None:
    frame = SignInPage(page, own_rota.url).sign_in(ADMIN, PASSWORD)
    frame.go("Tasks")
    frame.expect_live()
    page.evaluate("() => { window.wasNotReloaded = true; }")
    own_rota.stop(signal.SIGKILL)
    expect(Frame(page).live).to_have_text("Reconnecting")
    own_rota.start()
    expect(Frame(page).live).to_have_text("Live", timeout=RECONNECT_MS)
    wait_until_known(own_rota, "multiply")
    submit(own_rota, "multiply", "After the fall", args={"a": 6, "b": 7})
    listed = TaskListPage(page)
    row = listed.row("After the fall")
    expect(row.or_(page.get_by_role("button", name="1 new"))).to_be_visible()
    if not row.is_visible():
        listed.show_new()
    expect(row).to_contain_text("Succeeded")
    assert page.evaluate("() => window.wasNotReloaded === true")
