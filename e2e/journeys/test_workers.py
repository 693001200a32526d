"""An administrator steers what does the work: a worker is paused, resumed and drained, a pool is started, sized and stopped."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from e2e.pages.frame import Frame
from e2e.pages.workers import WorkersPage
from e2e.support.tasks import submit
from tests.support.whole import RotaServer


def test_a_worker_is_paused_and_resumed(steered: RotaServer, boss: Page, tmp_path: Path) -> None:
    boss.goto("/workers")
    workers, name = WorkersPage(boss), "worker-1"
    column = workers.column(name)
    gate = tmp_path / "gate"
    submit(steered, "wait_for_file", "Goes through", args={"path": str(gate)})
    expect(workers.places(name).get_by_role("link", name="Goes through")).to_be_visible()

    workers.choose(name, "Pause")
    expect(column).to_contain_text("Paused")
    # What runs goes on, and leaves at the top.
    gate.touch()
    expect(workers.left(name)).to_contain_text("Goes through")
    waits = submit(steered, "wait_for_file", "Waits for the resume", args={"path": str(gate)})
    expect(workers.places(name)).to_have_text("freefree")
    # On a telephone free places stand beside each other.
    desk = boss.viewport_size
    assert desk is not None
    boss.set_viewport_size({"width": 390, "height": 844})
    tops = workers.places(name).get_by_role("listitem").evaluate_all("(all) => all.map((one) => one.offsetTop)")
    assert tops[0] == tops[1]
    boss.set_viewport_size(desk)
    workers.choose(name, "Resume")
    expect(column).to_contain_text("Online")
    left = workers.left(name).get_by_role("link", name="Waits for the resume")
    expect(left).to_have_attribute("href", f"/tasks/{waits}")

    steals = column.get_by_label("Takes from others' lanes when idle")
    expect(steals).to_be_visible()
    workers.choose(name, "Stop stealing")
    expect(steals).to_have_count(0)
    workers.choose(name, "Steal when idle")
    expect(steals).to_be_visible()


def test_a_pool_is_started_sized_seen_and_stopped(steered: RotaServer, boss: Page, tmp_path: Path) -> None:
    boss.goto("/workers")
    boss.get_by_role("main").get_by_role("link", name="Pools").click()
    boss.get_by_role("button", name="Start a pool").click()
    dialog = boss.get_by_role("dialog")
    dialog.get_by_label("Name").fill("burst")
    dialog.get_by_label("Workers at least").fill("5")
    dialog.get_by_label("Workers at most").fill("2")
    dialog.get_by_label("default", exact=True).check()
    dialog.get_by_role("button", name="Start the pool").click()
    # What is wrong is said at its field, which is called as it is labelled.
    wrong = "“Workers at most” must be at least “Workers at least”; 2 is less than 5."
    expect(dialog.get_by_label("Workers at most")).to_have_accessible_description(re.compile(re.escape(wrong)))
    dialog.get_by_label("Workers at least").fill("1")
    dialog.get_by_role("button", name="Start the pool").click()

    pool = boss.get_by_role("region", name="Pool burst")
    expect(pool).to_contain_text(re.compile("1 of 1 desired worker"))
    expect(pool).to_contain_text("Started by admin with 1 to 2 workers.")
    pool.get_by_role("button", name="Edit burst").click()
    dialog.get_by_label("Workers at least").fill("2")
    dialog.get_by_role("button", name="Change the pool").click()
    expect(pool).to_contain_text(re.compile("2 of 2 desired workers"))
    expect(pool).to_contain_text("admin allows 2 workers.")
    # Its chart is read at any instant: now there are two, before it was started there was none.
    figure = pool.get_by_role("figure")
    expect(figure).to_contain_text(re.compile(r"desired 2\s*there 2"))
    plot = figure.locator(".size-plot")
    box = plot.bounding_box()
    assert box is not None
    plot.hover(position={"x": box["width"] - 1, "y": 5})
    expect(figure).to_contain_text(re.compile(r"desired 2.*there \d.*at \d\d:\d\d:\d\d"))
    plot.hover(position={"x": 5, "y": 5})
    expect(figure).to_contain_text(re.compile(r"desired 0\s*there 0"))

    # They are among the workers, and one of them is drained: it ends what it runs, takes nothing new, and another comes.
    Frame(boss).go("Workers")
    workers = WorkersPage(boss)
    own = re.compile("^Worker burst")
    expect(boss.get_by_role("region", name=own)).to_have_count(2)
    gate = tmp_path / "gate"
    submit(steered, "wait_for_file", "Ends in peace", args={"path": str(gate)})
    busy = workers.columns.filter(has=boss.get_by_role("list", name="Places").get_by_role("link"))
    expect(busy).to_have_count(1)
    name = (busy.get_attribute("aria-label") or "").removeprefix("Worker ")
    workers.choose(name, "Drain and stop")
    boss.get_by_role("dialog").get_by_role("button", name="Stop the worker").click()
    expect(workers.column(name)).to_contain_text("Draining")
    gate.touch()
    expect(workers.ended).to_contain_text(name)
    Frame(boss).go("Pools")

    pool.get_by_role("button", name="Stop burst").click()
    dialog.get_by_role("button", name="Stop the pool").click()
    expect(pool).to_contain_text("Stopped")
    expect(pool).to_contain_text(re.compile("0 of 0 desired workers"))
