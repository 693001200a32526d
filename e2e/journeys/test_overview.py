"""Somebody keeps the overview open: its numbers move by themselves, and lead to the tasks behind them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from e2e.conftest import LONG_LEASE, OPTIONS, Opens
from e2e.pages.frame import Frame, SignInPage
from e2e.support.accounts import make_account, session_of
from e2e.support.tasks import submit, wait_until_known
from tests.support.whole import ADMIN, PASSWORD, RotaServer

MARK = "() => { window.wasNotReloaded = true; }"
IS_MARKED = "() => window.wasNotReloaded === true"


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RotaServer, Path]]:
    """A Rota of one worker with one slot, which waits for a file."""
    folder = tmp_path_factory.mktemp("full")
    server = RotaServer(folder, *OPTIONS, "--workers", "1", "--slots", "1", **LONG_LEASE)
    server.start()
    wait_until_known(server, "wait_for_file")
    gate = folder / "gate"
    submit(server, "wait_for_file", "Holds the slot", args={"path": str(gate)}, priority=10)
    yield server, gate
    server.stop()


def test_the_priority_chart_is_live_and_leads_to_its_tasks(full: tuple[RotaServer, Path], page: Page) -> None:
    server, gate = full
    SignInPage(page, server.url).sign_in(ADMIN, PASSWORD)
    Frame(page).expect_live()
    page.evaluate(MARK)
    chart = page.locator("section").filter(has=page.get_by_role("heading", name="Ready tasks by priority"))
    for number in range(3):
        submit(server, "multiply", f"Waits {number}", args={"a": 1, "b": number}, priority=7)
    submit(server, "multiply", "Waits lower", args={"a": 1, "b": 9}, priority=2)
    soon = "2030-01-01T00:00:00Z"
    submit(server, "multiply", "Waits with time", args={"a": 2, "b": 9}, priority=2, deadline=soon)
    column = chart.get_by_role("link", name=re.compile("ready at priority 7"))
    expect(column).to_contain_text(re.compile(r"^3.*3 (fresh|waiting); the oldest waits \d+ (s|min)$"))
    expect(chart.get_by_role("link", name=re.compile("ready at priority 2"))).to_contain_text(re.compile("^2"))
    expect(page.get_by_text("1 of 1 slot busy, 0 free")).to_be_visible()

    chart.get_by_label("log scale").check()
    expect(page).to_have_url(re.compile("scale=log"))
    column.click()
    expect(page).to_have_url(re.compile(r"/tasks\?.*priority=7"))
    for number in range(3):
        expect(page.get_by_role("link", name=f"Waits {number}")).to_be_visible()
    expect(page.get_by_role("link", name="Waits lower")).to_have_count(0)

    page.go_back()
    expect(chart.get_by_label("log scale")).to_be_checked()
    gate.touch()
    expect(chart).to_contain_text("Nothing waits for a slot")
    failures = page.locator("section").filter(has=page.get_by_role("heading", name="Latest failures"))
    expect(failures).to_contain_text("Nothing has failed")
    wrong = submit(server, "flaky", "Goes wrong", args={"failures": 1}, maxAttempts=1)
    failures.get_by_role("link", name="Goes wrong").click()
    expect(page.get_by_label("Traceback")).to_contain_text("Flaky")
    page.go_back()
    # Somebody else has another one tried again: it leaves this list by itself, and only it.
    other = submit(server, "flaky", "Goes wrong too", args={"failures": 1}, maxAttempts=1)
    for task_id, left in ((other, ["Goes wrong"]), (wrong, [])):
        expect(failures.get_by_role("listitem")).to_have_count(len(left) + 1)
        with server.client() as client:
            client.call("mutation ($id: ID!) { retryTask(id: $id) { errors { message } } }", id=task_id)
        expect(failures.get_by_role("listitem")).to_have_count(len(left))
        for title in left:
            expect(failures).to_contain_text(title)
    assert page.evaluate(IS_MARKED)


def test_what_may_miss_its_deadline_is_told(full: tuple[RotaServer, Path], page: Page) -> None:
    server, gate = full
    gate.touch()
    SignInPage(page, server.url).sign_in(ADMIN, PASSWORD)
    chart = page.locator("section").filter(has=page.get_by_role("heading", name="Ready tasks by priority"))
    queue = page.get_by_role("region", name="Queue default")
    # In a queue that is paused nothing starts in time.
    queue.get_by_role("button", name="Pause").click()
    expect(queue).to_contain_text("Paused")
    submit(server, "multiply", "Due some day", args={"a": 4, "b": 2}, priority=3, deadline="2036-01-01T00:00:00Z")
    submit(server, "multiply", "Due never", args={"a": 5, "b": 2}, priority=3)
    column = chart.get_by_role("link", name=re.compile("ready at priority 3"))
    expect(column).to_contain_text(re.compile(r"^2.*1 at risk, 1 (fresh|waiting)"))
    expect(chart.locator(".chart-line", has_text="at risk")).to_have_text("at risk 1")
    assert column.locator("rect.part-atRisk").count() == 1
    queue.get_by_role("button", name="Resume").click()
    expect(chart).to_contain_text("Nothing waits for a slot")
    expect(column.locator("rect")).to_have_count(0)


def test_who_is_no_administrator_is_told_whose_numbers_these_are(
    full: tuple[RotaServer, Path], browser: Browser, open_page: Opens
) -> None:
    server, gate = full
    gate.touch()
    submit(server, "multiply", "Somebody else's", args={"a": 1, "b": 1})
    client = open_page(server, session_of(browser, server, make_account(server, "client", "CLIENT")))
    client.goto("/")
    expect(client.get_by_text("everybody’s tasks. Lists of tasks show your own.")).to_be_visible()
    succeeded = client.get_by_role("region", name="Tasks by status").get_by_role("link", name="Succeeded")
    expect(succeeded).to_have_attribute("title", re.compile("leads to your own of them"))
    succeeded.click()
    expect(client.get_by_text("No task matches")).to_be_visible()
    hand = open_page(server, session_of(browser, server, make_account(server, "hand", "WORKER")))
    hand.goto("/")
    expect(hand.get_by_text("these numbers count everybody’s tasks.")).to_be_visible()
    # What leads nowhere for them is no link.
    expect(hand.get_by_role("main").locator('a[href^="/tasks"]')).to_have_count(0)


def test_the_charts_keep_their_range_in_the_address(full: tuple[RotaServer, Path], page: Page) -> None:
    SignInPage(page, full[0].url).sign_in(ADMIN, PASSWORD)
    for name in ("Throughput", "Waiting time", "Run time"):
        expect(page.get_by_role("figure", name=name)).to_be_visible()
    page.get_by_role("button", name="24 h").click()
    expect(page).to_have_url(re.compile("range=24h"))
    page.reload()
    expect(page.get_by_role("button", name="24 h")).to_have_attribute("aria-pressed", "true")
    page.locator(".plot").first.hover(position={"x": 200, "y": 60})
    # One instant for all of them.
    expect(page.get_by_text(re.compile(r"^at \d\d:\d\d:\d\d$"))).to_have_count(3)
