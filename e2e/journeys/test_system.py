"""How Rota is, and beginning anew."""

from playwright.sync_api import Page, expect

from e2e.pages.activity import ActivityPage
from e2e.pages.frame import Frame
from e2e.pages.tasks import TaskListPage
from e2e.support.tasks import submit
from tests.support.whole import RotaServer


def test_all_tasks_are_deleted_after_the_words_for_it(steered: RotaServer, boss: Page) -> None:
    for number in range(3):
        submit(steered, "multiply", f"To be gone {number}", args={"a": 1, "b": number})
    listed = TaskListPage(boss).open()
    expect(listed.row("To be gone 2")).to_contain_text("Succeeded")
    Frame(boss).go("System")
    for part in ("API", "Database", "Redis", "Coordinator", "Recorder", "Workers", "Live updates"):
        expect(boss.get_by_role("listitem").filter(has=boss.get_by_role("heading", name=part))).to_contain_text("Well")
    expect(boss.get_by_role("main")).to_contain_text("Recorder behind by")

    boss.get_by_role("button", name="Delete all tasks").click()
    dialog = boss.get_by_role("dialog")
    sure = dialog.get_by_role("button", name="Delete all tasks")
    dialog.get_by_role("textbox").fill("delete all")
    expect(sure).to_be_disabled()
    dialog.get_by_role("textbox").fill("delete all tasks")
    sure.click()
    expect(boss.get_by_text("tasks are deleted.")).to_be_visible()

    Frame(boss).go("Tasks")
    expect(boss.get_by_text("No tasks yet")).to_be_visible()
    # It goes on with what comes.
    submit(steered, "multiply", "The first of the new", args={"a": 6, "b": 7})
    listed.open()
    expect(listed.row("The first of the new")).to_contain_text("Succeeded")
    expect(ActivityPage(boss).open("?what=resetSystem").entry("admin reset the system")).to_contain_text("Done")
