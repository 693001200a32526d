"""What every page has, and the pages in front of it: signing in and registering."""

import re

from playwright.sync_api import Page, expect


class SignInPage:
    """What somebody sees who is not signed in."""

    def __init__(self, page: Page, url: str = "") -> None:
        self.page = page
        page.goto(f"{url}/signin")
        self.button = page.get_by_role("button", name="Sign in", exact=True)

    def fill(self, username: str, password: str) -> None:
        self.page.get_by_label("Username", exact=True).fill(username)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.button.click()

    def sign_in(self, username: str, password: str) -> "Frame":
        self.fill(username, password)
        frame = Frame(self.page)
        expect(frame.navigation).to_be_visible()
        return frame

    def register(self, username: str, password: str) -> "Frame":
        self.page.get_by_role("link", name="Register", exact=True).click()
        self.page.get_by_label("Username", exact=True).fill(username)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("main").get_by_role("button").click()
        frame = Frame(self.page)
        expect(frame.navigation).to_be_visible()
        return frame


class Frame:
    """The sidebar, the bar on top, and what stands in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.navigation = page.get_by_role("navigation", name="Main")
        self.account = page.get_by_role("button", name=re.compile("^Account of "))
        self.live = page.get_by_role("banner").get_by_role("status")

    def go(self, place: str) -> None:
        """To a place of the sidebar, by its name."""
        self.navigation.get_by_role("link", name=place, exact=True).click()
        expect(self.page.get_by_role("heading", level=1, name=re.compile(f"^{place}"))).to_be_visible()

    def sign_out(self) -> None:
        self.account.click()
        self.page.get_by_role("menuitem", name="Sign out").click()
        expect(self.page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()

    def expect_live(self) -> None:
        expect(self.live).to_have_text("Live")
