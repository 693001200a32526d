"""Pages of every kind stay open while the server is killed and comes back: they recover by themselves, and nothing on them is stale."""

import signal

from playwright.sync_api import Browser, Page, expect

from e2e.conftest import Opens
from e2e.pages.activity import ActivityPage
from e2e.pages.frame import Frame
from e2e.pages.schedules import SchedulesPage
from e2e.pages.tasks import TaskListPage, TaskPage
from e2e.pages.users import UsersPage
from e2e.support.accounts import make_account, session_of
from e2e.support.tasks import submit, wait_until_known, wait_until_succeeded
from tests.support.whole import RotaServer

RECONNECT_MS = 120_000
SCHEDULE = {"name": "Made meanwhile", "cron": "0 2 * * *", "function": "multiply", "args": {"a": 1, "b": 2}}
PLACES = ("/", "/tasks", "/queues", "/queues/default", "/workers", "/pools", "/schedules", "/activity", "/users", "/system", "/settings")  # fmt: skip


def test_open_pages_recover_from_a_killed_server(own_rota: RotaServer, browser: Browser, open_page: Opens) -> None:
    waits = submit(own_rota, "multiply", "Much later", args={"a": 1, "b": 2}, runAt="2035-01-01T00:00:00Z")
    first = open_page(own_rota, session_of(browser, own_rota))
    pages = {path: first.context.new_page() for path in (*PLACES, f"/tasks/{waits}")}
    for path, page in pages.items():
        page.goto(path)
        Frame(page).expect_live()
        page.evaluate("() => { window.wasNotReloaded = true; }")
    own_rota.stop(signal.SIGKILL)
    for page in pages.values():
        expect(Frame(page).live).to_have_text("Reconnecting")

    own_rota.start()
    wait_until_known(own_rota, "multiply")
    # Some of this is done before they are back, some after: either must be seen.
    wait_until_succeeded(own_rota, submit(own_rota, "multiply", "After the fall", args={"a": 6, "b": 7}))
    account = make_account(own_rota, "later", "CLIENT")
    with own_rota.client() as client:
        made = client.call(
            "mutation ($i: ScheduleInput!) { createSchedule(input: $i) { errors { message } } }", i=SCHEDULE
        )
        assert made["createSchedule"]["errors"] == []
        client.call("mutation ($id: ID!) { cancelTask(id: $id) { errors { message } } }", id=waits)
        client.call('mutation { pauseQueue(name: "default") { errors { message } } }')
    for page in pages.values():
        expect(Frame(page).live).to_have_text("Live", timeout=RECONNECT_MS)

    expect(pages["/"].get_by_role("link", name="Succeeded")).to_contain_text("1")
    expect(pages["/"].get_by_role("region", name="Queue default")).to_contain_text("Paused")
    expect(pages["/queues"].get_by_role("region", name="Queue default")).to_contain_text("Paused")
    expect(pages["/queues/default"].get_by_role("heading", level=1)).to_contain_text("Paused")
    expect(pages["/workers"].get_by_role("region", name="Worker ").filter(has_text="Online")).to_have_count(1)
    expect(pages["/pools"].get_by_role("region", name="Pool default")).to_contain_text("1 of 1 desired worker")
    expect(SchedulesPage(pages["/schedules"]).row("Made meanwhile")).to_be_visible()
    expect(UsersPage(pages["/users"]).row(account)).to_be_visible()
    expect(pages["/system"].get_by_text("Every part is as it should be.")).to_be_visible()
    expect(pages["/settings"].get_by_text("commands on this machine")).to_be_visible()
    TaskPage(pages[f"/tasks/{waits}"]).expect_status("Cancelled")
    succeeded_is_listed(pages["/tasks"], "After the fall")
    paused_is_told(pages["/activity"])
    for page in pages.values():
        assert page.evaluate("() => window.wasNotReloaded === true")


def succeeded_is_listed(page: Page, title: str) -> None:
    listed = TaskListPage(page)
    row = listed.row(title)
    expect(row.or_(page.get_by_role("button", name="1 new"))).to_be_visible()
    if not row.is_visible():
        listed.show_new()
    expect(row).to_contain_text("Succeeded")


def paused_is_told(page: Page) -> None:
    entry = ActivityPage(page).entry("admin paused a queue", "default")
    chip = page.get_by_role("button", name="new")
    expect(entry.or_(chip).first).to_be_visible()
    if not entry.is_visible():
        chip.click()
    expect(entry).to_be_visible()
