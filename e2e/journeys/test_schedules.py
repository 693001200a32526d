"""Two people and a schedule: one makes it, runs it, pauses and deletes it; the other sees it happen, and the trail tells it all."""

import re

from playwright.sync_api import Page, expect

from e2e.conftest import Opens
from e2e.pages.activity import ActivityPage
from e2e.pages.frame import Frame
from e2e.pages.schedules import SchedulesPage
from e2e.pages.tasks import TaskPage
from e2e.support.accounts import make_account, session_of
from tests.support.whole import RotaServer


def test_a_schedule_is_made_run_paused_and_deleted(steered: RotaServer, boss: Page, open_page: Opens) -> None:
    browser = boss.context.browser
    assert browser is not None
    other = make_account(steered, "ines", "ADMIN")
    hers = SchedulesPage(open_page(steered, session_of(browser, steered, other))).open()
    Frame(hers.page).expect_live()
    expect(hers.page.get_by_text("No schedules yet")).to_be_visible()

    mine = SchedulesPage(boss).open()
    mine.begin("Nightly sums", "multiply", a=6, b=7)
    mine.at("0 2 * *")
    mine.save()
    # What is wrong is said at its field, and the dialog stays.
    expect(mine.dialog.get_by_text(re.compile("five fields|cron", re.IGNORECASE)).first).to_be_visible()
    mine.at("0 2 * * *")
    expect(mine.dialog).to_contain_text("At 02:00 every day")
    expect(mine.dialog.get_by_role("list", name="Next runs").get_by_role("listitem")).to_have_count(5)
    mine.save()
    for seen in (mine, hers):
        expect(seen.row("Nightly sums")).to_contain_text(re.compile(r"(today|tomorrow) at \d\d:00.*in \d"))

    mine.act("Run now: ...", "Nightly sums")
    boss.get_by_role("link", name="Watch it").click()
    TaskPage(boss).expect_status("Succeeded")
    expect(TaskPage(boss).result).to_have_text("42")
    # She did nothing, and sees how it ended.
    expect(hers.row("Nightly sums").get_by_role("img", name="Last run: 1 succeeded")).to_be_visible()

    mine.open()
    mine.act("Pause ...", "Nightly sums")
    expect(hers.row("Nightly sums")).to_contain_text("not while it is paused")
    hers.act("Resume ...", "Nightly sums")
    expect(mine.row("Nightly sums")).to_contain_text("On")

    # It is changed at an address of its own, which opens it for whoever is sent there.
    mine.row("Nightly sums").get_by_role("button", name="Nightly sums", exact=True).click()
    expect(boss).to_have_url(re.compile(r"/schedules\?edit=schedule_"))
    hers.page.goto(boss.url)
    for seen in (mine, hers):
        expect(seen.dialog.get_by_label("Cron line")).to_have_value("0 2 * * *")
    hers.page.go_back()
    mine.at("30 6 * * 1")
    mine.dialog.get_by_role("button", name="Change the schedule").click()
    for seen in (mine, hers):
        expect(seen.row("Nightly sums")).to_contain_text("06:30")

    mine.delete("Nightly sums")
    for seen in (mine, hers):
        expect(seen.row("Nightly sums")).to_have_count(0)
        expect(seen.page.get_by_text("No schedules yet")).to_be_visible()

    trail = ActivityPage(boss).open("?on=multiply")
    expect(trail.entry("admin", "made a schedule")).to_contain_text("Done")
    trail.open("?what=resumeSchedule")
    expect(trail.entry(other, "resumed a schedule")).to_be_visible()
