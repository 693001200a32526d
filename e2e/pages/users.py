"""Accounts, and the keys of programs."""

from playwright.sync_api import Locator, Page

from e2e.support.clipboard import copied_text


class UsersPage:
    """Who may sign in, and as what."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.dialog = page.get_by_role("dialog")

    def row(self, username: str) -> Locator:
        return self.page.get_by_role("row").filter(has=self.page.get_by_text(username, exact=True))

    def make(self, username: str, password: str) -> None:
        self.page.get_by_role("button", name="New account").click()
        self.dialog.get_by_label("Username").fill(username)
        self.dialog.get_by_label("Password").fill(password)
        self.dialog.get_by_role("button", name="Make the account").click()

    def choose(self, username: str, what: str) -> None:
        self.page.get_by_role("button", name=f"Actions for {username}").click()
        self.page.get_by_role("menuitem", name=what, exact=True).click()

    def new_password(self, username: str) -> str:
        """Which is shown this once."""
        self.choose(username, "Reset the password")
        self.dialog.get_by_role("button", name="Make a new password").click()
        password = copied_text(self.page, "The password")
        self.dialog.get_by_role("button", name="I have it").click()
        return password


class OwnPassword:
    """Changing one's own password, in the settings."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.dialog = page.get_by_role("dialog")

    def change(self, current: str, wanted: str) -> None:
        self.page.get_by_role("button", name="Change password").click()
        self.dialog.get_by_label("Current password").fill(current)
        self.dialog.get_by_label("New password").fill(wanted)
        self.confirm()

    def confirm(self) -> None:
        self.dialog.get_by_role("button", name="Change the password").click()


class TokensCard:
    """One's own API tokens, in the settings."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.dialog = page.get_by_role("dialog")

    def make(self, name: str) -> str:
        """The secret of a new token, which is shown this once."""
        self.page.get_by_role("button", name="New token").click()
        self.dialog.get_by_label("Name").fill(name)
        self.dialog.get_by_role("button", name="Make the token").click()
        secret = copied_text(self.page, "The token")
        self.dialog.get_by_role("button", name="I have it").click()
        return secret

    def revoke(self, name: str) -> None:
        self.page.get_by_role("button", name=f"Revoke {name}").click()
        self.dialog.get_by_role("button", name="Revoke the token").click()
