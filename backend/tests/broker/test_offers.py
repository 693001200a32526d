"""Workers of one queue that have different functions: each is given what it can do, by rank, and nobody looks through the rest."""

import pytest

from rota.broker.values import functions_of, functions_text
from tests.support.broker import Line, ids_of, push

F, G = ("f",), ("g",)


async def differ(line: Line) -> None:
    """Two idle workers, one with f and one with f and g."""
    assert ids_of(await line.claim(2, "one", has=F, is_free=True)) == []
    assert ids_of(await line.claim(2, "both", has=F + G, is_free=True)) == []
    assert await line.special() == "PRIORITY:0:1"


@pytest.mark.parametrize("names", [["multiply"], ["b", "a", 'quo"ted', "back\\slash", "new\nline", "ümläut"]])
def test_what_a_worker_tells_can_be_read_again(names: list[str]) -> None:
    assert functions_of(functions_text(names)) == sorted(names, key=lambda name: functions_text([name]))
    assert functions_text(reversed(names)) == functions_text(names)


async def test_where_all_have_the_same_nothing_is_sorted(line: Line) -> None:
    await line.claim(2, "w1", has=F + G, is_free=True)
    await line.claim(2, "w2", has=G + F, is_free=True)
    assert await line.special() is None
    assert await line.broker.offers(line.queue) is None
    await line.push(push("task_a", function="f"))
    assert [one.id for one in (await line.handed("w1")).claim.tasks] == ["task_a"]


async def test_each_takes_the_smallest_ranks_of_what_it_has(line: Line) -> None:
    await differ(line)
    tasks = [push(f"task_{name}{rank}", rank, function=name) for rank in range(3) for name in "gf"]
    await line.push(*tasks)
    assert await line.sorted_lines() == {
        "f": ["task_f0", "task_f1", "task_f2"],
        "g": ["task_g0", "task_g1", "task_g2"],
    }
    assert await line.broker.places(line.queue, ["task_f0", "task_g1", "task_f2", "task_none"]) == [0, 2, 4, None]
    assert await line.broker.ready_count(line.queue) == 6
    await line.check_places()
    assert ids_of(await line.claim(2, "one")) == ["task_f0", "task_f1"]
    # Equal ranks in the order of their ids, whatever line they come from.
    assert ids_of(await line.claim(3, "both")) == ["task_g0", "task_g1", "task_f2"]
    assert ids_of(await line.claim(3, "one")) == []
    assert await line.sorted_lines() == {"g": ["task_g2"]}
    await line.check_places()


async def test_who_can_do_it_is_woken_and_nobody_is_handed_what_it_cannot(line: Line) -> None:
    await differ(line)
    await line.push(push(function="g"))
    assert [await line.wakes("one"), await line.wakes("both")] == [[], [""]]
    await line.push(push(function="none"))
    assert await line.wakes("one") == []
    await line.push(push(function="f"))
    assert await line.wakes("one") == [""]


async def test_what_waits_is_sorted_when_the_first_comes_that_differs(line: Line) -> None:
    """Of a long line some at each step, so that no step is long; the worker goes on until it finds what it has."""
    await line.claim(1, "one", has=F)
    await line.push(*(push(f"task_{number:04}", number, function="f") for number in range(1_200)))
    await line.push(push("task_g", 5_000, function="g"))
    claim, looks = await line.claim(1, "other", has=G), 0
    while not claim.tasks:
        assert "" in await line.wakes("other"), "it asks again at once"
        claim, looks = await line.claim(1, "other"), looks + 1
    assert (ids_of(claim), looks) == (["task_g"], 1)
    assert ids_of(await line.claim(2, "one")) == ["task_0000", "task_0001"]
    await line.check_places()


async def test_what_a_worker_cannot_do_comes_back_as_it_was(line: Line) -> None:
    """Nobody has told, as after Redis was emptied: who gets it gives it back, and then only others are given it."""
    await line.push(push("task_g", function="g"))
    claim = await line.claim(1, "one")
    await line.settle(claim, worker="one", outcome="RELEASED", due_at=1, is_begun=False, is_known=False)
    assert await line.special() == "PRIORITY:0:1"
    assert ids_of(await line.claim(1, "one", has=F)) == []
    again = await line.claim(1, "both", has=F + G)
    assert [(one.id, one.number, one.used) for one in again.tasks] == [("task_g", 1, 0)]
    await line.check_places()


async def test_what_was_not_begun_counts_as_no_run(line: Line) -> None:
    await line.push(push("task_a"))
    numbers = []
    for is_begun in (False, True, False, True):
        claim = await line.claim()
        numbers.append(claim.tasks[0].number)
        await line.settle(claim, outcome="RELEASED", due_at=1, is_begun=is_begun)
    assert numbers == [1, 1, 2, 2]
    assert await line.special() is None


async def test_it_is_one_line_again_when_all_can_do_all(line: Line) -> None:
    await differ(line)
    await line.push(*(push(f"task_{name}", function=name) for name in "gf"))
    await line.configure()
    assert await line.special() == "PRIORITY:0:1"
    await line.broker.forget(line.queue, "both")
    await line.configure()
    assert await line.special() == "PRIORITY:0:1", "nobody has g: who is there must not be given it"
    await line.broker.drop(line.queue, ["task_g"])
    await line.configure()
    assert await line.special() is None
    assert await line.sorted_lines() == {}
    assert ids_of(await line.claim(5, "one")) == ["task_f"]
    await line.check_places()


async def test_a_long_backlog_stays_sorted_until_it_is_shorter(line: Line) -> None:
    await differ(line)
    await line.broker.forget(line.queue, "both")
    await line.push(*(push(rank=rank, function="f") for rank in range(10_001)))
    while await line.redis.exists(line.key("ready")):
        await line.configure()
    await line.configure()
    assert await line.special() == "PRIORITY:0:1"
    await line.claim(1, "one")
    await line.configure()
    assert await line.special() is None
    assert await line.redis.zcard(line.key("ready")) == 10_000


async def test_a_queue_that_lost_its_configuration_is_sorted_again(line: Line) -> None:
    await differ(line)
    await line.redis.delete(line.key("config"))
    await line.configure()
    assert await line.special() == "PRIORITY:0:1"


async def test_what_ends_or_moves_leaves_its_line(line: Line) -> None:
    await differ(line)
    await line.push(*(push(f"task_{name}", function="g", deadline_at=2**42) for name in "abcd"))
    assert await line.broker.move(line.queue, push("task_a", 9_000, function="g"))
    assert await line.sorted_lines() == {"g": ["task_b", "task_c", "task_d", "task_a"]}
    assert await line.broker.move(line.queue, push("task_a", 9_000, function="g", due_at=2**42))
    assert await line.broker.drop(line.queue, ["task_b"]) == 1
    await line.check_places()
    await line.redis.zadd(line.key("deadlines"), {"task_c": 1})
    assert (await line.broker.sweep(line.queue)).expired == 1
    assert await line.sorted_lines() == {"g": ["task_d"]}
    await line.claim(1, "both")
    await line.end_leases()
    await line.wakes("both")
    assert (await line.broker.sweep(line.queue)).lost == 1
    assert await line.sorted_lines() == {"g": ["task_d"]}
    await line.make_due()
    assert ids_of(await line.claim(5, "both")) == ["task_d", "task_a"]
    await line.check_places()


async def test_limits_hold_within_lines(line: Line) -> None:
    await line.configure(f_g="1:0:0", q="2:0:0")
    await differ_limited(line)
    await line.push(*(push(f"task_g{n}", n, function="g") for n in range(2)), push("task_f", 5, function="f"))
    first = await line.claim(5, "both")
    assert ids_of(first) == ["task_g0", "task_f"]
    assert await line.parked() == {"f:g": ["task_g1"]}
    await line.check_places()
    await line.claim(1, "one")
    await line.claim(1, "both")
    for worker in ("one", "both"):
        await line.wakes(worker)
    await line.settle_some(first, 0, worker="both")
    assert [await line.wakes("one"), await line.wakes("both")] == [[], [""]]
    assert ids_of(await line.claim(5, "both")) == ["task_g1"]
    await line.check_places()


async def differ_limited(line: Line) -> None:
    await line.claim(1, "one", has=F)
    await line.claim(1, "both", has=F + G)
    assert await line.special() == "PRIORITY:1:1"


@pytest.mark.parametrize("strategy", ["ROUND_ROBIN", "LEAST_LOADED"])
async def test_lanes_are_dealt_to_those_who_can(line: Line, strategy: str) -> None:
    await line.configure(strategy=strategy)
    for worker, has in (("one", F), ("both", F + G)):
        await line.broker.claim(line.queue, worker, "1", 2, 60_000, slots=2, functions=functions_text(has))
    await line.push(*(push(f"task_g{n}", n, function="g") for n in range(3)), push("task_f", 9, function="f"))
    assert await line.lanes() == {"both": ["task_g0", "task_g1"], "one": ["task_f"]}
    assert await line.sorted_lines() == {"g": ["task_g2"]}
    await line.check_places()
    # A thief takes the first that it can do.
    await line.broker.claim(line.queue, "one", "2", 1, 60_000, slots=2)
    assert (await line.broker.claim(line.queue, "one", "3", 1, 60_000, slots=2)).tasks == []
    await line.check_places()
    assert ids_of(await line.broker.claim(line.queue, "both", "2", 3, 60_000, slots=2)) == [
        f"task_g{n}" for n in range(3)
    ]
    await line.push(push("task_x", 1, function="g"), push("task_y", 2, function="f"), push("task_z", 3, function="f"))
    stolen = await line.broker.claim(line.queue, "one", "4", 3, 60_000, slots=1)
    assert "task_x" not in ids_of(stolen)
    assert "task_y" in ids_of(stolen)
    await line.configure(strategy="PRIORITY")
    assert set(await line.sorted_lines()) >= {"g"}
    await line.check_places()


@pytest.mark.parametrize("name", ['quo"ted', "back\\slash", "ümläut", "new\nline", '\\"'])
async def test_odd_names_are_told_apart(line: Line, name: str) -> None:
    await line.claim(1, "w1", has=[name])
    await line.claim(1, "w2", has=[f"{name}x"])
    await line.push(push("task_a", 1, function=f"{name}x"), push("task_b", 2, function=name))
    assert ids_of(await line.claim(5, "w1")) == ["task_b"]
    assert ids_of(await line.claim(5, "w2")) == ["task_a"]
    assert await line.broker.offers(line.queue) == {"w1": {name}, "w2": {f"{name}x"}}
    await line.push(push("task_c", 1, function=f"{name}x"), push("task_d", 2, function=f"{name}x"))
    assert await line.broker.ready_by_function(line.queue) == {f"{name}x": 2}
    await line.check_places()
