"""What runs by the clock."""

import re

from playwright.sync_api import Locator, Page, expect


class SchedulesPage:
    """All schedules, and the dialog that makes or changes one."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.dialog = page.get_by_role("dialog")

    def open(self) -> "SchedulesPage":
        self.page.goto("/schedules")
        expect(self.page.get_by_role("heading", level=1, name="Schedules")).to_be_visible()
        return self

    def row(self, name: str) -> Locator:
        return self.page.get_by_role("row").filter(has=self.page.get_by_role("button", name=name, exact=True))

    def begin(self, name: str, function: str, **args: object) -> None:
        """Opens the dialog and fills in what runs."""
        self.page.get_by_role("button", name="New schedule").click()
        self.dialog.get_by_label("Name", exact=True).fill(name)
        self.dialog.get_by_label("Function").select_option(function)
        arguments = self.dialog.get_by_role("group", name="Arguments")
        for argument, value in args.items():
            arguments.get_by_role("textbox", name=re.compile(rf"^{argument}\b")).fill(str(value))

    def at(self, cron: str) -> None:
        self.dialog.get_by_label("Cron line").fill(cron)

    def save(self) -> None:
        self.dialog.get_by_role("button", name="Make the schedule").click()

    def act(self, what: str, name: str) -> None:
        """`Run now: ...`, `Pause ...` or `Resume ...`, as the button is called."""
        self.page.get_by_role("button", name=what.replace("...", name), exact=True).click()

    def delete(self, name: str) -> None:
        self.page.get_by_role("button", name=f"Actions for {name}").click()
        self.page.get_by_role("menuitem", name="Delete").click()
        self.dialog.get_by_role("button", name="Delete the schedule").click()
