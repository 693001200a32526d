"""Lines in SQL: in the order of the journal, once, bounded, marked when late, gone with their task."""

from typing import Any

import pytest

from rota.broker.scripts import Claim
from rota.domain.lines import MOST_LINES
from rota.store import lines, record
from rota.store.lines import Page
from tests.support.rota import Rota


async def say(rota: Rota, claim: Claim, *messages: str, first: int = 1, left_out: int = 0) -> None:
    task = claim.tasks[0]
    said = [[1_000 + index, "INFO", message] for index, message in enumerate(messages)]
    entry = [task.id, task.number, str(claim.lease), first, said, left_out]
    await rota.broker.progress(rota.queue, "w1", (), [entry])


async def page_of(rota: Rota, task_id: str, after: int = 0, first: int = 2_000) -> Page:
    async with rota.platform.database.read() as db:
        return await lines.page(db, task_id, after, first)


async def messages(rota: Rota, task_id: str) -> list[str]:
    return [line.message for line in (await page_of(rota, task_id)).lines]


async def test_lines_are_recorded_in_order_and_read_in_pages(rota: Rota) -> None:
    (task,) = await rota.submit()
    claim = await rota.claim()
    await say(rota, claim, "a", "b")
    await rota.record()
    await say(rota, claim, "c", "d\0", first=3)
    await rota.record()
    page = await page_of(rota, task.id, first=3)
    assert [tuple(line) for line in page.lines] == [
        (1, 1, 1_000, "INFO", "a", False),
        (2, 1, 1_001, "INFO", "b", False),
        (3, 1, 1_000, "INFO", "c", False),
    ]
    assert page.has_next
    rest = await page_of(rota, task.id, after=3)
    assert ([line.message for line in rest.lines], rest.has_next, rest.left_out) == (["d\ufffd"], False, 0)
    assert await rota.wait_announced(task.id)


async def test_told_twice_is_recorded_once(rota: Rota) -> None:
    (task,) = await rota.submit()
    claim = await rota.claim()
    await say(rota, claim, "a", "b", left_out=1)
    await say(rota, claim, "a", "b", "c", left_out=1)  # its reply was lost, and meanwhile one more was said
    await say(rota, claim, "b", first=2, left_out=3)
    await rota.record()
    await say(rota, claim, "a", "b", "c", left_out=2)
    await rota.record()
    assert await messages(rota, task.id) == ["a", "b", "c"]
    assert (await page_of(rota, task.id)).left_out == 3


async def test_of_a_task_a_thousand_lines_are_kept(rota: Rota) -> None:
    (task,) = await rota.submit()
    claim = await rota.claim()
    await say(rota, claim, *[str(number) for number in range(MOST_LINES - 1)])
    await rota.settle(claim, outcome="FAILED", due_at=await rota.now() - 1)
    await rota.record()
    again = await rota.claim()
    await say(rota, again, "the last", "too much", "this too", left_out=5)
    await rota.record()
    page = await page_of(rota, task.id)
    assert (len(page.lines), page.lines[-1].message, page.lines[-1].number, page.left_out) == (
        MOST_LINES, "the last", 2, 7,
    )  # fmt: skip


async def test_lines_of_a_lost_lease_are_marked(rota: Rota) -> None:
    (task,) = await rota.submit()
    lost = await rota.claim()
    await say(rota, lost, "in time")
    await rota.end_leases(task.id)
    await rota.broker.sweep(rota.queue)
    again = await rota.claim(worker="w2")
    await say(rota, lost, "too late", first=2)
    await say(rota, again, "mine")
    await rota.settle(again, worker="w2")
    await say(rota, again, "after the end", first=2)
    await rota.record()
    found = (await page_of(rota, task.id)).lines
    assert [(line.message, line.number, line.is_late) for line in found] == [
        ("in time", 1, False),
        ("too late", 1, True),
        ("mine", 2, False),
        ("after the end", 2, True),
    ]
    assert await rota.status(task.id) == "SUCCEEDED"


@pytest.mark.parametrize("entry", [["INFO"], [1, "LOUD", "x"], ["x", "INFO", "x"], [1, "INFO", 5]])
async def test_what_makes_no_sense_is_left_out(rota: Rota, entry: list[Any]) -> None:
    (task,) = await rota.submit()
    claim = await rota.claim()
    one = claim.tasks[0]
    await rota.broker.progress(rota.queue, "w1", (), [[one.id, one.number, str(claim.lease), 1, [entry], 0]])
    await say(rota, claim, "fine")
    await rota.record()
    assert await messages(rota, task.id) == ["fine"]


async def test_a_batch_that_was_rolled_back_is_recorded_once(rota: Rota, monkeypatch: pytest.MonkeyPatch) -> None:
    (task,) = await rota.submit()
    claim = await rota.claim()
    await say(rota, claim, "a")

    async def fails(*_: Any) -> None:
        raise RuntimeError("the database went away")

    with monkeypatch.context() as patched:
        patched.setattr(record, "learn", fails)
        with pytest.raises(RuntimeError):
            await rota.record()
    assert await messages(rota, task.id) == []
    await rota.record()
    assert await messages(rota, task.id) == ["a"]


async def test_lines_go_with_their_task(rota: Rota) -> None:
    (task,) = await rota.submit()
    claim = await rota.claim()
    await say(rota, claim, "a")
    await rota.record()
    async with rota.platform.database.transaction() as db:
        await db.run("DELETE FROM tasks WHERE id = $1", task.id)
        assert await db.rows("SELECT 1 AS one FROM logs UNION ALL SELECT 1 FROM log_totals") == []
    await say(rota, claim, "b", first=2)
    await rota.record()  # of a task that is gone: nothing
    assert await messages(rota, task.id) == []
