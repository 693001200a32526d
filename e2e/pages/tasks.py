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

    def narrow(self, what: str, to: str) -> None:
        self.page.get_by_label(what, exact=True).select_option(label=to)

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
        self.timeline = page.get_by_role("figure")

    def open(self, task_id: str) -> "TaskPage":
        self.page.goto(f"/tasks/{task_id}")
        expect(self.page.get_by_role("heading", level=2, name="Timeline")).to_be_visible()
        return self

    def expect_status(self, word: str) -> None:
        expect(self.head).to_contain_text(word)

    def needs(self, title: str) -> Locator:
        """A box of the picture of what it depends on and what depends on it."""
        return self.page.get_by_role("link").filter(has_text=title).and_(self.page.locator(".graph-box"))

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


class LogPanel:
    """What a task's function says."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.lines = page.get_by_role("log")
        self.follow = page.get_by_role("switch", name="Follow")
        self.jump = page.get_by_role("button", name=re.compile("^Jump to newest"))

    def expect_newest(self, words: str) -> None:
        """The line is in sight, as far as the panel is."""
        line = self.lines.get_by_text(words, exact=True)
        expect(line).to_be_visible()
        self.lines.evaluate("element => element.scrollIntoView({ block: 'end' })")
        expect(line).to_be_in_viewport()

    def messages(self) -> list[str]:
        """As far as they are drawn: no more than some hundreds."""
        return self.lines.locator(".log-message").all_inner_texts()

    def scroll_up(self) -> None:
        self.lines.hover()
        self.page.mouse.wheel(0, -4000)

    def only(self, level: str) -> None:
        self.page.get_by_role("group", name="Level").get_by_role("button", name=re.compile(f"^{level}")).click()


class ManyPage:
    """Many tasks of a function, from a pasted table."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.text = page.get_by_role("textbox", name=re.compile("^(Comma-separated values|JSON lines)"))
        self.faults = page.get_by_role("list", name="Lines with errors").get_by_role("listitem")
        self.submit = page.get_by_role("button", name=re.compile("^Submit (further )?[0-9]"))
        self.stop = page.get_by_role("button", name="Stop", exact=True)

    def open(self, function: str) -> "ManyPage":
        self.page.goto(f"/submit?function={function}")
        self.page.get_by_role("navigation", name="How many").get_by_role("link", name="Many").click()
        expect(self.text).to_be_visible()
        return self
