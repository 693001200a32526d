"""An administrator changes how a queue is worked off, what bounds it, and how long it keeps what has ended."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e.pages.frame import Frame
from e2e.pages.queues import QueuePage
from e2e.pages.tasks import TaskPage
from e2e.support.tasks import submit
from tests.support.whole import RotaServer


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Path]:
    """What the tasks of a story wait for; they end with it."""
    gate = tmp_path / "gate"
    yield gate
    gate.touch()


def test_a_strategy_and_a_retention_are_chosen_and_kept(boss: Page) -> None:
    queue = QueuePage(boss).open("default")
    expect(queue.strategy("By priority")).to_be_checked()
    queue.strategy("Round robin").check()
    expect(boss.get_by_text("default now goes: round robin.")).to_be_visible()
    boss.reload()
    expect(queue.strategy("Round robin")).to_be_checked()
    queue.strategy("By priority").check()
    expect(boss.get_by_text("default now goes: by priority.")).to_be_visible()

    queue.keep("never")
    expect(queue.card("Retention")).to_contain_text("A number of days, more than 0.")
    queue.keep("3")
    expect(queue.card("Retention")).to_contain_text("kept for 3 d")
    queue.card("Retention").get_by_role("button", name="As the settings say").click()
    expect(queue.card("Retention")).to_contain_text("as Rota’s settings say")


def test_a_limit_holds_back_what_is_too_much(steered: RotaServer, boss: Page, gate: Path) -> None:
    queue = QueuePage(boss).open("default")
    queue.card("Limits").get_by_role("button", name="Set a limit").click()
    queue.dialog.get_by_label("Of", exact=True).select_option(label="One function")
    queue.dialog.get_by_label("Function").select_option("wait_for_file")
    queue.dialog.get_by_label("Running at once").fill("1")
    queue.dialog.get_by_role("button", name="Set the limit").click()
    limit = queue.limit("wait_for_file")
    expect(limit).to_contain_text("1 at once")

    submit(steered, "wait_for_file", "Runs", args={"path": str(gate)})
    held = submit(steered, "wait_for_file", "Is held back", args={"path": str(gate)})
    expect(queue.card("What waits")).to_contain_text("for a limit")
    # It blocks nobody else, and says why it waits.
    other = submit(steered, "multiply", "Passes by", args={"a": 1, "b": 2})
    task = TaskPage(boss).open(other)
    task.expect_status("Succeeded")
    task.open(held)
    expect(boss.get_by_role("main")).to_contain_text("limit")

    queue.open("default")
    limit.get_by_role("button", name="Remove").click()
    queue.dialog.get_by_role("button", name="Remove the limit").click()
    expect(queue.card("Limits")).to_contain_text("No limits")
    task.open(held).expect_status("Running")


def test_a_paused_queue_starts_nothing(steered: RotaServer, boss: Page) -> None:
    Frame(boss).page.goto("/")
    card = boss.get_by_role("region", name="Queue default")
    card.get_by_role("button", name="Pause default").click()
    expect(card).to_contain_text("Paused")
    held = submit(steered, "multiply", "Waits for the queue", args={"a": 6, "b": 7})
    # The message leads to the queue.
    boss.get_by_role("link", name="See it").click()
    queue = QueuePage(boss)
    expect(queue.head).to_contain_text("Paused")
    expect(queue.card("What waits")).to_contain_text("1 ready")
    boss.get_by_role("button", name="Resume default").click()
    expect(queue.head).to_contain_text("Open")
    TaskPage(boss).open(held).expect_status("Succeeded")
