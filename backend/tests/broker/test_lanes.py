"""Lanes: dealt out by rank, given back, stolen, and left by whatever ends, moves or expires what is in them."""

import itertools

import pytest

from rota.broker.scripts import Claim
from tests.support.broker import LEASE_MS, Line, counts, ids_of, push

STRATEGIES = ["ROUND_ROBIN", "LEAST_LOADED"]
_claims = itertools.count(1)


async def take(line: Line, worker: str, want: int, *, slots: int = 4, steals: bool = False) -> Claim:
    """A claim as a worker with so many slots makes it."""
    claim_id = f"t{next(_claims)}"
    return await line.broker.claim(line.queue, worker, claim_id, want, LEASE_MS, slots=slots, is_stealing=steals)


async def crew(line: Line, strategy: str, *workers: str, slots: int = 4) -> None:
    """Workers that wait for work in a queue with this strategy."""
    await line.configure(strategy=strategy)
    for worker in workers:
        assert ids_of(await take(line, worker, slots, slots=slots)) == []


@pytest.mark.parametrize("strategy", STRATEGIES)
async def test_what_comes_is_dealt_out_and_its_workers_are_woken(line: Line, strategy: str) -> None:
    await crew(line, strategy, "w1", "w2")
    await line.push(*(push(f"task_{rank}", rank) for rank in range(4)))
    assert await line.lanes() == {"w1": ["task_0", "task_2"], "w2": ["task_1", "task_3"]}
    assert [await line.wakes("w1"), await line.wakes("w2")] == [[""], [""]]
    told = await line.told()
    assert told[-1] == ("assigned", [[f"task_{n}", f"w{n % 2 + 1}", 0] for n in range(4)])
    await line.check_places()
    assert ids_of(await take(line, "w2", 4)) == ["task_1", "task_3"]
    await line.check_places()
    assert await line.stats() == {"assigned": 4}


async def test_turns_go_on_from_one_push_to_the_next(line: Line) -> None:
    await crew(line, "ROUND_ROBIN", "w1", "w2", "w3")
    for number in range(4):
        await line.push(push(f"task_{number}", number))
    assert await line.lanes() == {"w1": ["task_0", "task_3"], "w2": ["task_1"], "w3": ["task_2"]}


async def test_the_least_loaded_for_its_slots_is_next(line: Line) -> None:
    await line.configure(strategy="LEAST_LOADED")
    await line.push(*(push(rank=rank) for rank in range(3)))
    running = await take(line, "w1", 3, slots=3)
    assert len(running.tasks) == 3
    await take(line, "w2", 1, slots=8)
    await line.push(*(push(f"task_{number}", 10 + number) for number in range(4)))
    assert await line.lanes() == {"w1": [], "w2": ["task_0", "task_1", "task_2", "task_3"]}
    await line.settle(running)
    await line.push(push("task_4", 20))
    assert (await line.lanes())["w1"] == ["task_4"]
    await line.check_places()


async def test_load_in_another_queue_does_not_count_and_who_is_idle_makes_up_for_it(line: Line, redis_url: str) -> None:
    await crew(line, "LEAST_LOADED", "w1", "w2")
    async with Line(redis_url, "other") as other:
        await other.push(*(push() for _ in range(4)))
        assert len((await other.claim(4, "w1")).tasks) == 4, "w1 is busy there"
    await line.push(*(push(f"task_{rank}", rank) for rank in range(2)))
    assert await line.lanes() == {"w1": ["task_0"], "w2": ["task_1"]}
    assert ids_of(await take(line, "w2", 2, steals=True)) == ["task_1", "task_0"]
    await line.check_places()


async def test_lanes_are_bounded_and_the_rest_stays_in_line_by_rank(line: Line) -> None:
    await crew(line, "ROUND_ROBIN", "w1", "w2", slots=2)
    await line.push(*(push(f"task_{rank}", rank) for rank in range(9)))
    assert await line.lanes() == {"w1": ["task_0", "task_2"], "w2": ["task_1", "task_3"]}
    assert ids_of(await take(line, "w1", 2, slots=2)) == ["task_0", "task_2"]
    # Its lane is full again, from the head of the line.
    assert await line.lanes() == {"w1": ["task_4", "task_5"], "w2": ["task_1", "task_3"]}
    await line.check_places()


async def test_who_is_alone_gets_everything_by_rank(line: Line) -> None:
    await line.configure(strategy="ROUND_ROBIN")
    await line.push(*(push(f"task_{rank}", rank) for rank in range(7)))
    assert ids_of(await take(line, "w1", 7, slots=2)) == [f"task_{rank}" for rank in range(7)]
    # What was dealt and started in one step is not told as assigned.
    assert "assigned" not in counts(await line.told())


async def test_an_idle_worker_steals_the_best_of_the_fullest_lane(line: Line) -> None:
    await crew(line, "ROUND_ROBIN", "w1", "w2")
    await take(line, "w2", 0)
    await line.push(*(push(f"task_{rank}", rank) for rank in range(3)))
    await take(line, "w2", 1, slots=1)
    assert await line.lanes() == {"w1": ["task_0", "task_1", "task_2"], "w2": []}
    assert ids_of(await take(line, "w3", 2, steals=False)) == []
    assert ids_of(await take(line, "w3", 2, steals=True)) == ["task_0", "task_1"]
    assert (await line.stats())["stolen"] == 2
    await line.check_places()
    await line.push(*(push(f"task_{rank}", rank) for rank in range(3, 9)))
    lanes = await line.lanes()
    fullest = max(lanes, key=lambda worker: len(lanes[worker]))
    assert ids_of(await take(line, "w4", 1, steals=True)) == lanes[fullest][:1]
    await line.check_places()


async def test_what_a_busy_worker_is_given_wakes_an_idle_one_that_may_steal(line: Line) -> None:
    await line.configure(strategy="ROUND_ROBIN")
    await line.push(push(rank=0))
    assert len((await take(line, "w1", 1, slots=1)).tasks) == 1  # busy, its lane empty
    await take(line, "w2", 1, slots=1)
    await line.push(push("task_a", 1), push("task_b", 2))
    woken = await line.wakes("w2")
    assert woken == [""]
    assert await line.wakes("w1") == []
    assert len(ids_of(await take(line, "w2", 2, slots=1, steals=True))) == 2
    await line.check_places()


@pytest.mark.parametrize("how", ["takes nothing more", "has left", "is not in the register"])
async def test_who_goes_gives_its_lane_back(line: Line, how: str) -> None:
    await crew(line, "ROUND_ROBIN", "w1", "w2")
    await line.push(*(push(f"task_{rank}", rank) for rank in range(4)))
    if how == "takes nothing more":
        assert (await take(line, "w1", 0)).tasks == []
    elif how == "has left":
        await line.broker.forget(line.queue, "w1")
    else:
        assert await line.broker.muster(line.queue, ["w2"]) == 1
    assert await line.lanes() == {"w2": ["task_0", "task_1", "task_2", "task_3"]}
    kinds = [(kind, body) for kind, body in await line.told() if kind in ("assigned", "unassigned")]
    assert kinds[1:] == [
        ("unassigned", [["task_0", 0], ["task_2", 0]]),
        ("assigned", [["task_0", "w2", 0], ["task_2", "w2", 0]]),
    ]
    await line.check_places()


@pytest.mark.parametrize("after", ["PRIORITY", *STRATEGIES])
@pytest.mark.parametrize("before", STRATEGIES)
async def test_a_change_of_strategy_loses_nothing(line: Line, before: str, after: str) -> None:
    await crew(line, before, "w1", "w2")
    await line.push(*(push(f"task_{rank}", rank) for rank in range(20)))
    running = await take(line, "w1", 2)
    await line.configure(strategy=after)
    await line.check_places()
    done = len(running.tasks)
    assert await line.settle(running) == [True] * done
    for number in range(30):
        claim = await take(line, f"w{number % 2 + 1}", 4, steals=True)
        await line.settle(claim, worker=f"w{number % 2 + 1}")
        done += len(claim.tasks)
        await line.check_places()
    assert done == 20
    assert await line.left_over() == {}


async def test_what_is_in_a_lane_can_be_cancelled_moved_and_expires(line: Line) -> None:
    soon = await line.now() + 60_000
    await crew(line, "ROUND_ROBIN", "w1")
    await line.push(*(push(f"task_{rank}", rank, deadline_at=soon if rank == 3 else 0) for rank in range(4)))
    assert await line.broker.drop(line.queue, ["task_0"]) == 1
    assert await line.broker.move(line.queue, push("task_1", 9))
    assert await line.lanes() == {"w1": ["task_2", "task_3", "task_1"]}
    assert await line.broker.move(line.queue, push("task_2", 9, due_at=soon))
    await line.check_places()
    await line.pass_deadlines()
    assert (await line.broker.sweep(line.queue)).expired == 1
    assert await line.lanes() == {"w1": ["task_1"]}
    await line.check_places()


async def test_what_comes_back_is_dealt_out_again(line: Line) -> None:
    await crew(line, "ROUND_ROBIN", "w1", "w2")
    await line.push(push("task_a"), push("task_b"))
    first, second = await take(line, "w1", 1), await take(line, "w2", 1)
    assert await line.settle(first, outcome="RELEASED", due_at=await line.now()) == [True]
    assert ("assigned", [["task_a", "w1", 1]]) in await line.told()
    await line.end_leases(*ids_of(second))
    await line.broker.sweep(line.queue)
    assert [task for lane in (await line.lanes()).values() for task in lane] == ["task_a", "task_b"]
    await line.check_places()


async def test_a_paused_queue_deals_nothing_out_and_starts_nothing(line: Line) -> None:
    await crew(line, "ROUND_ROBIN", "w1")
    await line.push(push("task_a", 1))
    await line.configure(strategy="ROUND_ROBIN", is_paused=True)
    await line.push(push("task_b", 2))
    assert await line.lanes() == {"w1": ["task_a"]}
    assert (await take(line, "w1", 4)).tasks == []
    await line.wakes("w1")
    await line.configure(strategy="ROUND_ROBIN")
    assert await line.wakes("w1") == [""]
    assert ids_of(await take(line, "w1", 4)) == ["task_a", "task_b"]


async def test_limits_hold_back_what_is_in_lanes_too(line: Line) -> None:
    await line.configure(strategy="ROUND_ROBIN", f_multiply="1:0:0", q="2:0:0")
    for worker in ("w1", "w2"):
        await take(line, worker, 2, slots=2)
    await line.push(*(push(f"task_{rank}", rank) for rank in range(4)), push("task_add", 9, function="add"))
    await line.check_places()
    first = await take(line, "w1", 2, slots=2, steals=True)
    assert ids_of(first) == ["task_0", "task_add"]
    assert (await take(line, "w2", 2, slots=2, steals=True)).tasks == []
    await line.check_places()
    done = 0
    for number in range(40):
        worker = f"w{number % 2 + 1}"
        claim = first if number == 0 else await take(line, worker, 2, slots=2, steals=True)
        await line.settle(claim, worker=worker)
        done += len(claim.tasks)
        await line.check_places()
    assert done == 5
    assert await line.left_over() == {}


async def test_a_lost_answer_is_given_again(line: Line) -> None:
    await crew(line, "LEAST_LOADED", "w1")
    await line.push(push(), push())
    first = await line.claim(2, claim_id="again")
    assert (await line.claim(2, claim_id="again")).tasks == first.tasks
    await line.check_places()


async def test_wrong_loads_are_mended(line: Line) -> None:
    await crew(line, "LEAST_LOADED", "w1")
    await line.push(push())
    await take(line, "w1", 1)
    await line.redis.hset(line.key("counts"), "w:w1", 9)
    assert await line.configure(strategy="LEAST_LOADED") == 1
    await line.check_places()


async def test_what_a_limit_takes_out_of_a_lane_is_told(line: Line) -> None:
    await line.configure(strategy="ROUND_ROBIN", f_multiply="1:0:0")
    await take(line, "w1", 4)
    await line.push(push("task_a", 1), push("task_b", 2))
    assert ids_of(await take(line, "w1", 4)) == ["task_a"]
    assert await line.parked() == {"f:multiply": ["task_b"]}
    assert (await line.told())[-1] == ("unassigned", [["task_b", 0]])
