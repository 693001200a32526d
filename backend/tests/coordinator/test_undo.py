"""Undoing an action on many tasks: what waited waits again in its place, and nothing that has changed since is touched."""

import pytest

from rota.coordinator import bulk as loop
from rota.domain.access import Viewer
from rota.domain.bulk import KEPT_DAYS, BulkKind
from rota.domain.errors import Conflict, NotFound
from rota.domain.retention import DAY_MS
from rota.operations import bulk
from rota.operations import tasks as one_task
from rota.operations.tasks import Place
from rota.store.models import BulkAction
from tests.coordinator.test_bulk import ALL, ann, ask, done, person, statuses, sums
from tests.support.rota import Rota

__all__ = ["ann"]


async def undo(rota: Rota, viewer: Viewer, action: BulkAction) -> BulkAction:
    return await done(rota, await bulk.ask_undo(rota.platform, viewer, action.id))


async def test_what_waited_waits_again_and_what_ran_does_not(
    rota: Rota, ann: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    tasks = await rota.submit(4, by=ann)
    later = (await rota.submit(by=ann, run_at=rota.clock.now_ms() + DAY_MS))[0]
    after = (await rota.submit(by=ann, depends_on=(tasks[3].id,)))[0]
    await rota.claim(1)
    await rota.record()
    action = await done(rota, await ask(rota, ann, BulkKind.CANCEL, ALL))
    assert (sums(action), action.marked) == (("DONE", 5, 5, 0), 5)
    back = await undo(rota, ann, action)
    assert sums(back) == ("DONE", 5, 5, 0)
    assert await statuses(rota, *tasks, later, after) == [
        "CANCELLED",
        "QUEUED",
        "QUEUED",
        "QUEUED",
        "SCHEDULED",
        "BLOCKED",
    ]
    await rota.run()
    await rota.run()
    assert await statuses(rota, *tasks[1:], later, after) == [*["SUCCEEDED"] * 3, "SCHEDULED", "SUCCEEDED"]
    await rota.check_counters()
    with pytest.raises(Conflict, match="already"):
        await bulk.ask_undo(rota.platform, ann, action.id)
    with pytest.raises(Conflict, match="Only what was"):
        await bulk.ask_undo(rota.platform, ann, back.id)


async def test_what_was_cancelled_along_comes_back_too(rota: Rota, ann: Viewer) -> None:
    (first,) = await rota.submit(by=ann)
    (second,) = await rota.submit(by=ann, depends_on=(first.id,))
    (third,) = await rota.submit(by=ann, depends_on=(second.id,))
    action = await done(rota, await ask(rota, ann, BulkKind.CANCEL, [first]))
    assert action.marked == 3
    await undo(rota, ann, action)
    assert await statuses(rota, first, second, third) == ["QUEUED", "BLOCKED", "BLOCKED"]


async def test_what_could_not_have_waited_on_stays_cancelled(rota: Rota, ann: Viewer) -> None:
    (first,) = await rota.submit(by=ann)
    (second,) = await rota.submit(by=ann, depends_on=(first.id,))
    action = await done(rota, await ask(rota, ann, BulkKind.CANCEL, [second]))
    await rota.run(outcome="FAILED")
    back = await undo(rota, ann, action)
    assert sums(back) == ("DONE", 1, 0, 1)
    assert f"The task {first.id}, which it depends on, has ended as FAILED." in back.errors
    assert await statuses(rota, first, second) == ["FAILED", "CANCELLED"]


async def test_what_has_changed_since_stays(rota: Rota, ann: Viewer) -> None:
    tasks = await rota.submit(3, by=ann)
    action = await done(rota, await ask(rota, ann, BulkKind.CANCEL, tasks))
    await one_task.retry(rota.platform, ann, tasks[0].id)
    await one_task.cancel(rota.platform, ann, tasks[0].id)
    await one_task.delete(rota.platform, ann, tasks[1].id)
    assert sums(await undo(rota, ann, action)) == ("DONE", 3, 1, 2)
    assert await statuses(rota, tasks[0], tasks[2]) == ["CANCELLED", "QUEUED"]


async def test_what_was_moved_is_moved_back(rota: Rota, ann: Viewer) -> None:
    soon, far = rota.clock.now_ms() + DAY_MS, rota.clock.now_ms() + 3 * DAY_MS
    (plain,) = await rota.submit(by=ann, priority=3)
    (timed,) = await rota.submit(by=ann, priority=4, run_at=soon, deadline_at=soon + DAY_MS)
    (other,) = await rota.submit(by=ann)
    place = Place(9, far + 1, far)
    action = await done(rota, await ask(rota, ann, BulkKind.RESCHEDULE, [plain, timed, other], place))
    await one_task.reschedule(rota.platform, ann, other.id, priority=2)
    assert sums(await undo(rota, ann, action)) == ("DONE", 3, 2, 1)
    now = [await rota.task(task.id) for task in (plain, timed, other)]
    assert [(one.priority, one.deadline_at, one.run_at, one.status) for one in now] == [
        (3, None, None, "QUEUED"),
        (4, soon + DAY_MS, soon, "SCHEDULED"),
        (2, far + 1, far, "SCHEDULED"),
    ]
    await rota.run()
    assert await statuses(rota, plain, timed) == ["SUCCEEDED", "SCHEDULED"]
    await rota.check_counters()


async def test_who_may_undo_what_and_until_when(rota: Rota, ann: Viewer) -> None:
    (task,) = await rota.submit(by=ann)
    action = await ask(rota, ann, BulkKind.CANCEL, [task])
    with pytest.raises(NotFound):
        await bulk.ask_undo(rota.platform, await person(rota, "bob"), action.id)
    with pytest.raises(Conflict, match="not finished"):
        await bulk.ask_undo(rota.platform, ann, action.id)
    again = await done(rota, action)
    nothing = await done(rota, await ask(rota, ann, BulkKind.CANCEL, [task]))
    with pytest.raises(Conflict, match="nothing"):
        await bulk.ask_undo(rota.platform, ann, nothing.id)
    deleted = await done(rota, await ask(rota, ann, BulkKind.DELETE, [task]))
    with pytest.raises(Conflict, match="Only what was"):
        await bulk.ask_undo(rota.platform, ann, deleted.id)
    newest = await bulk.newest(rota.platform, ann, 2)
    assert [one.id for one in newest] == [deleted.id, nothing.id]
    assert await bulk.newest(rota.platform, await person(rota, "eve"), 5) == []
    rota.clock.ahead_ms += (KEPT_DAYS + 1) * DAY_MS
    assert await loop.prune(rota.platform) == 3
    async with rota.platform.database.read() as db:
        assert await db.rows("SELECT 1 AS one FROM bulk_marks") == []
    with pytest.raises(NotFound):
        await bulk.ask_undo(rota.platform, ann, again.id)
