"""An administrator steers what does the work: a worker is paused and resumed, a pool is started, sized and stopped."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e.pages.frame import Frame, SignInPage
from e2e.support.tasks import submit, wait_until_known
from tests.support.whole import ADMIN, PASSWORD, RotaServer


def test_a_worker_is_paused_and_resumed(steered: RotaServer, page: Page, tmp_path: Path) -> None:
    SignInPage(page, steered.url).sign_in(ADMIN, PASSWORD)
    Frame(page).go("Workers")
    worker = page.get_by_role("region", name="Worker worker-1")
    gate = tmp_path / "gate"
    submit(steered, "wait_for_file", "Goes through", args={"path": str(gate)})
    expect(worker.get_by_role("list", name="Places").get_by_role("link", name="Goes through")).to_be_visible()

    choose(page, "Pause")
    expect(worker).to_contain_text("Paused")
    # What runs goes on, and leaves at the top.
    gate.touch()
    expect(worker.get_by_role("list", name="Just left")).to_contain_text("Goes through")
    waits = submit(steered, "wait_for_file", "Waits for the resume", args={"path": str(gate)})
    expect(worker.get_by_role("list", name="Places")).to_have_text("freefree")
    choose(page, "Resume")
    expect(worker).to_contain_text("Online")
    left = worker.get_by_role("list", name="Just left").get_by_role("link", name="Waits for the resume")
    expect(left).to_have_attribute("href", f"/tasks/{waits}")

    steals = worker.get_by_label("Takes from others' lanes when idle")
    expect(steals).to_be_visible()
    choose(page, "Stop stealing")
    expect(steals).to_have_count(0)
    choose(page, "Steal when idle")
    expect(steals).to_be_visible()


def choose(page: Page, what: str) -> None:
    page.get_by_role("button", name="Actions for worker-1").click()
    page.get_by_role("menuitem", name=what, exact=True).click()


def test_a_pool_is_started_sized_and_stopped(steered: RotaServer, page: Page) -> None:
    SignInPage(page, steered.url).sign_in(ADMIN, PASSWORD)
    Frame(page).go("Workers")
    page.get_by_role("main").get_by_role("link", name="Pools").click()
    page.get_by_role("button", name="Start a pool").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("burst")
    dialog.get_by_label("Workers at least").fill("5")
    dialog.get_by_label("Workers at most").fill("2")
    dialog.get_by_label("default", exact=True).check()
    dialog.get_by_role("button", name="Start the pool").click()
    # What is wrong is said at its field.
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_label("Workers at least").fill("1")
    dialog.get_by_role("button", name="Start the pool").click()

    pool = page.get_by_role("region", name="Pool burst")
    expect(pool).to_contain_text(re.compile("1 of 1 desired worker"))
    expect(pool).to_contain_text("Started by admin with 1 to 2 workers.")
    pool.get_by_role("button", name="Edit burst").click()
    dialog.get_by_label("Workers at least").fill("2")
    dialog.get_by_role("button", name="Change the pool").click()
    expect(pool).to_contain_text(re.compile("2 of 2 desired workers"))
    expect(pool).to_contain_text("admin allows 2 workers.")

    pool.get_by_role("button", name="Stop burst").click()
    dialog.get_by_role("button", name="Stop the pool").click()
    expect(pool).to_contain_text("Stopped")
    expect(pool).to_contain_text(re.compile("0 of 0 desired workers"))
