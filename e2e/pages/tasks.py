"""The list of tasks, one task, and the form that submits one."""

import re

from playwright.sync_api import Locator, Page, expect


class TaskListPage:
    """All tasks, narrowed by what stands in the address."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, query: str = "") -> "TaskListPage":
        self.page.goto(f"/tasks{query}")
        expect(self.page.get_by_role("heading", level=1, name="Tasks")).to_be_visible()
        return self

    def row(self, title: str) -> Locator:
        return self.page.get_by_role("row").filter(has=self.page.get_by_role("link", name=title, exact=True))

    def status(self, word: str) -> Locator:
        """The pill that narrows the list to one status."""
        return self.page.get_by_role("group", name="Status").get_by_role("button", name=word, exact=True)

    def show_new(self) -> None:
        """New tasks gather behind a button, so that nothing moves under the reader."""
        self.page.get_by_role("button", name=re.compile(r"\d+ new$")).click()


class TaskPage:
    """One task."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.head = page.get_by_role("heading", level=1).locator("..")
        self.arguments = page.get_by_label("Arguments", exact=True)
        self.result = page.get_by_label("Result", exact=True)

    def open(self, task_id: str) -> "TaskPage":
        self.page.goto(f"/tasks/{task_id}")
        expect(self.page.get_by_role("heading", level=2, name="Timeline")).to_be_visible()
        return self

    def expect_status(self, word: str) -> None:
        expect(self.head).to_contain_text(word)

    def act(self, action: str) -> None:
        self.page.get_by_role("button", name=action, exact=True).click()


class SubmitPage:
    """A form made from the schema of a function's arguments."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.button = page.get_by_role("button", name=re.compile("^Submit"))

    def open(self, function: str) -> "SubmitPage":
        self.page.goto(f"/submit?function={function}")
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()
        return self

    def field(self, name: str) -> Locator:
        return self.page.get_by_role("textbox", name=re.compile(rf"^{name}\b"))

    def submit(self, **args: object) -> None:
        for name, value in args.items():
            self.field(name).fill(str(value))
        self.button.click()
