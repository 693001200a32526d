"""The list of tasks as a table of thousands: what is in sight, what is selected, and what is done to many."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, expect

IN_SIGHT = """(rows) => {
  const top = document.querySelector("main thead").getBoundingClientRect().bottom;
  return rows.find((row) => row.getBoundingClientRect().top >= top).querySelector("a").textContent;
}"""
# A short action is over before one could look: it is noted when its bar appears.
NOTE_PROGRESS = """() => {
  window.hadProgress = false;
  const observer = new MutationObserver(() => {
    window.hadProgress ||= document.querySelector('.bulk-actions [role="progressbar"]') !== null;
  });
  observer.observe(document.body, { childList: true, subtree: true });
}"""
LONGER_THAN = "(height) => document.documentElement.scrollHeight > height"


class ManyTasksPage:
    """All tasks that match what stands in the address."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.table = page.get_by_role("table", name="Tasks")
        self.bar = page.get_by_role("region", name="Selected tasks")
        self.actions = page.get_by_role("group", name="Actions on many tasks")
        self.dialog = page.get_by_role("dialog")
        self.chip = page.get_by_role("button", name=re.compile(r"\d+ new$"))

    def open(self, query: str) -> "ManyTasksPage":
        self.page.goto(f"/tasks?{query}")
        expect(self.page.get_by_role("heading", level=1, name="Tasks")).to_be_visible()
        return self

    def row(self, title: str) -> Locator:
        return self.table.get_by_role("row").filter(has=self.page.get_by_role("link", name=title, exact=True))

    def link(self, title: str) -> Locator:
        return self.table.get_by_role("link", name=title, exact=True)

    def pick(self, title: str, **how: object) -> None:
        self.row(title).get_by_role("checkbox").click(**how)  # type: ignore[arg-type]

    def pick_loaded(self) -> None:
        """What is loaded then: as more comes, not all of it is selected any more."""
        self.table.get_by_role("checkbox", name="Select all that are loaded").click()

    def expect_selected(self, words: str) -> None:
        expect(self.bar.get_by_role("status")).to_have_text(words)

    def act(self, verb: str) -> None:
        self.bar.get_by_role("button", name=re.compile(f"^{verb}")).click()

    def confirm(self, words: str) -> None:
        self.dialog.get_by_role("button", name=words, exact=True).click()

    def expect_done(self, words: str) -> None:
        expect(self.actions.get_by_text(words, exact=True)).to_be_visible()

    @contextmanager
    def shows_progress(self) -> Iterator[None]:
        """At some moment within, a bar told how far an action was."""
        self.page.evaluate(NOTE_PROGRESS)
        yield
        self.page.wait_for_function("() => window.hadProgress")

    def scroll_on(self) -> None:
        """To the end of what is loaded, until more is."""
        height = self.page.evaluate("document.documentElement.scrollHeight")
        self.page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
        self.page.wait_for_function(LONGER_THAN, arg=height)

    def in_sight(self) -> str:
        """The title of the first row below the head."""
        title: str = self.table.locator("tbody tr:not([aria-hidden])").evaluate_all(IN_SIGHT)
        return title
