"""Every page in both themes: nothing keeps people out, nothing is said in the console, and a picture to look at."""

from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from e2e.support.axe import faults
from e2e.support.tasks import submit
from tests.support.whole import RotaServer

SHOTS = Path(__file__).parents[1] / "shots"
THEMES = ("dark", "light")
OPEN = ("/signin", "/register")
SIGNED_IN = (
    *(
        "/",
        "/tasks",
        "/tasks?status=expired",
        "/submit",
        "/submit?function=prime_factors",
        "/queues",
        "/workers",
        "/pools",
    ),
    *("/queues/default", "/schedules", "/activity", "/users", "/system", "/settings", "/nowhere"),
)


@pytest.fixture(scope="module")
def task_ids(rota: RotaServer) -> dict[str, str]:
    """A task of each kind, so that no page is empty."""
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
    return path.strip("/").replace("/", "-").replace("?", "-").replace("=", "-") or "overview"


def themed(page: Page, theme: str) -> None:
    page.add_init_script(f"localStorage.setItem('rota.theme', '{theme}')")


def settled(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)
    page.evaluate("() => document.fonts.ready")


def look(page: Page, name: str, theme: str) -> list[str]:
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}-{theme}.png", animations="disabled")
    assert page.locator("html").get_attribute("data-theme") == theme
    return faults(page)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("path", OPEN)
def test_in_front_of_the_door(rota: RotaServer, page: Page, path: str, theme: str) -> None:
    said = heard(page)
    themed(page, theme)
    page.goto(f"{rota.url}{path}")
    settled(page)
    assert look(page, name_of(path), theme) == []
    assert said == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("path", SIGNED_IN)
@pytest.mark.usefixtures("task_ids")
def test_behind_it(admin: Page, path: str, theme: str) -> None:
    said = heard(admin)
    themed(admin, theme)
    admin.goto(path)

    settled(admin)
    assert look(admin, name_of(path), theme) == []
    assert said == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("kind", ["succeeded", "failed", "scheduled", "running"])
def test_a_task_of_each_kind(task_ids: dict[str, str], admin: Page, kind: str, theme: str) -> None:
    themed(admin, theme)
    admin.goto(f"/tasks/{task_ids[kind]}")
    expect(admin.get_by_role("heading", level=1).locator("..")).to_contain_text(kind.title())
    settled(admin)
    assert look(admin, f"task-{kind}", theme) == []
