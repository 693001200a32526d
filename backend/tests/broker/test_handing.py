"""A push hands the next task to a worker that does nothing, and nothing of it is lost on the way."""

from typing import Any

import pytest

from tests.support.broker import LEASE_MS, Line, ids_of, push


async def test_a_free_worker_is_handed_what_is_pushed(line: Line) -> None:
    await line.claim(4, is_free=True)
    task = push("task_a")
    assert await line.push(task) == 1
    handed = await line.handed()
    assert [(one.id, one.payload, one.number, one.used) for one in handed.claim.tasks] == [
        ("task_a", task.payload, 1, 0)
    ]
    assert handed.claim.at <= await line.now()
    assert set(await line.left_over()) == {"tasks", "running", "leases"}
    assert ("claimed", [["task_a", 1]]) in await line.told()
    assert await line.redis.zscore(line.key("leases"), "task_a") == handed.claim.at + LEASE_MS
    # It waits by name with the rest of its slots, yet is only woken: it does something.
    assert not handed.asks
    assert await line.redis.hget(line.key("idle"), "w1") == b"3"
    await line.push(push())
    assert await line.wakes("w1") == [""]
    assert await line.settle(handed.claim) == [True]


async def test_a_payload_is_handed_as_it_is(line: Line) -> None:
    await line.claim(is_free=True)
    task = push("task_a")._replace(payload=b'{"f":"echo","a":{"text":"two words\\n"}} \n ')
    await line.push(task)
    assert (await line.handed()).claim.tasks[0].payload == task.payload


async def test_who_has_no_slot_left_waits_no_longer_by_name(line: Line) -> None:
    await line.claim(1, is_free=True)
    await line.push(push())
    assert (await line.handed()).asks
    assert await line.redis.hget(line.key("idle"), "w1") is None


async def test_of_many_one_is_handed_and_the_rest_is_asked_for(line: Line) -> None:
    await line.claim(4, is_free=True)
    await line.push(push("task_b", 2), push("task_a", 1), push("task_c", 3))
    handed = await line.handed()
    assert (ids_of(handed.claim), handed.asks) == (["task_a"], True)
    assert await line.redis.hget(line.key("idle"), "w1") is None
    assert ids_of(await line.claim(3, seen=handed.claim.lease)) == ["task_b", "task_c"]


async def test_each_of_several_is_handed_one_until_all_is_covered(line: Line) -> None:
    for worker in ("w1", "w2", "w3"):
        await line.claim(1, worker=worker, is_free=True)
    await line.push(push("task_a", 1), push("task_b", 2))
    found = {worker: await line.wakes(worker) for worker in ("w1", "w2", "w3")}
    assert sorted(len(wakes) for wakes in found.values()) == [0, 1, 1]
    assert sum("task_a" in wake for wakes in found.values() for wake in wakes) == 1
    assert sum("task_b" in wake for wakes in found.values() for wake in wakes) == 1
    assert await line.redis.hlen(line.key("idle")) == 1


async def test_what_is_handed_is_the_first_by_rank_of_all_that_is_ready_by_now(line: Line) -> None:
    await line.push(push("task_due", 1, due_at=await line.now() + 60_000))
    await line.claim(3, is_free=True)
    await line.make_due()
    await line.push(push("task_new", 2))
    handed = await line.handed()
    assert (ids_of(handed.claim), handed.asks) == (["task_due"], True)
    assert ids_of(await line.claim(2, seen=handed.claim.lease)) == ["task_new"]


async def test_what_has_expired_is_not_handed(line: Line) -> None:
    soon = await line.now() + 60_000
    await line.push(push("task_late", 1, due_at=soon, deadline_at=soon))
    await line.claim(3, is_free=True)
    await line.pass_deadlines()
    await line.make_due()
    await line.push(push("task_new", 2, deadline_at=soon))
    handed = await line.handed()
    assert ids_of(handed.claim) == ["task_new"]
    assert ("expired", ["task_late"]) in await line.told()
    # Out of the deadlines while it runs, and back with it.
    assert await line.redis.zcard(line.key("deadlines")) == 0
    await line.end_leases()
    assert (await line.broker.sweep(line.queue)).lost == 1
    assert await line.redis.zscore(line.key("deadlines"), "task_new") == soon


async def test_what_expires_as_it_is_pushed_is_left_to_a_claim(line: Line) -> None:
    await line.claim(is_free=True)
    await line.push(push("task_late", deadline_at=1))
    assert await line.wakes("w1") == [""]
    assert ids_of(await line.claim()) == []
    assert await line.left_over() == {}


async def test_a_task_that_ran_before_keeps_its_numbers(line: Line) -> None:
    await line.claim(is_free=True)
    await line.push(push("task_a", number=4, used=2, deaths=1))
    handed = await line.handed()
    assert [(task.number, task.used) for task in handed.claim.tasks] == [(5, 2)]
    await line.end_leases()
    await line.broker.sweep(line.queue)
    assert await line.redis.hget(line.key("tries"), "task_a") == b"5:2:2"


@pytest.mark.parametrize("why", ["is busy", "was given something", "has not asked for long", "asked before a pause"])
async def test_nothing_is_handed_to_who(line: Line, why: str) -> None:
    if why == "was given something":
        await line.push(push())
    await line.claim(3, is_free=why != "is busy")
    if why == "has not asked for long":
        await line.redis.hset(line.key("idle"), "w1", f"3:{LEASE_MS}:{await line.now() - 1_501}")
    if why == "asked before a pause":
        await line.configure(is_paused=True)
    await line.push(push("task_next"))
    assert await line.wakes("w1") == [""]
    assert await line.redis.zscore(line.key("ready"), "task_next") is not None


@pytest.mark.parametrize("how", [{"q": "5:0:0"}, {"strategy": "ROUND_ROBIN"}])
async def test_limits_and_lanes_hand_nothing_out(line: Line, how: dict[str, Any]) -> None:
    for was_set_before in (True, False):
        if was_set_before:
            await line.configure(**how)
        await line.claim(3, is_free=True)
        await line.configure(**how)
        await line.wakes("w1")
        await line.claim(3, is_free=True)
        await line.push(push())
        assert await line.wakes("w1") == [""]
        assert await line.redis.hlen(line.key("running")) == 0
        assert len((await line.claim(3)).tasks) == 1
        await line.redis.flushdb()


async def test_a_queue_that_got_limits_since_hands_nothing_out(line: Line) -> None:
    await line.claim(3, is_free=True)
    # As between two scripts of a change: the worker is not woken yet.
    await line.redis.hset(line.key("config"), "special", "PRIORITY:1")
    await line.push(push())
    assert await line.wakes("w1") == [""]


async def test_what_was_lost_on_its_way_is_told_again_until_it_is_seen(line: Line) -> None:
    await line.claim(2, is_free=True)
    await line.push(push("task_a"))
    handed = await line.handed()
    await line.push(push("task_b", 1))
    for _ in range(2):
        await line.end_leases()
        again = await line.claim(1, seen=7)
        assert (again.was_handed, again.lease, again.tasks) == (True, handed.claim.lease, handed.claim.tasks)
        assert (await line.broker.sweep(line.queue)).lost == 0, "to ask is to renew"
    claim = await line.claim(1, seen=handed.claim.lease)
    assert (claim.was_handed, ids_of(claim)) == (False, ["task_b"])
    # Once it is seen, it is not told any more, whatever is said then.
    assert not (await line.claim(1)).was_handed
    assert [kind for kind, _ in await line.told()].count("claimed") == 2


async def test_an_answer_that_was_lost_comes_before_what_was_handed_after_it(line: Line) -> None:
    await line.claim(2, claim_id="c", is_free=True)
    await line.push(push("task_a"))
    again = await line.claim(2, claim_id="c")
    assert (again.was_handed, again.tasks) == (False, [])
    assert ids_of(await line.claim(2, claim_id="d")) == ["task_a"]


async def test_what_was_handed_and_has_ended_is_not_told_again(line: Line) -> None:
    await line.claim(2, is_free=True)
    await line.push(push("task_a"))
    handed = await line.handed()
    await line.settle(handed.claim)
    assert (await line.claim(2)).was_handed is False
    await line.claim(2, is_free=True)
    await line.push(push("task_b"))
    await line.end_leases()
    await line.broker.sweep(line.queue)
    # It is in line again, and comes by a claim, with the next number.
    claim = await line.claim(2)
    assert (claim.was_handed, [(task.id, task.number) for task in claim.tasks]) == (False, [("task_b", 2)])


async def test_who_withdraws_is_told_first_what_it_was_handed(line: Line) -> None:
    await line.claim(2, is_free=True)
    await line.push(push("task_a"))
    handed = await line.claim(0)
    assert (handed.was_handed, ids_of(handed)) == (True, ["task_a"])
    assert await line.redis.hexists(line.key("idle"), "w1")
    assert not (await line.claim(0, seen=handed.lease)).was_handed
    assert not await line.redis.hexists(line.key("idle"), "w1")


async def test_who_has_left_is_forgotten_with_what_it_was_handed(line: Line) -> None:
    await line.claim(2, is_free=True)
    await line.push(push("task_a"))
    await line.broker.forget(line.queue, "w1")
    assert not await line.redis.exists(line.key("handed"), line.broker.keys.wake(line.queue, "w1"))
    await line.end_leases()
    assert (await line.broker.sweep(line.queue)).lost == 1


async def test_a_lease_that_is_handed_is_fenced_like_any(line: Line) -> None:
    await line.claim(2, is_free=True)
    await line.push(push("task_a"))
    handed = await line.handed()
    await line.end_leases()
    await line.broker.sweep(line.queue)
    claim = await line.claim(1, worker="w2")
    assert claim.lease > handed.claim.lease
    assert await line.settle(handed.claim) == [False]
    assert await line.settle(claim, worker="w2") == [True]
