"""Limits: who is held back, who goes on, and counts that are exact however a task stops running."""

import asyncio

import pytest

from rota.broker.scripts import Claim
from tests.support.broker import Line, ids_of, push


async def start_and_park(line: Line, count: int = 3, limit: str = "1:0:0") -> Claim:
    """Tasks a, b, c... of `multiply`, of which at most one runs: a runs, the others are held back."""
    await line.configure(f_multiply=limit)
    await line.push(*(push(f"task_{letter}", rank) for rank, letter in enumerate("abcdefgh"[:count])))
    claim = await line.claim(10)
    assert ids_of(claim) == ["task_a"]
    assert await line.parked() == {"f:multiply": [f"task_{letter}" for letter in "bcdefgh"[: count - 1]]}
    await line.check_places()
    return claim


async def test_at_most_n_of_a_function_run_and_others_pass_them(line: Line) -> None:
    await line.configure(f_multiply="2:0:0")
    await line.push(*(push(rank=rank) for rank in range(50)), *(push(f"task_{n}", 100, function="add") for n in "ab"))
    claim = await line.claim(10)
    assert [task.id for task in claim.tasks][2:] == ["task_a", "task_b"]
    assert await line.broker.counts(line.queue) == {"f:multiply": 2}
    assert len((await line.parked())["f:multiply"]) == 48
    assert (await line.claim(10, "w2")).tasks == []
    await line.check_places()


async def test_at_most_n_of_a_queue_run_and_nothing_is_parked(line: Line) -> None:
    await line.configure(q="3:0:0")
    await line.push(*(push(rank=rank) for rank in range(9)))
    first = await line.claim(2)
    assert len((await line.claim(5, "w2")).tasks) == 1
    assert (await line.claim(5, "w2")).tasks == []
    assert await line.parked() == {}
    await line.settle(first)
    assert await line.wakes("w2") == [""]
    assert len((await line.claim(5, "w2")).tasks) == 2
    await line.check_places()


async def test_each_key_of_a_function_has_its_limit_to_itself(line: Line) -> None:
    await line.configure(k_multiply="1:0:0")
    odd = 'a"b\\c\u00e9:k'
    await line.push(
        *(push(f"task_{number}{key[0]}", number, key=key) for number in (1, 2) for key in (odd, "other")),
        push("task_plain", 3),
        push("task_plain2", 3),
        push("task_add", 4, function="add", key=odd),
    )
    claim = await line.claim(10)
    assert ids_of(claim) == ["task_1a", "task_1o", "task_plain", "task_plain2", "task_add"]
    assert sorted((await line.parked()).values()) == [["task_2a"], ["task_2o"]]
    await line.settle(claim._replace(tasks=claim.tasks[:1]))
    assert ids_of(await line.claim(10)) == ["task_2a"]
    await line.check_places()


async def test_the_narrowest_limit_holds_a_task_back_and_the_wider_ones_go_on(line: Line) -> None:
    """Held back by its key, it must not keep the function's place from another key."""
    await line.configure(f_multiply="2:0:0", k_multiply="1:0:0")
    await line.push(*(push(f"task_{key}{number}", number, key=key) for number in (1, 2) for key in "abc"))
    claim = await line.claim(10)
    assert ids_of(claim) == ["task_a1", "task_b1"]
    # a1 ends: the place of the function goes to c1, ahead of a2 in rank, and a2 stays with its key or its function.
    assert await line.settle_some(claim, 0) == [True]
    assert ids_of(await line.claim(10)) == ["task_c1"]
    await line.check_places()


@pytest.mark.parametrize("how", ["settled", "failed for good", "retried", "released", "lost", "poison", "cancelled"])
async def test_however_a_task_stops_running_the_next_goes_on(line: Line, how: str) -> None:
    if how == "poison":
        await line.configure(f_multiply="1:0:0")
        await line.push(push("task_z", -1, deaths=2, number=2))
        claim = await line.claim(1)
        await line.begin(claim)
        await line.push(push("task_b", 1))
        assert (await line.claim(1, "w2")).tasks == []
    else:
        claim = await start_and_park(line)
    await line.claim(1, "w2")
    if how in ("lost", "poison"):
        await line.end_leases()
        await line.broker.sweep(line.queue)
    elif how == "cancelled":
        await line.broker.drop(line.queue, ["task_a"])
    else:
        ends = {"settled": {}, "failed for good": {"outcome": "FAILED"}}.get(how)
        soon = {"outcome": "RELEASED" if how == "released" else "FAILED", "due_at": await line.now() + 60_000}
        assert await line.settle(claim, **(soon if ends is None else ends)) == [True]
    assert [*await line.wakes("w1"), *await line.wakes("w2")].count("") == 1
    await line.check_places()
    assert "f:multiply" not in await line.broker.counts(line.queue)
    # What was lost has the better rank and is first again.
    assert ids_of(await line.claim(5, "w2")) == (["task_a"] if how == "lost" else ["task_b"])
    await line.check_places()


async def test_a_duplicate_settlement_frees_one_place_only(line: Line) -> None:
    claim = await start_and_park(line)
    assert await line.settle(claim, settle_id="s") == [True]
    assert await line.settle(claim, settle_id="s") == [True]
    assert await line.settle(claim, settle_id="s2") == [False]
    assert ids_of(await line.claim(10)) == ["task_b"]
    assert await line.broker.counts(line.queue) == {"f:multiply": 1}
    await line.check_places()


@pytest.mark.parametrize("how", ["cancelled", "expired", "moved away"])
async def test_what_is_on_offer_and_leaves_gives_its_place_to_the_next(line: Line, how: str) -> None:
    deadline_at = await line.now() + 60_000
    await line.configure(f_multiply="1:0:0")
    await line.push(push("task_a", 1), push("task_b", 2, deadline_at=deadline_at), push("task_c", 3))
    await line.settle(await line.claim(10))  # b is back in line, c is held back
    assert await line.parked() == {"f:multiply": ["task_c"]}
    if how == "cancelled":
        assert await line.broker.drop(line.queue, ["task_b"]) == 1
    elif how == "expired":
        await line.pass_deadlines()
        await line.broker.sweep(line.queue)
    else:
        assert await line.broker.move(line.queue, push("task_b", 9, due_at=deadline_at))
    assert await line.parked() == {}
    assert ids_of(await line.claim(10)) == ["task_c"]
    await line.check_places()


async def test_what_is_held_back_can_be_cancelled_moved_and_expires(line: Line) -> None:
    await start_and_park(line, 5)
    assert await line.broker.drop(line.queue, ["task_b"]) == 1
    assert await line.broker.move(line.queue, push("task_c", 1, due_at=await line.now() + 60_000))
    assert await line.broker.move(line.queue, push("task_d", 1, deadline_at=await line.now() + 60_000))
    assert not await line.broker.move(line.queue, push("task_x"))
    await line.claim(10)
    await line.check_places()
    assert await line.parked() == {"f:multiply": ["task_d", "task_e"]}
    await line.pass_deadlines()
    assert (await line.broker.sweep(line.queue)).expired == 1
    assert await line.parked() == {"f:multiply": ["task_e"]}
    await line.broker.drop(line.queue, ["task_e"])
    assert await line.parked() == {}
    await line.check_places()


async def test_a_raised_limit_lets_more_go_on_at_once_and_a_removed_one_all(line: Line) -> None:
    await start_and_park(line, 8)
    await line.claim(10, "w2")
    await line.configure(f_multiply="3:0:0")
    assert "" in await line.wakes("w2")
    assert ids_of(await line.claim(10, "w2")) == ["task_b", "task_c"]
    await line.check_places()
    await line.configure()
    assert ids_of(await line.claim(10, "w2")) == ["task_d", "task_e", "task_f", "task_g", "task_h"]
    await line.check_places()
    await line.configure()
    assert await line.redis.hget(line.key("config"), "special") is None
    assert "unpark" not in await line.left_over()


async def test_a_lowered_limit_stops_nothing_and_starts_nothing_before_there_is_room(line: Line) -> None:
    await line.configure(f_multiply="3:0:0")
    await line.push(*(push(rank=rank) for rank in range(6)))
    claim = await line.claim(10)
    assert len(claim.tasks) == 3
    await line.configure(f_multiply="1:0:0")
    for index in range(2):
        await line.settle_some(claim, index)
        assert (await line.claim(10)).tasks == []
    await line.settle_some(claim, 2)
    assert len((await line.claim(10)).tasks) == 1
    await line.check_places()


async def test_a_limit_that_comes_later_counts_what_runs_already(line: Line) -> None:
    await line.push(*(push(rank=rank) for rank in range(4)))
    claim = await line.claim(2)
    assert await line.broker.counts(line.queue) == {}
    await line.configure(f_multiply="2:0:0", q="9:0:0")
    assert await line.broker.counts(line.queue) == {"f:multiply": 2, "q": 2}
    assert (await line.claim(5)).tasks == []
    await line.settle(claim)
    assert len((await line.claim(5)).tasks) == 2
    await line.check_places()


async def test_wrong_counts_are_mended_and_told(line: Line) -> None:
    await start_and_park(line)
    assert await line.configure(f_multiply="1:0:0") == 0
    await line.redis.hset(line.key("counts"), "f:multiply", 7)
    await line.redis.hset(line.key("counts"), "f:gone", 1)
    assert await line.configure(f_multiply="1:0:0") == 2
    await line.check_places()


async def test_a_lost_offer_is_made_again(line: Line) -> None:
    """Whatever went wrong: what may go on goes on when SQL is told again."""
    claim = await start_and_park(line)
    await line.settle(claim)
    await line.redis.zrem(line.key("ready"), "task_b")
    await line.redis.hdel(line.key("tasks"), "task_b")
    await line.configure(f_multiply="1:0:0")
    assert ids_of(await line.claim(5)) == ["task_c"]


async def test_at_most_n_start_in_any_period(line: Line) -> None:
    await line.configure(f_multiply="0:3:60000")
    await line.push(*(push(f"task_{rank}", rank) for rank in range(6)))
    first = await line.claim(2)
    await line.settle(first)
    second = await line.claim(10)
    assert len(second.tasks) == 1
    await line.settle(second)  # that they have ended changes nothing
    third = await line.claim(10)
    assert third.tasks == []
    # The first to open is when the oldest start is a period old; until then nobody need look.
    assert third.next_due_at == first.at + 60_000
    assert (await line.broker.sweep(line.queue)).more is False
    await line.age_starts("f:multiply", 60_000, 2)
    assert len((await line.claim(10)).tasks) == 2
    assert (await line.claim(10)).tasks == []
    await line.check_places()


async def test_what_waits_for_a_period_comes_by_itself(line: Line) -> None:
    await line.configure(f_multiply="0:2:200")
    await line.push(*(push(rank=rank) for rank in range(5)))
    starts: list[int] = []
    async with asyncio.timeout(60):
        while len(starts) < 5:
            claim = await line.claim(10)
            starts += [claim.at] * len(claim.tasks)
            await line.settle(claim)
    assert all(later - earlier >= 200 for earlier, later in zip(starts, starts[2:], strict=False))


async def test_at_most_n_of_a_queue_start_in_any_period(line: Line) -> None:
    await line.configure(q="0:2:60000")
    await line.push(*(push(rank=rank) for rank in range(5)))
    first = await line.claim(10)
    assert len(first.tasks) == 2
    await line.settle(first)
    again = await line.claim(10)
    assert (again.tasks, again.next_due_at) == ([], first.at + 60_000)
    assert await line.parked() == {}
    await line.age_starts("q", 60_000, 1)
    assert len((await line.claim(10)).tasks) == 1


async def test_a_clock_that_was_set_back_holds_nothing_back_for_long(line: Line) -> None:
    await line.configure(f_multiply="0:1:1000")
    await line.push(push(), push())
    await line.settle(await line.claim(1))
    await line.age_starts("f:multiply", -600_000, 1)
    assert len((await line.claim(1)).tasks) == 1


async def test_a_claim_looks_at_a_bounded_number_and_wakes_itself(line: Line) -> None:
    await line.configure(f_multiply="1:0:0")
    await line.push(*(push(rank=rank) for rank in range(1_000)), push("task_add", 5_000, function="add"))
    found, claims = [], 0
    while "task_add" not in found:
        found += ids_of(await line.claim(10))
        claims += 1
        assert "task_add" in found or await line.wakes("w1") == [""]
    assert 4 <= claims <= 6
    # And never again: what is held back is not looked at until it may run.
    before = (await line.stats())["limited"]
    await line.push(*(push(rank=6_000, function="add") for _ in range(5)))
    assert len((await line.claim(5)).tasks) == 5
    assert (await line.stats())["limited"] == before
    await line.check_places()


async def test_paused_and_limited_nothing_starts(line: Line) -> None:
    await line.configure(f_multiply="1:0:0", is_paused=True)
    await line.push(push(), push())
    assert (await line.claim(5)).tasks == []
    await line.configure(f_multiply="1:0:0")
    assert len((await line.claim(5)).tasks) == 1


async def test_a_function_whose_name_would_mislead_is_not_counted_for_another(line: Line) -> None:
    await line.configure(f_multiply="1:0:0")
    await line.push(*(push(function='multiply"x') for _ in range(3)), *(push(function="multiply\\") for _ in range(3)))
    assert len((await line.claim(10)).tasks) == 6
    assert await line.broker.counts(line.queue) == {}


async def test_everything_goes_in_the_end(line: Line) -> None:
    await line.configure(f_multiply="2:0:0", k_multiply="1:0:0", q="3:0:0", f_add="1:50:100")
    for number in range(30):
        await line.push(push(rank=number, key="ab"[number % 2]), push(rank=number, function="add"))
    done = 0
    async with asyncio.timeout(60):
        while done < 60:
            claim = await line.claim(4)
            assert len(claim.tasks) <= 3
            await line.settle(claim)
            done += len(claim.tasks)
    assert await line.left_over() == {}
    await line.check_places()


async def test_what_its_key_refuses_leaves_the_place_of_its_function_to_the_next(line: Line) -> None:
    await line.configure(f_multiply="1:0:0", k_multiply="1:0:0")
    await line.push(*(push(f"task_{name}", rank, key=name[0]) for rank, name in enumerate(("b1", "a1", "a2", "c1"))))
    assert ids_of(await line.claim(4)) == ["task_b1"]
    assert await line.parked() == {"f:multiply": ["task_a1", "task_a2", "task_c1"]}
    await line.configure(f_multiply="3:0:0", k_multiply="1:0:0")
    assert ids_of(await line.claim(4)) == ["task_a1", "task_c1"]
    assert list((await line.parked()).values()) == [["task_a2"]]
    await line.check_places()
