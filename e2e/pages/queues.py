"""One queue and its settings."""

from playwright.sync_api import Locator, Page, expect


class QueuePage:
    """What waits in a queue, how it is worked off, and what bounds it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.head = page.get_by_role("heading", level=1)
        self.dialog = page.get_by_role("dialog")

    def open(self, name: str) -> "QueuePage":
        self.page.goto(f"/queues/{name}")
        expect(self.head).to_contain_text(name)
        return self

    def card(self, title: str) -> Locator:
        return self.page.locator("section").filter(has=self.page.get_by_role("heading", level=2, name=title))

    def strategy(self, name: str) -> Locator:
        return self.card("Strategy").get_by_role("radio", name=name)

    def limit(self, of: str) -> Locator:
        limits = self.card("Limits")
        return limits.get_by_role("row").filter(has=self.page.get_by_role("cell", name=of, exact=True))

    def keep(self, days: str) -> None:
        kept = self.card("Retention")
        kept.get_by_label("Days").fill(days)
        kept.get_by_role("button", name="Set", exact=True).click()
