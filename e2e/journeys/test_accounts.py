"""Getting in and out."""

import secrets

from playwright.sync_api import Page, expect

from e2e.pages.frame import Frame, SignInPage
from e2e.pages.tasks import TaskListPage
from e2e.support.tasks import submit
from tests.support.whole import ADMIN, PASSWORD, RotaServer


def test_register_and_sign_out(rota: RotaServer, page: Page) -> None:
    name = f"ada.{secrets.token_hex(4)}"
    submit(rota, "multiply", "The administrator's own", args={"a": 1, "b": 1})
    frame = SignInPage(page, rota.url).register(name, "a long enough password")
    expect(frame.account).to_have_accessible_name(f"Account of {name}")
    # A client sees the own tasks only.
    frame.go("Tasks")
    expect(TaskListPage(page).row("The administrator's own")).to_have_count(0)
    expect(page.get_by_text("No tasks yet")).to_be_visible()
    frame.sign_out()
    page.goto(f"{rota.url}/tasks")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


def test_a_wrong_password_is_said_and_lets_try_again(rota: RotaServer, page: Page) -> None:
    door = SignInPage(page, rota.url)
    door.fill(ADMIN, "not the password")
    expect(page.get_by_text("Wrong name or password")).to_be_visible()
    door.sign_in(ADMIN, PASSWORD)


def test_the_address_leads_on_after_the_sign_in(rota: RotaServer, page: Page) -> None:
    page.goto(f"{rota.url}/tasks?status=failed")
    page.get_by_label("Username", exact=True).fill(ADMIN)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Tasks")).to_be_visible()
    assert page.url.endswith("/tasks?status=failed")
    expect(Frame(page).account).to_be_visible()
