"""What stands around every page: keys, the palette, the sheet, live or paused, colours, and rest for whoever wants no motion."""

import re
import secrets
from typing import Literal

import pytest
from playwright.sync_api import Page, StorageState, expect

from e2e.conftest import Opens
from e2e.pages.frame import Frame
from e2e.pages.tasks import TaskListPage, TaskPage
from e2e.support.clipboard import copied_by
from e2e.support.tasks import submit
from tests.support.whole import RotaServer

pytestmark = pytest.mark.two_browsers
Scheme = Literal["light", "dark"]
GROUND = "() => getComputedStyle(document.documentElement).backgroundColor"
SCHEME = "() => getComputedStyle(document.documentElement).colorScheme"


def test_all_of_it_by_keyboard(rota: RotaServer, admin: Page) -> None:
    TaskListPage(admin).open()
    frame = Frame(admin)
    frame.expect_live()
    admin.keyboard.press("?")
    sheet = admin.get_by_role("dialog", name="Keyboard")
    expect(sheet).to_contain_text("Pause live updates, or go on")
    admin.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    # And for who does not know that key.
    frame.account.click()
    admin.get_by_role("menuitem", name="Keyboard shortcuts").click()
    expect(sheet).to_contain_text(re.compile("g *t *Tasks"))
    admin.keyboard.press("Escape")
    expect(sheet).to_have_count(0)

    # Held, nothing moves; let go, it shows what it missed.
    admin.keyboard.press("l")
    expect(frame.live).to_have_text("Paused")
    held = submit(rota, "multiply", "While it was held", args={"a": 1, "b": 2})
    admin.keyboard.press("l")
    frame.expect_live()
    row = TaskListPage(admin).row("While it was held")
    chip = admin.get_by_role("button", name=re.compile(r"\d+ new$"))
    expect(row.or_(chip).first).to_be_visible()

    admin.keyboard.press("g")
    admin.keyboard.press("w")
    expect(admin.get_by_role("heading", level=1, name="Workers")).to_be_visible()

    admin.keyboard.press("Control+k")
    expect(admin.get_by_role("combobox")).to_be_focused()
    admin.keyboard.type("queue default")
    expect(admin.get_by_role("option", name="Queue default", exact=True)).to_have_attribute("aria-selected", "true")
    admin.keyboard.press("Enter")
    expect(admin.get_by_role("heading", level=1, name="default")).to_be_visible()
    admin.keyboard.press("Control+k")
    expect(admin.get_by_role("combobox")).to_be_focused()
    # The system's own, until somebody chooses.
    expect(admin.locator("html")).to_have_attribute("data-theme", "system")
    assert admin.evaluate(SCHEME) == "light"
    admin.keyboard.type("dark colours")
    admin.keyboard.press("Enter")
    expect(admin.locator("html")).to_have_attribute("data-theme", "dark")
    assert admin.evaluate(SCHEME) == "dark"

    # Some words of a title find its task, and so does the beginning of its id.
    # Each browser has its own, for they share a server.
    title = f"Heard of by {secrets.token_hex(3)}"
    wanted = submit(rota, "multiply", title, args={"a": 3, "b": 2})
    for typed in (title.lower(), wanted[:16]):
        admin.keyboard.press("Control+k")
        expect(admin.get_by_role("combobox")).to_be_focused()
        admin.keyboard.type(typed)
        option = admin.get_by_role("option", name=re.compile(f"^{title}"))
        expect(option).to_be_visible()
        admin.keyboard.press("ArrowUp")
        while option.get_attribute("aria-selected") != "true":
            admin.keyboard.press("ArrowUp")
        admin.keyboard.press("Enter")
        expect(admin.get_by_role("heading", level=1, name=title)).to_be_visible()
        frame.go("Queues")

    # An id that somebody sent leads to its task.
    admin.keyboard.press("Control+k")
    admin.keyboard.type(held)
    expect(admin.get_by_role("option", name="Open this task")).to_have_attribute("aria-selected", "true")
    admin.keyboard.press("Enter")
    expect(admin.get_by_role("heading", level=1, name="While it was held")).to_be_visible()
    assert copied_by(admin.get_by_role("main").get_by_role("button", name="Copy task_")) == held

    # Whoever wants instants reads instants, everywhere and from now on.
    frame.go("Settings")
    expect(admin.get_by_role("main").locator("time").first).to_have_text(re.compile("ago|now"))
    admin.get_by_role("radio", name="The instant").check()
    frame.go("Activity")
    expect(admin.get_by_role("main").locator("time").first).to_have_text(re.compile(r"^\d\d:\d\d:\d\d$"))


def test_the_first_visit_is_in_the_systems_colours(rota: RotaServer, open_page: Opens, browser_name: str) -> None:
    page = open_page(rota)
    # Before the page itself runs, so that nothing flashes.
    page.route("**/assets/**.js", lambda route: route.abort())
    # Firefox has the colours of its own system alone here.
    schemes: tuple[Scheme, ...] = ("light",) if browser_name == "firefox" else ("light", "dark")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        page.goto("/signin")
        assert page.evaluate(SCHEME) == scheme
        lightness = re.match(r"oklch\(([\d.]+)", page.evaluate(GROUND))
        assert lightness is not None
        assert (float(lightness[1]) > 0.5) == (scheme == "light")


def test_a_narrow_screen_that_wants_no_motion(admin: Page) -> None:
    admin.set_viewport_size({"width": 390, "height": 844})
    admin.emulate_media(reduced_motion="reduce")
    admin.goto("/")
    Frame(admin).expect_live()
    admin.get_by_role("button", name="Navigation").click()
    drawer = admin.get_by_role("dialog")
    running = "() => document.getAnimations().filter(each => each.effect.getComputedTiming().duration > 1).length"
    assert admin.evaluate(running) == 0
    drawer.get_by_role("link", name="Queues").click()
    expect(admin.get_by_role("heading", level=1, name="Queues")).to_be_visible()
    expect(drawer).to_have_count(0)
    assert admin.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("path", ["/queues/%25", "/queues/100%25b", "/tasks/%E0"])
def test_an_address_that_nobody_can_read_breaks_nothing(admin: Page, path: str) -> None:
    admin.goto(path)
    expect(admin.get_by_role("heading", level=1)).to_contain_text("There is no")
    Frame(admin).go("Queues")


def test_marking_text_in_a_dialog_does_not_close_it(admin: Page) -> None:
    admin.goto("/schedules?new=yes")
    name = admin.get_by_role("dialog").get_by_label("Name", exact=True)
    name.fill("Typed with care")
    box = name.bounding_box()
    assert box is not None
    admin.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    admin.mouse.down()
    admin.mouse.move(box["x"] - 200, box["y"], steps=4)
    admin.mouse.up()
    expect(name).to_have_value("Typed with care")
    admin.mouse.click(8, 8)
    expect(name).to_have_count(0)


def test_a_dialog_gives_the_focus_back(rota: RotaServer, admin: Page) -> None:
    waits = submit(rota, "multiply", "Focus", args={"a": 1, "b": 2}, runAt="2035-01-01T00:00:00Z")
    admin.goto(f"/tasks/{waits}")
    for name in ("Reschedule", "Cancel"):
        opener = admin.get_by_role("button", name=name, exact=True).first
        opener.focus()
        admin.keyboard.press("Enter")
        expect(admin.get_by_role("dialog")).to_be_visible()
        expect(opener).not_to_be_focused()
        admin.keyboard.press("Escape")
        expect(admin.get_by_role("dialog")).to_have_count(0)
        expect(opener).to_be_focused()


def test_by_keyboard_one_goes_on_where_what_had_the_focus_is_gone(rota: RotaServer, admin: Page) -> None:
    title = f"Goes away {secrets.token_hex(4)}"  # both browsers tell this story to one Rota
    waits = submit(rota, "multiply", title, args={"a": 1, "b": 2}, runAt="2035-01-01T00:00:00Z")
    admin.goto("/tasks")
    admin.get_by_role("link", name=title).focus()
    admin.keyboard.press("Enter")
    shown = TaskPage(admin)
    shown.expect_status("Scheduled")
    assert admin.url.endswith(waits)
    expect(admin.get_by_role("main")).to_be_focused()

    admin.get_by_role("button", name="Cancel", exact=True).first.focus()
    admin.keyboard.press("Enter")
    admin.get_by_role("dialog").get_by_role("button", name="Cancel the task").focus()
    admin.keyboard.press("Enter")
    shown.expect_status("Cancelled")
    expect(admin.get_by_role("main")).to_be_focused()
    admin.keyboard.press("Tab")
    expect(admin.get_by_role("main").locator(":focus")).to_be_visible()


def test_with_forced_colours_one_sees_which_holds(
    rota: RotaServer, open_page: Opens, admins_session: StorageState
) -> None:
    page = open_page(rota, admins_session, forced_colors="active")
    TaskListPage(page).open("?status=failed")
    ground = "element => getComputedStyle(element).backgroundColor"
    pills = page.get_by_role("group", name="Status")
    places = Frame(page).navigation
    assert pills.get_by_role("button", name="Failed").evaluate(ground) != pills.get_by_role(
        "button", name="Queued"
    ).evaluate(ground)
    assert places.get_by_role("link", name="Tasks").evaluate(ground) != places.get_by_role(
        "link", name="Queues"
    ).evaluate(ground)
