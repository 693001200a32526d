"""Who did what."""

from playwright.sync_api import Locator, Page, expect


class ActivityPage:
    """The trail, the newest first."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, query: str = "") -> "ActivityPage":
        self.page.goto(f"/activity{query}")
        expect(self.page.get_by_role("heading", level=1, name="Activity")).to_be_visible()
        return self

    def entry(self, *words: str) -> Locator:
        """The newest entry that says all of it."""
        rows = self.page.get_by_role("row")
        for each in words:
            rows = rows.filter(has_text=each)
        return rows.first

    def narrow(self, what: str, to: str) -> None:
        self.page.get_by_label(what, exact=True).select_option(label=to)
