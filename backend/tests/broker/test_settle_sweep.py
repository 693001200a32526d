"""Out of the worker's hands: settle, renew, sweep, drop, and the fences between them."""

import pytest
from redis.exceptions import NoScriptError

from rota.broker.scripts import Settlement
from tests.support.broker import Line, counts, held, ids_of, push, settlement


async def test_a_settled_task_leaves_nothing(line: Line) -> None:
    await line.push(push(), push(deadline_at=await line.now() + 60_000), push(number=1, used=1))
    claim = await line.claim(3)
    assert await line.settle(claim) == [True, True, True]
    assert await line.left_over() == {}
    assert counts(await line.told()) == {"pushed": 0, "claimed": 3, "settled": 3}


async def test_the_journal_keeps_a_settlement_as_it_came(line: Line) -> None:
    await line.push(push("task_a"))
    claim = await line.claim()
    await line.settle(claim, result=[1, "é", None])
    kind, (body,) = (await line.told())[-1]
    assert kind == "settled"
    assert body == {
        "id": "task_a", "number": 1, "lease": str(claim.lease), "outcome": "SUCCEEDED", "at": 5, "used": 1, "result": [1, "é", None],
    }  # fmt: skip


@pytest.mark.parametrize("wrong", ["lease", "number", "worker", "unknown"])
async def test_another_token_is_refused_and_kept_as_late(line: Line, wrong: str) -> None:
    await line.push(push("task_a"))
    claim = await line.claim()
    right = settlement(claim.tasks[0], claim.lease)
    forged = {
        "lease": right._replace(lease=right.lease + 1),
        "number": right._replace(number=2),
        "unknown": right._replace(id="task_b"),
    }.get(wrong, right)
    worker = "w2" if wrong == "worker" else "w1"
    assert await line.broker.settle(line.queue, worker, "s1", [forged]) == [False]
    assert counts(await line.told()) == {"pushed": 0, "claimed": 1, "late": 1}
    assert await line.settle(claim) == [True]


async def test_a_task_named_twice_in_a_batch_is_settled_once(line: Line) -> None:
    await line.push(push())
    claim = await line.claim()
    twice = [settlement(claim.tasks[0], claim.lease)] * 2
    assert await line.broker.settle(line.queue, "w1", "s", twice) == [True, False]
    assert counts(await line.told())["settled"] == 1


async def test_the_same_settle_id_gives_the_same_answer_again(line: Line) -> None:
    await line.push(push())
    claim = await line.claim()
    assert await line.settle(claim, settle_id="s") == [True]
    told = await line.told()
    assert await line.settle(claim, settle_id="s") == [True]
    assert await line.told() == told
    assert await line.settle(claim, settle_id="s2") == [False]


async def test_a_retry_backs_off_and_comes_again_with_its_counts(line: Line) -> None:
    deadline_at = await line.now() + 120_000
    await line.push(push("task_a", deadline_at=deadline_at))
    claim = await line.claim()
    due_at = await line.now() + 60_000
    assert await line.settle(claim, outcome="FAILED", due_at=due_at, rank=77) == [True]
    empty = await line.claim()
    assert (empty.tasks, empty.next_due_at) == ([], due_at)
    assert await line.redis.zscore(line.key("deadlines"), "task_a") == deadline_at
    await line.make_due()
    again = await line.claim()
    assert [(task.id, task.number, task.used) for task in again.tasks] == [("task_a", 2, 1)]
    assert (await line.redis.hget(line.key("running"), "task_a")).decode().split(":")[3] == "77"
    assert await line.settle(again) == [True]
    assert await line.left_over() == {}


async def test_a_release_goes_back_at_once_uses_nothing_up_and_wakes(line: Line) -> None:
    await line.push(push("task_a"))
    claim = await line.claim()
    await line.claim(1, worker="w2")
    assert await line.settle(claim, outcome="RELEASED", due_at=await line.now()) == [True]
    assert await line.wakes("w2") == [""]
    again = await line.claim(worker="w2")
    assert [(task.id, task.number, task.used) for task in again.tasks] == [("task_a", 2, 0)]


async def test_a_lease_is_renewed_by_its_holder_only(line: Line) -> None:
    await line.push(push("task_a"), push("task_b"))
    claim = await line.claim(2, lease_ms=1_000)
    before = await line.redis.zscore(line.key("leases"), "task_a")
    await line.broker.drop(line.queue, ["task_b"])
    assert await line.broker.renew(line.queue, "w1", held(claim), 60_000) == ["task_b"]
    assert await line.redis.zscore(line.key("leases"), "task_a") > before
    assert await line.redis.zscore(line.key("leases"), "task_b") is None
    assert await line.broker.renew(line.queue, "w2", held(claim), 60_000) == ["task_a", "task_b"]
    stale = [one._replace(lease=one.lease - 1) for one in held(claim)]
    assert await line.broker.renew(line.queue, "w1", stale, 60_000) == ["task_a", "task_b"]
    assert await line.broker.renew(line.queue, "w1", [], 60_000) == []


async def test_a_sweep_takes_back_ended_leases_and_nothing_else(line: Line) -> None:
    await line.push(push("task_a", rank=3), push("task_b", rank=4))
    claim = await line.claim(2)
    assert await line.broker.sweep(line.queue) == (0, 0, 0, False)
    await line.claim(1, worker="w2")
    await line.end_leases("task_a")
    assert await line.broker.sweep(line.queue) == (0, 0, 1, False)
    assert await line.wakes("w2") == [""]
    assert (await line.told())[-1] == ("lost", [["task_a", 1, str(claim.lease), "w1", 0]])
    again = await line.claim(5, worker="w2")
    assert [(task.id, task.number, task.used) for task in again.tasks] == [("task_a", 2, 0)]
    # The first worker comes back late: refused for the one, taken for the other.
    assert await line.settle(claim) == [False, True]
    assert await line.settle(again, worker="w2") == [True]
    assert await line.left_over() == {}


async def test_three_deaths_are_poison(line: Line) -> None:
    await line.push(push("task_a"))
    for death in (1, 2, 3):
        claim = await line.claim()
        assert await line.begin(claim) == [True]
        await line.end_leases()
        assert (await line.broker.sweep(line.queue)).lost == 1
        assert (await line.told())[-1][1][0][4] == int(death == 3)
    assert (await line.claim()).tasks == []
    assert await line.left_over() == {}


async def test_deaths_of_former_pushes_count(line: Line) -> None:
    await line.push(push("task_a", number=2, deaths=2))
    await line.begin(await line.claim())
    await line.end_leases()
    await line.broker.sweep(line.queue)
    assert (await line.told())[-1][1][0][4] == 1


async def test_a_death_before_it_began_is_not_its_own(line: Line) -> None:
    await line.push(push("task_a", number=2, deaths=2))
    claim = await line.claim(0)
    for _ in range(3):
        claim = await line.claim()
        assert [task.deaths for task in claim.tasks] == [2]
        await line.end_leases()
        await line.broker.sweep(line.queue)
        assert (await line.told())[-1][1][0][4] == 2
    last = await line.claim()
    assert await line.begin(claim) == [False], "that lease is over"
    assert await line.begin(last) == [True]
    await line.end_leases()
    await line.broker.sweep(line.queue)
    assert (await line.told())[-1][1][0][4] == 1
    assert await line.left_over() == {}


async def test_what_waits_to_run_alone_keeps_its_deaths_when_it_is_given_back(line: Line) -> None:
    await line.push(push("task_a", number=2, deaths=2))
    claim = await line.claim()
    assert await line.settle(claim, outcome="RELEASED", due_at=0) == [True]
    assert [task.deaths for task in (await line.claim()).tasks] == [2]


async def test_a_lost_task_keeps_its_deadline(line: Line) -> None:
    await line.push(push("task_a", deadline_at=await line.now() + 60_000))
    await line.claim()
    await line.end_leases()
    await line.broker.sweep(line.queue)
    await line.pass_deadlines()
    assert (await line.broker.sweep(line.queue)).expired == 1
    assert await line.left_over() == {}


async def test_a_sweep_promotes_and_expires_in_parts(line: Line) -> None:
    soon = await line.now() + 60_000
    await line.push(*(push(due_at=soon) for _ in range(3)), *(push(deadline_at=soon) for _ in range(3)))
    await line.claim(2, worker="idle")  # paused or not: what is ready goes to it
    await line.make_due()
    await line.pass_deadlines()
    first = await line.broker.sweep(line.queue, limit=2)
    assert (first.promoted, first.more) == (2, True)
    while (await line.broker.sweep(line.queue, limit=2)).more:
        pass
    assert counts(await line.told())["promoted"] == 3
    assert "scheduled" not in await line.left_over()
    assert "deadlines" not in await line.left_over()


async def test_dropping_tells_the_worker_and_fences_its_outcome(line: Line) -> None:
    soon = await line.now() + 60_000
    await line.push(push("task_run"), push("task_wait", 9_999, deadline_at=soon), push("task_due", due_at=soon))
    claim = await line.claim(1)
    assert await line.broker.drop(line.queue, ["task_run", "task_wait", "task_due", "task_none"]) == 3
    assert await line.broker.drop(line.queue, []) == 0
    assert await line.wakes("w1") == ['{"cancel":["task_run"]}']
    assert await line.left_over() == {}
    assert await line.settle(claim) == [False]
    assert counts(await line.told())["late"] == 1


async def test_exchange_settles_and_claims_in_one_go(line: Line) -> None:
    await line.push(push("task_a", 1), push("task_b", 2))
    flags, first = await line.broker.exchange(line.queue, "w1", None, ("c1", 1, 60_000))
    assert (flags, ids_of(first)) == ([], ["task_a"])
    done = [settlement(first.tasks[0], first.lease)]
    flags, second = await line.broker.exchange(line.queue, "w1", ("s1", done), ("c2", 1, 60_000))
    assert (flags, ids_of(second)) == ([True], ["task_b"])
    # The same ids again, as after a lost reply.
    again = await line.broker.exchange(line.queue, "w1", ("s1", done), ("c2", 1, 60_000))
    assert (again[0], again[1].tasks) == ([True], second.tasks)


async def test_exchange_teaches_a_new_redis_its_scripts(line: Line) -> None:
    await line.push(push())
    await line.redis.script_flush()
    with pytest.raises(NoScriptError):
        await line.redis.evalsha("0" * 40, 0)
    stale = [Settlement("task_x", 1, 1, b'{"id":"task_x"}')]
    flags, claim = await line.broker.exchange(line.queue, "w1", ("s", stale), ("c", 1, 60_000))
    assert (flags, len(claim.tasks)) == ([False], 1)
