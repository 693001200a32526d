"""Submitting: accepted is durable, refused says why and leaves nothing."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from rota.broker.client import connect
from rota.domain.errors import Conflict, Invalid, InvalidId, NotFound, RateLimited, RotaError, TooLarge, UnknownFunction
from rota.domain.tasks import NewTask
from rota.operations import submission as module
from rota.store import tasks as store
from rota.store.record import positions
from tests.support.broker import ids_of
from tests.support.rota import ADMIN, ALICE, ARGS, BOB, MULTIPLY, Rota, open_rota, seed, settings_for
from tests.support.servers import RedisServer


def wish(**more: Any) -> NewTask:
    return NewTask(**{"function": "multiply", "args": ARGS, **more})


async def test_a_submitted_task_is_committed_and_in_line(rota: Rota) -> None:
    (task,) = await rota.submit()
    stored = await rota.task(task.id)
    assert {name: getattr(task, name) for name in ("title", "queue", "priority", "status", "args", "max_attempts")} == {
        "title": "multiply", "queue": "default", "priority": 5, "status": "QUEUED", "args": '{"a":6,"b":7}', "max_attempts": 3,
    }  # fmt: skip
    assert {name: getattr(stored, name) for name in store.COLUMNS} == {
        name: getattr(task, name) for name in store.COLUMNS
    }
    assert ids_of(await rota.claim()) == [task.id]
    await rota.check_counters()


@pytest.mark.parametrize("count", [2, 1_000])
async def test_many_are_taken_in_order(rota: Rota, count: int) -> None:
    found = await rota.submit(count)
    assert [task.id for task in found] == sorted(task.id for task in found)
    assert len(await rota.all_tasks()) == count
    claim = await rota.claim(count)
    assert ids_of(claim) == [task.id for task in found]
    await rota.check_counters()


async def test_submits_of_a_moment_share_a_transaction(rota: Rota) -> None:
    found = await asyncio.gather(*(rota.submit() for _ in range(100)))
    assert len({task.id for (task,) in found}) == 100
    assert len(await rota.all_tasks()) == 100
    async with rota.platform.database.read() as db:
        rows = await db.rows("SELECT sum(submitted) AS n FROM ticks")
    assert rows[0]["n"] == 100


@pytest.mark.parametrize(
    ("broken", "error", "path"),
    [
        ({"args": {"a": 1}}, Invalid, ("args", "b")),
        ({"args": {"a": 1, "b": "x"}}, Invalid, ("args", "b")),
        ({"args": {"a": 1, "b": 2, "c": 3}}, Invalid, ("args", "c")),
        ({"args": {"a": 1, "b": object()}}, Invalid, ("args",)),
        ({"args": {"a": 1, "b": "x" * 300_000}}, TooLarge, ("args",)),
        ({"function": "divide"}, UnknownFunction, ("function",)),
        ({"function": None}, Invalid, ("function",)),
        ({"queue": "nowhere"}, Invalid, ("queue",)),
        ({"priority": 11}, Invalid, ("priority",)),
        ({"title": "a\0b"}, Invalid, ("title",)),
        ({"idempotency_key": "a\ud800"}, Invalid, ("idempotencyKey",)),
        ({"tags": ("ok", "\0")}, Invalid, ("tags", 1)),
        ({"depends_on": ("nonsense\0",)}, InvalidId, ("dependsOn", 0)),
        ({"depends_on": ("task_01h455vb4pex5vsknk084sn02q",)}, NotFound, ("dependsOn", 0)),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_left(
    rota: Rota, broken: dict[str, Any], error: type[RotaError], path: tuple[str | int, ...]
) -> None:
    with pytest.raises(error) as caught:
        await rota.submit(**broken)
    assert caught.value.path == path
    with pytest.raises(error) as caught:
        await rota.platform.submission.submit(ALICE.user_id, [wish(), wish(**broken)])
    assert caught.value.path == (1, *path)
    assert await rota.all_tasks() == []
    await rota.check_counters()


async def test_one_callers_bad_group_does_not_fail_another(rota: Rota) -> None:
    good, bad = await asyncio.gather(
        rota.submit(), rota.submit(depends_on=("task_01h455vb4pex5vsknk084sn02q",)), return_exceptions=True
    )
    assert isinstance(good, list)
    assert isinstance(bad, NotFound)
    assert len(await rota.all_tasks()) == 1


async def test_a_database_error_of_one_group_does_not_fail_another(rota: Rota, monkeypatch: pytest.MonkeyPatch) -> None:
    insert = store.insert

    async def refuse(db: Any, shard: str, new: Any, needs: Any) -> None:
        if any(task.title == "bad" for task in new):
            raise RuntimeError("disk full")
        await insert(db, shard, new, needs)

    monkeypatch.setattr(store, "insert", refuse)
    good, bad = await asyncio.gather(rota.submit(), rota.submit(title="bad"), return_exceptions=True)
    assert isinstance(good, list)
    assert isinstance(bad, RuntimeError)
    assert len(await rota.all_tasks()) == 1
    await rota.check_counters()


async def test_an_idempotency_key_gives_the_first_task_back(rota: Rota) -> None:
    (first,) = await rota.submit(idempotency_key="k")
    (again,) = await rota.submit(idempotency_key="k")
    assert again.id == first.id
    with pytest.raises(Conflict) as caught:
        await rota.submit(idempotency_key="k", priority=9)
    assert caught.value.path == ("idempotencyKey",)
    (other,) = await rota.submit(idempotency_key="k", by=BOB)
    assert other.id != first.id
    assert len(await rota.all_tasks()) == 2


async def test_a_key_counts_within_one_batch_and_one_moment(rota: Rota) -> None:
    pair = await rota.submit(2, idempotency_key="k")
    assert pair[0].id == pair[1].id
    moment = await asyncio.gather(*(rota.submit(idempotency_key="m") for _ in range(5)))
    assert len({task.id for (task,) in moment}) == 1
    with pytest.raises(Conflict) as caught:
        await rota.platform.submission.submit("u", [wish(idempotency_key="x"), wish(idempotency_key="x", title="y")])
    assert caught.value.path == (1, "idempotencyKey")
    assert len(await rota.all_tasks()) == 2
    await rota.check_counters()


@pytest.mark.parametrize("owner", ["user_x", None])
async def test_a_key_counts_between_two_platforms_at_once(rota: Rota, owner: str | None, tmp_path: Path) -> None:
    async with open_rota(rota.platform.settings) as other:
        submits = [
            one.platform.submission.submit(owner, [wish(idempotency_key=f"k{n}")])
            for n in range(20)
            for one in (rota, other)
        ]
        found = [tasks[0].id for tasks in await asyncio.gather(*submits)]
    assert found[::2] == found[1::2]
    assert len(await rota.all_tasks()) == 20
    await rota.check_counters()


async def test_a_task_waits_for_what_it_depends_on(rota: Rota) -> None:
    (first,) = await rota.submit()
    (second,) = await rota.submit(depends_on=(first.id, first.id))
    assert second.status == "BLOCKED"
    await rota.record()
    assert ids_of(await rota.run()) == [first.id]
    assert await rota.status(second.id) == "QUEUED"
    assert ids_of(await rota.run()) == [second.id]
    assert await rota.status(second.id) == "SUCCEEDED"
    await rota.check_counters()


async def test_what_it_depends_on_may_have_succeeded_already(rota: Rota) -> None:
    (first,) = await rota.submit()
    await rota.run()
    (second,) = await rota.submit(depends_on=(first.id,))
    assert second.status == "QUEUED"
    (later,) = await rota.submit(depends_on=(first.id,), run_at=rota.clock.now_ms() + 60_000)
    assert later.status == "SCHEDULED"
    assert ids_of(await rota.run()) == [second.id]


async def test_what_can_never_start_is_refused_or_cancelled(rota: Rota) -> None:
    (first,) = await rota.submit()
    (second,) = await rota.submit(depends_on=(first.id,))
    (third,) = await rota.submit(depends_on=(second.id,))
    await rota.run(outcome="FAILED", error={"type": "E", "message": "m"})
    assert [await rota.status(task.id) for task in (first, second, third)] == ["FAILED", "CANCELLED", "CANCELLED"]
    assert first.id in (await rota.task(second.id)).error
    assert await rota.left_over() == {}
    with pytest.raises(Invalid, match="could never start") as caught:
        await rota.submit(depends_on=(first.id,))
    assert caught.value.path == ("dependsOn", 0)
    await rota.check_counters()


async def test_anothers_task_cannot_be_depended_on(rota: Rota) -> None:
    (first,) = await rota.submit(by=ALICE)
    with pytest.raises(NotFound):
        await rota.submit(by=BOB, depends_on=(first.id,))
    (mine,) = await rota.submit(by=ADMIN, depends_on=(first.id,))
    assert mine.status == "BLOCKED"


async def test_what_is_to_start_later_waits(rota: Rota) -> None:
    run_at = rota.clock.now_ms() + 60_000
    (task,) = await rota.submit(run_at=run_at)
    assert (task.status, task.due_at, task.queued_at) == ("SCHEDULED", run_at, None)
    claim = await rota.claim()
    assert (claim.tasks, claim.next_due_at) == ([], run_at)


async def test_rows_are_told_of_only_after_the_commit(rota: Rota, monkeypatch: pytest.MonkeyPatch) -> None:
    insert, is_inserted, may_commit = store.insert, asyncio.Event(), asyncio.Event()

    async def wait(*args: Any) -> None:
        await insert(*args)
        is_inserted.set()
        await may_commit.wait()

    monkeypatch.setattr(store, "insert", wait)
    submitting = asyncio.create_task(rota.submit())
    await is_inserted.wait()
    assert await rota.announced() == []
    may_commit.set()
    (task,) = await submitting
    assert await rota.wait_announced(task.id), "nothing is recorded: it is the submit that tells"


async def test_what_waits_for_others_is_told_of_though_nothing_is_pushed(rota: Rota) -> None:
    (first,) = await rota.submit()
    (second,) = await rota.submit(depends_on=(first.id,))
    assert second.status == "BLOCKED"
    assert await rota.wait_announced(second.id)


async def test_more_than_the_database_takes_is_refused(rota: Rota, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 3)
    with pytest.raises(RateLimited):
        await rota.submit(4)
    assert len(await rota.submit(3)) == 3


async def test_without_redis_it_is_accepted_and_pushed_when_redis_is_back(
    database_url: str, own_redis: RedisServer, tmp_path: Path
) -> None:
    from rota.coordinator.reconciler import Reconciler

    async with open_rota(settings_for(database_url, own_redis.url, tmp_path)) as rota:
        own_redis.stop()
        (task,) = await rota.submit()
        assert await rota.status(task.id) == "QUEUED"
        own_redis.start()
        reconciler = Reconciler(rota.platform, rota.recorder)
        (queue,) = await reconciler._queues()
        await rota.record()
        assert await reconciler.push_missing(queue, 0) == 1
        assert await reconciler.push_missing(queue, 0) == 0
        assert ids_of(await rota.run()) == [task.id]
        assert await rota.status(task.id) == "SUCCEEDED"


async def test_what_waits_is_committed_and_pushed_before_the_end(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    settings = settings_for(database_url, redis_url, tmp_path)
    async with open_rota(settings) as rota:
        await rota.submit()
        submitting = [asyncio.create_task(rota.platform.submission.submit("u", [wish()])) for _ in range(5)]
        await asyncio.sleep(0)
    assert [len(found) for found in await asyncio.gather(*submitting)] == [1] * 5
    redis = connect(redis_url)
    assert await redis.zcard("rota:{default}:ready") == 6
    await redis.aclose()


async def test_the_catalogue_looks_again_for_what_it_does_not_know(rota: Rota) -> None:
    await rota.submit()
    await seed(rota.platform, [{**MULTIPLY, "name": "divide", "queue": "maths"}])
    (task,) = await rota.submit(function="divide")
    assert task.queue == "maths"
    async with rota.platform.database.read() as db:
        assert await positions(db) == {}
