"""Accounts for the stories, and browsers in which they are signed in."""

import secrets

from playwright.sync_api import Browser, StorageState

from rota.commands.client import raise_for
from tests.support.whole import ADMIN, PASSWORD, RotaServer

LOGIN = "mutation ($input: LoginInput!) { login(input: $input) { errors { message } } }"
CREATE = "mutation ($input: UserInput!) { createUser(input: $input) { errors { message path } } }"
NEW_PASSWORD = "a long enough password"


def make_account(server: RotaServer, name: str, *roles: str) -> str:
    """The name of a new account, which nobody else has."""
    username = f"{name}.{secrets.token_hex(3)}"
    wish = {"username": username, "password": NEW_PASSWORD, "roles": list(roles)}
    with server.client() as client:
        raise_for(client.call(CREATE, input=wish)["createUser"])
    return username


def session_of(browser: Browser, server: RotaServer, username: str = ADMIN) -> StorageState:
    """The cookie of somebody who signs in; doing that by hand is a story of its own."""
    context = browser.new_context(base_url=server.url)
    password = PASSWORD if username == ADMIN else NEW_PASSWORD
    body = {"query": LOGIN, "variables": {"input": {"username": username, "password": password}}}
    answer = context.request.post("/graphql", data=body)
    assert answer.json()["data"]["login"]["errors"] == [], answer.text()
    state = context.storage_state()
    context.close()
    return state
