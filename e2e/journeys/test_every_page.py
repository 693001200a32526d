"""Every page in both themes, as each role: nothing keeps people out, nothing is said in the console, and a picture to look at."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from e2e.conftest import Opens
from e2e.support.accounts import make_account, session_of
from e2e.support.axe import faults
from e2e.support.tasks import submit
from tests.support.whole import RotaServer

SCHEDULE = "mutation ($i: ScheduleInput!) { createSchedule(input: $i) { schedule { id } errors { message } } }"
RUN = "mutation ($id: ID!) { runScheduleNow(id: $id) { errors { message } } }"
NIGHTLY = {"name": "Nightly sums", "cron": "0 2 * * *", "function": "multiply", "args": {"a": 6, "b": 7}}
ENDLESS = {**NIGHTLY, "name": "W" * 100}
SHOTS = Path(__file__).parents[1] / "shots"
THEMES = ("dark", "light")
OPEN = ("/signin", "/register")
EVERYBODYS = ("/", "/queues", "/queues/default", "/workers", "/activity", "/system", "/settings", "/nowhere")
CLIENTS = (
    *("/tasks", "/tasks?status=expired", "/schedules"),
    *("/submit", "/submit?function=prime_factors", "/submit?function=multiply&many"),
)
ADMINS = ("/pools", "/users")


@pytest.fixture(scope="module")
def task_ids(rota: RotaServer) -> dict[str, str]:
    """A task of each kind and a schedule that has run, so that no page is empty."""
    with rota.client() as client:
        made = client.call(SCHEDULE, i=NIGHTLY)["createSchedule"]
        client.call(RUN, id=made["schedule"]["id"])
        client.call(SCHEDULE, i=ENDLESS)
    return {
        "succeeded": submit(rota, "csv_summary", "Rain by city", args={"text": "city,mm\nBergen,257\nCairo,5\n"}),
        "failed": submit(rota, "flaky", "Fails for good", args={"failures": 9}, maxAttempts=2),
        "scheduled": submit(rota, "sleep", "Much later", args={"seconds": 1}, runAt="2035-01-01T00:00:00Z"),
        "running": submit(rota, "sleep", "A long nap", args={"seconds": 600}),
    }


def heard(page: Page) -> list[str]:
    """What the page says in the console from now on, as an error or a warning."""
    said: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            said.append(message.text)

    page.on("console", on_console)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def name_of(path: str) -> str:
    return path.strip("/").replace("/", "-").replace("?", "-").replace("=", "-").replace("&", "-") or "overview"


def themed(page: Page, theme: str) -> None:
    # Not on the blank page before the first, which has no storage.
    page.add_init_script(f"if (origin !== 'null') localStorage.setItem('rota.theme', '{theme}')")


def settled(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)
    page.evaluate("() => document.fonts.ready")


def look(page: Page, name: str, theme: str) -> list[str]:
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}-{theme}.png", animations="disabled")
    assert page.locator("html").get_attribute("data-theme") == theme
    return faults(page)


def is_nowhere(path: str, words: str) -> bool:
    """The browser says itself that the server has nothing there."""
    return path == "/nowhere" and "404 (Not Found)" in words


def walk(page: Page, paths: tuple[str, ...], theme: str, prefix: str = "") -> dict[str, list[str]]:
    """What is wrong with each of the pages; a picture of each."""
    said = heard(page)
    themed(page, theme)
    wrong: dict[str, list[str]] = {}
    for path in paths:
        page.goto(path)
        settled(page)
        found = [*(words for words in said if not is_nowhere(path, words)), *look(page, prefix + name_of(path), theme)]
        # A picture is taken with a style that the page's own rules refuse in Firefox: what is said of that is not the page's.
        said.clear()
        if found:
            wrong[path] = found
    return wrong


@pytest.mark.parametrize("theme", THEMES)
def test_in_front_of_the_door(rota: RotaServer, open_page: Opens, theme: str) -> None:
    assert walk(open_page(rota), OPEN, theme) == {}


@pytest.mark.parametrize("theme", THEMES)
def test_as_an_administrator(task_ids: dict[str, str], admin: Page, theme: str) -> None:
    assert walk(admin, (*EVERYBODYS, *CLIENTS, *ADMINS), theme) == {}
    for kind, task_id in task_ids.items():
        admin.goto(f"/tasks/{task_id}")
        expect(admin.get_by_role("heading", level=1).locator("..")).to_contain_text(kind.title())
        settled(admin)
        assert look(admin, f"task-{kind}", theme) == [], kind


def test_nothing_stands_out_of_a_narrow_screen(task_ids: dict[str, str], admin: Page) -> None:
    admin.set_viewport_size({"width": 390, "height": 844})
    tasks = [f"/tasks/{task_id}" for task_id in task_ids.values()]
    wide = {}
    for path in (*EVERYBODYS, *CLIENTS, *ADMINS, *tasks):
        admin.goto(path)
        settled(admin)
        if (width := admin.evaluate("() => document.documentElement.scrollWidth")) > 390:
            wide[path] = width
    assert wide == {}


@pytest.mark.parametrize(
    ("role", "theirs", "not_theirs"), [("CLIENT", CLIENTS, ADMINS), ("WORKER", (), ("/tasks", "/pools"))]
)
def test_as_others(
    rota: RotaServer,
    browser: Browser,
    open_page: Opens,
    role: str,
    theirs: tuple[str, ...],
    not_theirs: tuple[str, ...],
) -> None:
    page = open_page(rota, session_of(browser, rota, make_account(rota, role.lower(), role)))
    assert walk(page, (*EVERYBODYS, *theirs, *not_theirs), "dark", f"{role.lower()}-") == {}
    for path in not_theirs:
        page.goto(path)
        expect(page.get_by_role("heading", name="is not open to you")).to_be_visible()
        # Neither the way there nor what can be done there is offered.
        expect(page.get_by_role("navigation", name="Main").locator(f'a[href="{path}"]')).to_have_count(0)
    for path in ("/", "/queues", "/queues/default"):
        page.goto(path)
        settled(page)
        ways = page.get_by_role("main").locator('a[href^="/tasks"]')
        expect(ways).not_to_have_count(0) if role == "CLIENT" else expect(ways).to_have_count(0)
    expect(page.get_by_role("radio", name="By priority")).to_be_checked()
    expect(page.get_by_role("radio", name="Round robin")).to_be_disabled()
    expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)
