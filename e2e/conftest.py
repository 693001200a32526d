"""Fixtures of the browser tests: a whole Rota, a browser, and pages in which somebody is signed in."""

import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect

from e2e.support import firefox
from e2e.support.accounts import session_of
from e2e.support.tasks import wait_until_known
from tests.support.whole import RotaServer

# On a machine that does much else, seconds become a minute.
WAIT_MS = 120_000
# Where nobody is killed, a worker that gets no turn for some seconds is not taken for dead.
LONG_LEASE = {"ROTA_LEASE_MS": "15000"}
OPTIONS = ("--no-samples", "--target", "tests.support.gate")
WITHOUT_FIREFOX = pytest.StashKey[str | None]()


def pytest_configure(config: pytest.Config) -> None:
    """Unless told otherwise, stories run in Chromium and, where it is there, some of them in Firefox too."""
    config.stash[WITHOUT_FIREFOX] = None
    told: dict[str, Any] | None = getattr(config, "workerinput", None)
    if told is not None:
        config.option.browser = told["browsers"]
    elif not config.option.browser:
        config.stash[WITHOUT_FIREFOX] = firefox.why_not()
        config.option.browser = ["chromium"] if config.stash[WITHOUT_FIREFOX] else ["chromium", "firefox"]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tells a worker process, which does not find it out anew."""
    node.workerinput["browsers"] = node.config.option.browser


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of two browsers, Firefox takes the stories that are marked for it."""
    if len(config.option.browser) < 2:
        return
    left = [item for item in items if _is_firefoxs(item) and item.get_closest_marker("two_browsers") is None]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


def _is_firefoxs(item: pytest.Item) -> bool:
    return (
        isinstance(item, pytest.Function)
        and getattr(item, "callspec", None) is not None
        and (item.callspec.params.get("browser_name") == "firefox")
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if reason := config.stash[WITHOUT_FIREFOX]:
        terminalreporter.write_line(f"In Chromium only: {reason}.", yellow=True)


@pytest.fixture(scope="session")
def rota(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RotaServer]:
    """The Rota that all stories share."""
    server = RotaServer(tmp_path_factory.mktemp("rota"), *OPTIONS, **LONG_LEASE)
    server.start()
    wait_until_known(server, "multiply")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def steered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RotaServer]:
    """Another one, of one worker with two slots, to pause, stop and reset: others' tasks must not wait for that."""
    folder = tmp_path_factory.mktemp("steered")
    server = RotaServer(folder, *OPTIONS, "--workers", "1", "--slots", "2", **LONG_LEASE)
    server.start()
    wait_until_known(server, "wait_for_file")
    yield server
    server.stop()


@pytest.fixture
def own_rota(tmp_path: Path) -> Iterator[RotaServer]:
    """A Rota that the story alone has, to kill and start again."""
    server = RotaServer(tmp_path, *OPTIONS)
    server.start()
    wait_until_known(server, "multiply")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def base_url() -> str:
    """None for all: stories with a Rota of their own give the whole address. (The plugin's own fixture is deprecated by pytest.)"""
    return ""


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], browser_name: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    if browser_name == "firefox":
        starter = firefox.write_starter(tmp_path_factory.mktemp("firefox"))
        return {
            **browser_type_launch_args,
            "channel": "moz-firefox",
            "executable_path": starter,
            "firefox_user_prefs": firefox.PREFERENCES,
        }
    found = os.environ.get("ROTA_TEST_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
    assert found, "no browser: run `npx -y rust-just e2e`, which finds or installs one"
    # Without a sandbox, for root in a container may not make one.
    return {**browser_type_launch_args, "executable_path": found, "args": ["--no-sandbox"]}


@pytest.fixture
def new_context(new_context: Callable[..., BrowserContext], browser_name: str) -> Callable[..., BrowserContext]:
    """The plugin's own, with what Firefox needs besides."""

    def make(**options: Any) -> BrowserContext:
        context = new_context(**options)
        if browser_name == "firefox":
            context.add_init_script(firefox.TYPES)
        return context

    return make


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "en-US", "viewport": {"width": 1440, "height": 900}}


@pytest.fixture(scope="session", autouse=True)
def _patience() -> None:
    expect.set_options(timeout=WAIT_MS)


@pytest.fixture(scope="session")
def admins_session(rota: RotaServer, browser: Browser) -> StorageState:
    """The administrator's cookie, got once."""
    return session_of(browser, rota)


@pytest.fixture(scope="session")
def bosss_session(steered: RotaServer, browser: Browser) -> StorageState:
    """That of whoever steers, got once."""
    return session_of(browser, steered)


Opens = Callable[..., Page]


@pytest.fixture
def open_page(new_context: Callable[..., BrowserContext]) -> Opens:
    """Opens a browser of its own at a Rota; with a session, somebody is signed in there."""

    def open_one(server: RotaServer, session: StorageState | None = None, **options: Any) -> Page:
        context = new_context(storage_state=session, base_url=server.url, **options)
        context.set_default_timeout(WAIT_MS)
        return context.new_page()

    return open_one


@pytest.fixture
def new_page(rota: RotaServer, admins_session: StorageState, open_page: Opens) -> Opens:
    """Opens browsers of their own in which the administrator is signed in."""
    return partial(open_page, rota, admins_session)


@pytest.fixture
def admin(new_page: Opens) -> Page:
    """A browser in which the administrator is signed in."""
    return new_page()


@pytest.fixture
def boss(steered: RotaServer, bosss_session: StorageState, open_page: Opens) -> Page:
    """A browser in which the administrator of the Rota that is steered is signed in."""
    return open_page(steered, bosss_session)
