"""Actions on many tasks: on ids or a filter fixed at its instant, in small steps, exactly resumable, with today's rights."""

import dataclasses
from typing import Any

import pytest

from rota import ids, jsontext
from rota.coordinator import bulk as loop
from rota.domain.access import Role, Viewer
from rota.domain.bulk import KEPT_DAYS, MOST_ERRORS, MOST_IDS, MOST_UNFINISHED, BulkKind
from rota.domain.errors import Conflict, Invalid, NotAllowed
from rota.domain.retention import DAY_MS
from rota.operations import accounts, bulk
from rota.operations.tasks import Place
from rota.store import bulk as store
from rota.store import users
from rota.store.models import BulkAction, Task, User
from rota.store.selection import TaskQuery
from tests.support.rota import Rota

ALL = TaskQuery()


async def person(rota: Rota, name: str, *roles: Role) -> Viewer:
    user = User(
        id=ids.new_id(ids.USER), username=name, username_key=name, email=None, password_hash="-",
        roles=",".join(roles or (Role.CLIENT,)), created_at=1,
    )  # fmt: skip
    async with rota.platform.database.transaction() as db:
        await users.create(db, user)
    return accounts.viewer_of(user)


@pytest.fixture
async def ann(rota: Rota) -> Viewer:
    return await person(rota, "ann")


async def ask(rota: Rota, viewer: Viewer, kind: BulkKind, what: Any, place: Place | None = None) -> BulkAction:
    if isinstance(what, TaskQuery):
        wanted = what if viewer.is_admin else dataclasses.replace(what, owner_id=viewer.user_id)
        return await bulk.ask(rota.platform, viewer, kind, None, wanted, place)
    return await bulk.ask(rota.platform, viewer, kind, [getattr(one, "id", one) for one in what], None, place)


async def rest(_: float) -> None: ...


async def done(rota: Rota, action: BulkAction) -> BulkAction:
    """The action when nothing is left to do."""
    while await loop.turn(rota.platform, rest):
        pass
    async with rota.platform.database.read() as db:
        found = await store.get(db, action.id)
    assert found is not None
    return found


def sums(action: BulkAction) -> tuple[str, int | None, int, int]:
    return action.status, action.total, action.done, action.failed


async def statuses(rota: Rota, *tasks: Task) -> list[str]:
    return [await rota.status(task.id) for task in tasks]


async def test_a_filter_cancels_what_was_there(rota: Rota, ann: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    bob = await person(rota, "bob")
    (ended,) = await rota.submit(by=ann)
    await rota.run()
    hers = await rota.submit(5, by=ann)
    (his,) = await rota.submit(by=bob)
    claim = await rota.claim(1)
    await rota.record()
    action = await ask(rota, ann, BulkKind.CANCEL, ALL)
    assert sums(action) == ("RUNNING", None, 0, 0)
    rota.clock.ahead_ms += 5_000
    (later,) = await rota.submit(by=ann)
    action = await done(rota, action)
    assert sums(action) == ("DONE", 5, 5, 0)
    assert action.finished_at is not None
    assert await statuses(rota, ended, *hers, his, later) == ["SUCCEEDED", *["CANCELLED"] * 5, "QUEUED", "QUEUED"]
    assert set((await rota.broker.scan(rota.queue))[1]) == {his.id, later.id}
    assert await rota.settle(claim) == [False]
    await rota.record()
    await rota.check_counters()


async def test_it_goes_on_where_it_stopped(rota: Rota, ann: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The coordinator dies in the middle of a step: nothing is done twice, nothing is left out."""
    monkeypatch.setattr(bulk, "AT_ONCE", 3)
    tasks = await rota.submit(7, by=ann)
    action = await ask(rota, ann, BulkKind.CANCEL, tasks)
    await bulk.step(rota.platform, action.id)
    save = store.save

    async def dies(*_: Any) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(store, "save", dies)
    with pytest.raises(RuntimeError):
        await bulk.step(rota.platform, action.id)
    assert (await statuses(rota, *tasks)).count("CANCELLED") == 3
    monkeypatch.setattr(store, "save", save)
    assert sums(await done(rota, action)) == ("DONE", 7, 7, 0)
    assert await statuses(rota, *tasks) == ["CANCELLED"] * 7
    await rota.check_counters()


async def test_two_leaders_do_not_do_the_same(rota: Rota, ann: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = await rota.submit(2, by=ann)
    action = await ask(rota, ann, BulkKind.CANCEL, tasks)
    seen = await bulk.visible(rota.platform, ann, action.id)
    await done(rota, action)

    async def before(*_: Any) -> Any:
        return seen

    with monkeypatch.context() as patched:
        patched.setattr(store, "get", before)
        assert await bulk.step(rota.platform, action.id) is None
    assert sums(await done(rota, action)) == ("DONE", 2, 2, 0)


async def test_what_cannot_be_done_is_counted_with_its_reason(rota: Rota, ann: Viewer) -> None:
    (ended,) = await rota.submit(by=ann)
    await rota.run()
    (waits,) = await rota.submit(by=ann)
    foreign = (await rota.submit(by=await person(rota, "bob")))[0]
    unknown = ids.new_id(ids.TASK)
    action = await done(rota, await ask(rota, ann, BulkKind.CANCEL, [ended, waits, foreign, unknown, waits.id]))
    assert sums(action) == ("DONE", 4, 1, 3)
    errors = {one["id"]: (one["code"], one["message"]) for one in jsontext.loads(action.errors)}
    assert errors == {
        ended.id: ("CONFLICT", "The task has ended already, as SUCCEEDED."),
        foreign.id: ("NOT_FOUND", "There is no such task."),
        unknown: ("NOT_FOUND", "There is no such task."),
    }
    many = [ids.new_id(ids.TASK) for _ in range(MOST_ERRORS + 5)]
    action = await done(rota, await ask(rota, ann, BulkKind.CANCEL, many))
    assert (action.failed, len(jsontext.loads(action.errors))) == (MOST_ERRORS + 5, MOST_ERRORS)


async def test_retried_tasks_run_again(rota: Rota, ann: Viewer) -> None:
    failed = await rota.submit(3, by=ann)
    await rota.run(outcome="FAILED", error={"type": "E", "message": "m"})
    (fine,) = await rota.submit(by=ann)
    await rota.run()
    action = await done(rota, await ask(rota, ann, BulkKind.RETRY, ALL))
    assert sums(action) == ("DONE", 3, 3, 0)
    await rota.run()
    assert await statuses(rota, *failed, fine) == ["SUCCEEDED"] * 4
    await rota.check_counters()


async def test_rescheduled_tasks_get_their_place(rota: Rota, ann: Viewer) -> None:
    first, second = await rota.submit(2, by=ann, priority=1)
    (third,) = await rota.submit(by=ann, priority=5)
    action = await done(rota, await ask(rota, ann, BulkKind.RESCHEDULE, [first, second], Place(priority=9)))
    assert sums(action) == ("DONE", 2, 2, 0)
    assert [task.id for task in (await rota.claim(3)).tasks] == [first.id, second.id, third.id]
    await rota.check_counters()


async def test_only_what_ended_and_nobody_needs_is_deleted(rota: Rota, ann: Viewer) -> None:
    needed, free = await rota.submit(2, by=ann)
    await rota.run()
    (live,) = await rota.submit(by=ann, depends_on=(needed.id,))
    action = await done(rota, await ask(rota, ann, BulkKind.DELETE, [needed, free, live]))
    assert sums(action) == ("DONE", 3, 1, 2)
    reasons = {one["id"]: one["message"] for one in jsontext.loads(action.errors)}
    assert reasons == {
        needed.id: f"The task {live.id} depends on it and has not ended.",
        live.id: "Only what has ended can be deleted; this is QUEUED. Cancel it first.",
    }
    assert {row["id"] for row in await rota.all_tasks()} == {needed.id, live.id}
    await rota.run()
    assert sums(await done(rota, await ask(rota, ann, BulkKind.DELETE, ALL))) == ("DONE", 2, 2, 0)
    assert await rota.all_tasks() == []
    await rota.check_counters()


async def test_dependants_are_cancelled_once(rota: Rota, ann: Viewer) -> None:
    (first,) = await rota.submit(by=ann)
    (second,) = await rota.submit(by=ann, depends_on=(first.id,))
    (third,) = await rota.submit(by=ann, depends_on=(second.id,))
    action = await done(rota, await ask(rota, ann, BulkKind.CANCEL, [first, second, third]))
    assert sums(action) == ("DONE", 3, 3, 0)
    assert await statuses(rota, first, second, third) == ["CANCELLED"] * 3
    await rota.check_counters()


async def test_rights_are_those_of_today(rota: Rota) -> None:
    root = await person(rota, "root", Role.CLIENT, Role.ADMIN)
    (foreign,) = await rota.submit()
    (own,) = await rota.submit(by=root)
    by_filter = await ask(rota, root, BulkKind.CANCEL, ALL)
    by_ids = await ask(rota, root, BulkKind.CANCEL, [foreign])
    await _give(rota, root, "CLIENT")
    assert sums(await done(rota, by_filter)) == ("DONE", 1, 1, 0)
    assert sums(await done(rota, by_ids)) == ("DONE", 1, 0, 1)
    assert await statuses(rota, foreign, own) == ["QUEUED", "CANCELLED"]
    last = await ask(rota, root, BulkKind.CANCEL, [foreign])
    await _give(rota, root, "WORKER")
    action = await done(rota, last)
    assert (action.status, action.stopped, action.done) == (
        "STOPPED", "Who asked for it may not change tasks any more.", 0,
    )  # fmt: skip


async def _give(rota: Rota, viewer: Viewer, roles: str) -> None:
    async with rota.platform.database.transaction() as db:
        await db.run("UPDATE users SET roles = $2 WHERE id = $1", viewer.user_id, roles)


async def test_bad_wishes_are_refused(rota: Rota, ann: Viewer) -> None:
    platform = rota.platform
    one = ids.new_id(ids.TASK)
    for kind, chosen, wanted, place, words in (
        (BulkKind.CANCEL, None, None, None, "either ids or a filter"),
        (BulkKind.CANCEL, [one], ALL, None, "either ids or a filter"),
        (BulkKind.CANCEL, [], None, None, "1 to 1,000"),
        (BulkKind.CANCEL, [one] * (MOST_IDS + 1), None, None, "1 to 1,000"),
        (BulkKind.RETRY, None, TaskQuery(statuses=("QUEUED",)), None, "retry takes CANCELLED, EXPIRED, FAILED"),
        (BulkKind.RESCHEDULE, [one], None, Place(), "what is to change"),
        (BulkKind.RESCHEDULE, [one], None, Place(priority=11), "priority must be 1 to 10"),
        (BulkKind.RESCHEDULE, [one], None, Place(deadline_at=1), "passed already"),
    ):
        with pytest.raises(Invalid, match=words):
            await bulk.ask(platform, ann, kind, chosen, wanted, place)
    with pytest.raises(NotAllowed):
        await ask(rota, await person(rota, "wil", Role.WORKER), BulkKind.CANCEL, [one])


async def test_a_user_has_few_at_a_time_and_all_get_on(rota: Rota, ann: Viewer) -> None:
    actions = [await ask(rota, ann, BulkKind.CANCEL, [ids.new_id(ids.TASK)]) for _ in range(MOST_UNFINISHED)]
    with pytest.raises(Conflict, match="not finished"):
        await ask(rota, ann, BulkKind.CANCEL, ALL)
    other = await ask(rota, await person(rota, "bob"), BulkKind.CANCEL, ALL)
    for action in (*actions, other):
        assert (await done(rota, action)).status == "DONE"
    await ask(rota, ann, BulkKind.CANCEL, ALL)


async def test_what_ended_long_ago_is_forgotten(rota: Rota, ann: Viewer) -> None:
    old = await done(rota, await ask(rota, ann, BulkKind.CANCEL, ALL))
    rota.clock.ahead_ms += KEPT_DAYS * DAY_MS - 600_000
    new = await ask(rota, ann, BulkKind.CANCEL, ALL)
    assert await loop.prune(rota.platform) == 0
    rota.clock.ahead_ms += 1_200_000
    assert await loop.prune(rota.platform) == 1
    assert await bulk.visible(rota.platform, ann, old.id) is None
    assert await bulk.visible(rota.platform, ann, new.id) is not None
