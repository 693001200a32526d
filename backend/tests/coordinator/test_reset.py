"""Resetting the system: all tasks go, whatever they do; what is not a task stays; late outcomes are refused."""

import pytest

from rota.broker.client import REDIS_GONE
from rota.broker.scripts import Broker
from rota.coordinator import bulk as loop
from rota.coordinator.reconciler import Reconciler
from rota.domain.access import Role, Viewer
from rota.domain.errors import Invalid, NotAllowed
from rota.operations import bulk, queues
from rota.store import queues as queue_rows
from tests.coordinator.test_bulk import done, person, rest, sums
from tests.support.rota import Rota

WORDS = "delete all tasks"


@pytest.fixture
async def root(rota: Rota) -> Viewer:
    return await person(rota, "root", Role.CLIENT, Role.ADMIN)


async def count(rota: Rota, table: str) -> int:
    async with rota.platform.database.read() as db:
        return int((await db.rows(f"SELECT count(*) AS n FROM {table}"))[0]["n"])


async def test_all_tasks_go(rota: Rota, root: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "DELETED_AT_ONCE", 2)
    await rota.submit(3, tags=("a",))
    await rota.run(want=1)
    running = await rota.claim(1)
    (needed,) = await rota.submit(by=root)
    await rota.submit(by=root, depends_on=(needed.id,))
    await rota.submit(run_at=rota.clock.now_ms() + 60_000)
    await rota.record()
    await queues.set_paused(rota.platform, root, rota.queue, True)
    action = await bulk.reset(rota.platform, root, WORDS)
    (later,) = await rota.submit()
    action = await done(rota, action)
    assert sums(action) == ("DONE", 7, 7, 0)
    assert later.id not in [row["id"] for row in await rota.all_tasks()]
    for table in ("tasks", "attempts", "task_tags", "dependencies", "ticks", "tick_spans"):
        assert await count(rota, table) == 0
    await rota.check_counters()
    kept = {key.decode().rpartition(":")[2] for key in await rota.redis.keys(rota.key("*"))}
    assert kept <= {"journal", "epoch", "lease", "config"}
    assert await rota.broker.is_paused(rota.queue)  # nothing is paused, and nothing resumed
    # The worker knows nothing of it yet.
    assert await rota.settle(running) == [False]
    await rota.record()
    assert await rota.all_tasks() == []


async def test_work_goes_on_after_it(rota: Rota, root: Viewer) -> None:
    await rota.submit(2)
    await done(rota, await bulk.reset(rota.platform, root, WORDS))
    (task,) = await rota.submit()
    await rota.run()
    assert await rota.status(task.id) == "SUCCEEDED"
    await rota.check_counters()
    async with rota.platform.database.read() as db:
        queue = await queue_rows.get(db, rota.queue)
    assert queue is not None
    assert await Reconciler(rota.platform, rota.recorder).drop_ended(queue) == 0


async def test_a_queue_that_has_a_task_again_is_left_alone(rota: Rota) -> None:
    (task,) = await rota.submit()
    assert await rota.broker.empty(rota.queue) == 0
    assert [one.id for one in (await rota.claim()).tasks] == [task.id]


async def test_it_ends_when_redis_is_there_again(rota: Rota, root: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    await rota.submit(2)
    action = await bulk.reset(rota.platform, root, WORDS)
    await loop.turn(rota.platform, rest)

    async def is_gone(*_: object) -> int:
        raise REDIS_GONE[0]("gone")

    with monkeypatch.context() as patched:
        patched.setattr(Broker, "empty", is_gone)
        assert await loop.turn(rota.platform, rest)
        found = await bulk.visible(rota.platform, root, action.id)
        assert found is not None
        assert found.status == "RUNNING"
    assert sums(await done(rota, action)) == ("DONE", 2, 2, 0)


async def test_only_administrators_who_mean_it(rota: Rota, root: Viewer) -> None:
    with pytest.raises(NotAllowed):
        await bulk.reset(rota.platform, await person(rota, "ann"), WORDS)
    with pytest.raises(Invalid, match="delete all tasks"):
        await bulk.reset(rota.platform, root, "yes")
    (task,) = await rota.submit()
    action = await bulk.reset(rota.platform, root, WORDS)
    async with rota.platform.database.transaction() as db:
        await db.run("UPDATE users SET roles = 'CLIENT' WHERE id = $1", root.user_id)
    assert (await done(rota, action)).status == "STOPPED"
    assert await rota.status(task.id) == "QUEUED"
