"""An account from its making to its end, as the administrator and its owner see it; the trail has all of it."""

import re
import secrets

from playwright.sync_api import Page, expect

from e2e.conftest import Opens
from e2e.pages.activity import ActivityPage
from e2e.pages.frame import SignInPage
from e2e.pages.users import OwnPassword, TokensCard, UsersPage
from e2e.support.accounts import NEW_PASSWORD
from tests.support.whole import RotaServer

OWN_PASSWORD = "another that is long enough"
# A program that listens by server-sent events, with a token alone: how it went, when its stream is over.
LISTEN = """secret => {
  window.streams ??= {};
  const state = window.streams[secret] = { isOpen: false, isOver: false };
  fetch("/graphql/stream", {
    method: "POST",
    credentials: "omit",
    headers: { "content-type": "application/json", accept: "text/event-stream", authorization: `Bearer ${secret}` },
    body: JSON.stringify({ query: "subscription { workersChanged { id } }" }),
  }).then(async response => {
    const reader = response.body.getReader();
    for (;;) {
      const { done } = await reader.read();
      if (done) break;
      state.isOpen = response.ok;
    }
  }).catch(() => undefined).finally(() => { state.isOver = true; });
}"""


def test_an_account_is_made_given_another_role_and_ended(steered: RotaServer, boss: Page, open_page: Opens) -> None:
    name = f"maya.{secrets.token_hex(3)}"
    boss.goto("/users")
    users = UsersPage(boss)
    users.make(name, NEW_PASSWORD)
    expect(users.row(name)).to_contain_text("client")

    maya = open_page(steered)
    frame = SignInPage(maya).sign_in(name, NEW_PASSWORD)
    frame.expect_live()
    expect(frame.navigation.get_by_role("link", name="Pools")).to_have_count(0)
    expect(users.row(name).get_by_role("cell").nth(4)).to_have_text("1")

    # A token is a key of its own; revoked, what listens with it is over.
    frame.go("Settings")
    tokens = TokensCard(maya)
    secret = tokens.make("listener")
    boss.evaluate(LISTEN, secret)
    boss.wait_for_function("secret => window.streams[secret].isOpen", arg=secret)
    tokens.revoke("listener")
    expect(maya.get_by_text("No tokens")).to_be_visible()
    boss.wait_for_function("secret => window.streams[secret].isOver", arg=secret)

    # A password that nobody else knows; another browser of hers is signed out by it, this one is not.
    second = open_page(steered)
    SignInPage(second).sign_in(name, NEW_PASSWORD).expect_live()
    own = OwnPassword(maya)
    own.change("not the password", OWN_PASSWORD)
    expect(maya.get_by_text("This is not your current password.")).to_be_visible()
    own.dialog.get_by_label("Current password").fill(NEW_PASSWORD)
    own.confirm()
    expect(maya.get_by_text("Your password is changed.")).to_be_visible()
    expect(second.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    SignInPage(second).sign_in(name, OWN_PASSWORD).expect_live()

    # A new password ends what is open by the old one.
    password = users.new_password(name)
    expect(maya.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    SignInPage(maya).sign_in(name, password)

    # Another role: what is open ends, and the page shows what is hers now, without being loaded anew.
    expect(frame.navigation.get_by_role("link", name="Tasks")).to_be_visible()
    maya.evaluate("() => { window.wasNotReloaded = true; }")
    users.choose(name, "Change roles")
    expect(users.dialog.get_by_label("Worker")).to_have_accessible_description(re.compile("They come next"))
    users.dialog.get_by_label("Client").uncheck()
    users.dialog.get_by_label("Worker").check()
    users.dialog.get_by_role("button", name="Change the roles").click()
    expect(users.row(name)).to_contain_text("worker")
    expect(frame.navigation.get_by_role("link", name="Tasks")).to_have_count(0)
    frame.expect_live()
    assert maya.evaluate("() => window.wasNotReloaded === true")

    users.choose(name, "Disable")
    users.dialog.get_by_role("button", name="Disable the account").click()
    expect(users.row(name)).to_contain_text("Disabled")
    expect(maya.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    door = SignInPage(maya)
    door.fill(name, password)
    expect(maya.get_by_text("This account is disabled")).to_be_visible()

    users.choose(name, "Enable")
    expect(users.row(name)).not_to_contain_text("Disabled")
    door.sign_in(name, password)
    users.choose(name, "Sign out everywhere")
    users.dialog.get_by_role("button", name="End the sessions").click()
    expect(maya.get_by_role("button", name="Sign in", exact=True)).to_be_visible()

    trail = ActivityPage(boss).open()
    expect(trail.entry("admin disabled an account", name)).to_contain_text("Done")
    expect(trail.entry(f"{name} revoked an API token")).to_be_visible()
    expect(trail.entry(f"{name} changed the own password")).to_contain_text("Done")
    # The refused sign-in names the account that it was for.
    expect(trail.entry("Somebody tried to sign in as", name)).to_contain_text("Invalid")
    trail.narrow("Who", name)
    expect(trail.entry(f"{name} made an API token")).to_contain_text("listener")
    expect(trail.entry("admin")).to_have_count(0)
    trail.narrow("How it went", "Refused")
    expect(trail.entry(f"{name} tried to change the own password")).to_contain_text("Invalid")
    trail.narrow("What", "Signed out")
    expect(boss.get_by_text("No entry matches")).to_be_visible()
