"""Into line and out of it: push, claim, promotion, expiry, pausing and waking."""

import asyncio

from tests.support.broker import Line, ids_of, push


async def test_tasks_come_out_by_rank_and_then_by_age(line: Line) -> None:
    tied = [push(rank=5) for _ in range(3)]
    assert await line.push(push("task_last", 9), *reversed(tied), push("task_first", -3)) == 5
    claim = await line.claim(10)
    assert ids_of(claim) == ["task_first", *(task.id for task in tied), "task_last"]
    assert claim.tasks[0].payload == push().payload
    assert [(task.number, task.used) for task in claim.tasks] == [(1, 0)] * 5
    assert claim.ready == 0


async def test_a_task_is_pushed_once(line: Line) -> None:
    task = push()
    assert await line.push(task) == 1
    assert await line.push(task, task) == 0
    twice = push()
    assert await line.push(twice, twice) == 1
    await line.broker.drop(line.queue, [twice.id])
    assert await line.push() == 0
    claim = await line.claim(10)
    assert len(claim.tasks) == 1
    assert await line.push(task) == 0  # it runs: Redis holds it
    told = await line.told()
    assert [kind for kind, _ in told] == ["pushed", "claimed"]
    assert told[0] == ("pushed", []), "the journal begins with the first push, which it leaves to who pushed"


async def test_a_claim_takes_no_more_than_it_wants(line: Line) -> None:
    await line.push(*(push(rank=rank) for rank in range(5)))
    claim = await line.claim(2)
    assert (len(claim.tasks), claim.ready) == (2, 3)
    assert (await line.claim(0)).tasks == []
    second = await line.claim(10, worker="w2")
    assert not set(ids_of(claim)) & set(ids_of(second))
    assert second.lease > claim.lease


async def test_the_same_claim_id_gives_the_same_tasks_again(line: Line) -> None:
    await line.push(push(), push(), push())
    first = await line.claim(2, claim_id="c")
    again = await line.claim(2, claim_id="c")
    assert (again.lease, again.tasks) == (first.lease, first.tasks)
    assert len([kind for kind, _ in await line.told() if kind == "claimed"]) == 1
    # What was settled meanwhile is not given again.
    await line.broker.drop(line.queue, ids_of(first)[:1])
    assert ids_of(await line.claim(2, claim_id="c")) == ids_of(first)[1:]
    # Another worker's claim of the same id is another claim.
    assert len((await line.claim(2, worker="w2", claim_id="c")).tasks) == 1
    # A new claim id is a new claim.
    assert (await line.claim(2, claim_id="d")).tasks == []


async def test_who_asks_again_renews_what_it_does_not_know_of_yet(line: Line) -> None:
    await line.push(push("a"), push("b"))
    first = await line.claim(2, claim_id="1")
    await line.end_leases()
    await line.claim(2, claim_id="1")
    assert (await line.broker.sweep(line.queue)).lost == 0
    await line.settle_some(first, 0)
    await line.end_leases()
    assert [task.id for task in (await line.claim(2, claim_id="1")).tasks] == [first.tasks[1].id]
    assert await line.redis.zcard(line.key("leases")) == 1


async def test_a_claim_id_that_begins_like_another_is_another(line: Line) -> None:
    await line.push(push(), push())
    first = await line.claim(1, claim_id="c1")
    assert ids_of(await line.claim(1, claim_id="c")) != ids_of(first)


async def test_an_empty_claim_is_answered_alike_again(line: Line) -> None:
    await line.claim(1, claim_id="c")
    await line.push(push())
    assert (await line.claim(1, claim_id="c")).tasks == []
    assert len((await line.claim(1, claim_id="d")).tasks) == 1


async def test_what_is_due_later_waits_and_is_promoted_by_the_next_claim(line: Line) -> None:
    due_at = await line.now() + 60_000
    await line.push(push("task_later", 1, due_at=due_at), push("task_now", 2))
    claim = await line.claim(10)
    assert ids_of(claim) == ["task_now"]
    assert claim.next_due_at == due_at
    await line.make_due()
    assert ids_of(await line.claim(10)) == ["task_later"]
    assert ("promoted", ["task_later"]) in await line.told()
    assert (await line.told())[0] == ("pushed", [["task_later", due_at]])
    assert set(await line.left_over()) == {"tasks", "running", "leases"}


async def test_a_promoted_task_takes_its_place_by_rank(line: Line) -> None:
    await line.push(push("task_b", 5), push("task_a", 1, due_at=await line.now() + 60_000), push("task_c", 9))
    await line.make_due()
    assert ids_of(await line.claim(10)) == ["task_a", "task_b", "task_c"]


async def test_an_instant_that_has_passed_is_now(line: Line) -> None:
    await line.push(push("task_a", due_at=await line.now() - 1))
    assert await line.told() == [("pushed", [["task_a", -1]])]
    assert ids_of(await line.claim()) == ["task_a"]


async def test_a_deadline_that_passed_while_waiting_ends_the_task(line: Line) -> None:
    soon = await line.now() + 60_000
    await line.push(push("task_a", deadline_at=soon), push("task_b", deadline_at=soon, due_at=soon - 1), push("task_c"))
    await line.pass_deadlines()
    assert ids_of(await line.claim(10)) == ["task_c"]
    assert ("expired", ["task_a", "task_b"]) in await line.told()
    assert set(await line.left_over()) == {"tasks", "running", "leases"}


async def test_a_claim_starts_nothing_expired_however_many_there_are(line: Line) -> None:
    soon = await line.now() + 60_000
    await line.push(*(push(deadline_at=soon) for _ in range(450)))
    await line.pass_deadlines()
    claims = [await line.claim(500) for _ in range(2)]
    assert [ids_of(claim) for claim in claims] == [[], []]
    assert await line.left_over() == {}


async def test_what_expired_in_front_does_not_keep_a_worker_from_the_rest(line: Line) -> None:
    soon = await line.now() + 60_000
    good = [push(f"task_{rank}", rank) for rank in range(1, 8)]
    # Each claim sweeps 200 of them away beforehand, and looks through 200 more than it wants.
    await line.push(*(push(rank=0, deadline_at=soon) for _ in range(300)), *good)
    await line.pass_deadlines()
    assert ids_of(await line.claim(5)) == [task.id for task in good[:5]]
    assert await line.redis.hget(line.key("idle"), "w1") is None
    assert await line.wakes("w1") == []
    assert ids_of(await line.claim(5)) == [task.id for task in good[5:]]
    assert await line.redis.hget(line.key("idle"), "w1") == b"3"


async def test_a_claim_that_stops_short_of_what_is_ready_comes_again(line: Line) -> None:
    soon = await line.now() + 60_000
    await line.push(*(push(rank=0, deadline_at=soon) for _ in range(450)), push("task_z", 1))
    await line.pass_deadlines()
    assert ids_of(await line.claim(5)) == []
    assert await line.wakes("w1") == [""]
    assert ids_of(await line.claim(5)) == ["task_z"]
    assert await line.wakes("w1") == []


async def test_a_running_task_has_left_the_deadlines(line: Line) -> None:
    await line.push(push(deadline_at=await line.now() + 60_000))
    await line.claim()
    assert "deadlines" not in await line.left_over()


async def test_what_ran_before_goes_on_counting(line: Line) -> None:
    await line.push(push("task_a", number=4, used=2, deaths=1))
    claim = await line.claim()
    assert (claim.tasks[0].number, claim.tasks[0].used) == (5, 2)


async def test_a_paused_queue_gives_nothing_and_wakes_when_it_goes_on(line: Line) -> None:
    await line.broker.configure(line.queue, is_paused=True)
    assert await line.broker.is_paused(line.queue)
    await line.push(push())
    claim = await line.claim(3)
    assert (claim.tasks, claim.ready) == ([], 1)
    assert await line.wakes("w1") == []
    await line.broker.configure(line.queue, is_paused=False)
    assert await line.wakes("w1") == [""]
    assert not await line.broker.is_paused(line.queue)
    assert len((await line.claim(3)).tasks) == 1


async def test_idle_workers_are_woken_until_their_wants_cover_the_work(line: Line) -> None:
    for worker in ("w1", "w2", "w3"):
        await line.claim(2, worker=worker)
    await line.push(push(), push(), push())
    woken = [worker for worker in ("w1", "w2", "w3") if await line.wakes(worker)]
    assert len(woken) == 2
    # Who was woken is not idle any more; the third is still to be had.
    await line.push(push())
    assert [worker for worker in ("w1", "w2", "w3") if await line.wakes(worker)] == list({"w1", "w2", "w3"} - {*woken})


async def test_a_worker_that_got_all_it_wanted_is_not_woken(line: Line) -> None:
    await line.push(push())
    await line.claim(1)
    await line.push(push())
    assert await line.wakes("w1") == []


async def test_what_a_claim_promotes_and_leaves_wakes_others(line: Line) -> None:
    await line.claim(5, worker="idle")
    soon = await line.now() + 60_000
    await line.push(*(push(due_at=soon) for _ in range(3)))
    assert await line.wakes("idle") == []
    await line.make_due()
    assert len((await line.claim(1, worker="busy")).tasks) == 1
    assert await line.wakes("idle") == [""]


async def test_a_waiting_worker_is_woken_at_once(line: Line) -> None:
    await line.claim(1)
    waiting = asyncio.create_task(line.redis.blpop([line.broker.keys.wake(line.queue, "w1")], timeout=60))
    await line.push(push())
    assert (await waiting)[1] == b""


async def test_queues_are_apart(line: Line, redis_url: str) -> None:
    async with Line(redis_url, "other") as other:
        await line.push(push())
        assert (await other.claim(5)).tasks == []
        assert await other.told() == []


async def test_a_large_batch_passes_whole(line: Line) -> None:
    """Lua's limit on unpack lies at about 8,000 values."""
    tasks = [push(rank=rank) for rank in range(6_000)]
    for start in range(0, 6_000, 500):
        await line.push(*tasks[start : start + 500])
    claim = await line.claim(9_000)
    assert ids_of(claim) == [task.id for task in tasks[:4_000]]
    assert claim.ready == 2_000
    assert await line.settle(claim) == [True] * 4_000


async def test_lease_numbers_grow_even_when_redis_was_emptied(line: Line) -> None:
    await line.push(push())
    first = await line.claim()
    await line.redis.flushdb()
    await line.push(push(), push())
    second, third = await line.claim(), await line.claim()
    assert first.lease < second.lease < third.lease
    # Restored from an older copy: the stored number is old, the next is new all the same.
    await line.redis.set(line.key("lease"), first.lease - 10_000_000)
    await line.push(push())
    assert (await line.claim()).lease > third.lease
