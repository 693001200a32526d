"""Fixtures of the browser tests: a whole Rota, a browser, and pages in which somebody is signed in."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect

from e2e.support.tasks import wait_until_known
from tests.support.whole import ADMIN, PASSWORD, RotaServer

WAIT_MS = 60_000
LOGIN = "mutation ($input: LoginInput!) { login(input: $input) { errors { message } } }"


@pytest.fixture(scope="session")
def rota(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RotaServer]:
    """The Rota that all stories share."""
    server = RotaServer(tmp_path_factory.mktemp("rota"), "--no-samples", "--target", "tests.support.gate")
    server.start()
    wait_until_known(server, "multiply")
    yield server
    server.stop()


@pytest.fixture
def own_rota(tmp_path: Path) -> Iterator[RotaServer]:
    """A Rota that the story alone has, to kill and start again."""
    server = RotaServer(tmp_path, "--no-samples")
    server.start()
    wait_until_known(server, "multiply")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def base_url() -> str:
    """None for all: stories with a Rota of their own give the whole address. (The plugin's own fixture is deprecated by pytest.)"""
    return ""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    found = os.environ.get("ROTA_TEST_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
    assert found, "no browser: run `npx -y rust-just e2e`, which finds or installs one"
    # Without a sandbox, for root in a container may not make one.
    return {**browser_type_launch_args, "executable_path": found, "args": ["--no-sandbox"]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "en-US", "viewport": {"width": 1440, "height": 900}}


@pytest.fixture(scope="session", autouse=True)
def _patience() -> None:
    expect.set_options(timeout=WAIT_MS)


@pytest.fixture(scope="session")
def admins_session(rota: RotaServer, browser: Browser) -> StorageState:
    """The administrator's cookie, got once; signing in by hand is a story of its own."""
    context = browser.new_context(base_url=rota.url)
    body = {"query": LOGIN, "variables": {"input": {"username": ADMIN, "password": PASSWORD}}}
    answer = context.request.post("/graphql", data=body)
    assert answer.json()["data"]["login"]["errors"] == [], answer.text()
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def new_page(
    rota: RotaServer,
    admins_session: StorageState,
    new_context: Callable[..., BrowserContext],
) -> Callable[..., Page]:
    """Opens browsers of their own in which the administrator is signed in."""

    def open_one(**options: Any) -> Page:
        context = new_context(**{"storage_state": admins_session, "base_url": rota.url, **options})
        context.set_default_timeout(WAIT_MS)
        return context.new_page()

    return open_one


@pytest.fixture
def admin(new_page: Callable[..., Page]) -> Page:
    """A browser in which the administrator is signed in."""
    return new_page()
