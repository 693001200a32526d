"""Workers as columns, and what can be done to one."""

from playwright.sync_api import Locator, Page


class WorkersPage:
    """A column each, and below those that have ended."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.columns = page.get_by_role("region", name="Worker ")
        self.ended = page.locator("section").filter(has=page.get_by_role("heading", name="Ended in the last"))

    def column(self, name: str) -> Locator:
        return self.page.get_by_role("region", name=f"Worker {name}", exact=True)

    def places(self, name: str) -> Locator:
        return self.column(name).get_by_role("list", name="Places")

    def left(self, name: str) -> Locator:
        return self.column(name).get_by_role("list", name="Just left")

    def choose(self, name: str, what: str) -> None:
        """An action of a worker's menu."""
        self.page.get_by_role("button", name=f"Actions for {name}", exact=True).click()
        self.page.get_by_role("menuitem", name=what, exact=True).click()
