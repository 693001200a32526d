"""What may be in a pool, and how its workers are split between supervisors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.domain.errors import Invalid
from rota.domain.pools import NewPool, Supervisor, Wanted, check, sizes, split

A, B, C = (Supervisor(name, 10) for name in "abc")


def pool(workers: int, name: str = "p", *queues: str) -> Wanted:
    return Wanted(name, queues, workers)


def counts(workers: int, *supervisors: Supervisor) -> list[int]:
    shares = split([pool(workers)], supervisors).shares
    return sorted(shares[supervisor.id].get("p", 0) for supervisor in supervisors)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "two words"}, "name"),
        ({"name": "-x"}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": "x\n"}, "name"),
        ({"queues": ("q",) * 51}, "queues"),
        ({"slots_per_worker": 0}, "slotsPerWorker"),
        ({"slots_per_worker": 1_001}, "slotsPerWorker"),
        ({"min_workers": -1}, "minWorkers"),
        ({"min_workers": 501, "max_workers": 500}, "minWorkers"),
        ({"max_workers": 0, "min_workers": 0}, "maxWorkers"),
        ({"max_workers": 501}, "maxWorkers"),
        ({"min_workers": 3, "max_workers": 2}, "maxWorkers"),
        ({"target_wait_ms": 99}, "targetWaitSeconds"),
        ({"target_wait_ms": 86_400_001}, "targetWaitSeconds"),
    ],
)
def test_what_is_refused(changes: dict[str, object], field: str) -> None:
    check(NewPool(name="ok"))
    with pytest.raises(Invalid) as caught:
        check(NewPool(**{"name": "ok", **changes}))  # type: ignore[arg-type]
    assert caught.value.path == (field,)


def test_a_pool_is_spread_evenly_within_what_each_can_take() -> None:
    assert counts(4, A, B) == [2, 2]
    assert counts(5, A, B, C) == [1, 2, 2]
    assert counts(12, A, Supervisor("small", 3)) == [3, 9]
    assert counts(0, A) == [0]


def test_odd_workers_do_not_all_go_to_the_same() -> None:
    first = [next(iter(split([pool(1, name)], [A, B]).shares["a"]), None) for name in "pqrstuvw"]
    assert {name is None for name in first} == {True, False}


def test_one_pool_moves_no_other() -> None:
    before = split([pool(3, "p"), pool(3, "q")], [A, B]).shares
    after = split([pool(4, "p"), pool(3, "q")], [A, B]).shares
    assert [before[name]["q"] for name in "ab"] == [after[name]["q"] for name in "ab"]


def test_only_who_has_the_functions_gets_a_pool() -> None:
    knows = Supervisor("k", 10, frozenset({"mail", "maths"}))
    found = split([pool(2, "p", "mail"), pool(2, "q", "mail", "video"), pool(2, "r")], [knows])
    assert found.shares == {"k": {"p": 2, "r": 2}}
    assert found.troubles == {"q": "No supervisor has functions of mail, video: start one with a target that has."}
    # Who does not tell may have them.
    assert split([pool(2, "q", "video")], [knows, A]).shares["a"] == {"q": 2}


def test_troubles_are_words() -> None:
    assert "No supervisor is there" in split([pool(1)], []).troubles["p"]
    assert split([pool(0)], []).troubles == {}
    tight = split([pool(4, "p"), pool(3, "q"), pool(1, "r")], [Supervisor("s", 5)])
    assert tight.shares == {"s": {"p": 4, "q": 1}}
    assert "room for 1 of 3 workers" in tight.troubles["q"]
    assert "room for no worker" in tight.troubles["r"]


@given(
    st.lists(st.integers(0, 20), max_size=5),
    st.lists(st.integers(0, 12), max_size=5),
)
def test_nothing_is_placed_twice_nor_beyond_capacity(wanted: list[int], capacities: list[int]) -> None:
    pools = [pool(workers, f"p{number}") for number, workers in enumerate(wanted)]
    supervisors = [Supervisor(f"s{number}", capacity) for number, capacity in enumerate(capacities)]
    found = split(pools, supervisors)
    assert found == split(pools, supervisors)
    placed = sum(sum(share.values()) for share in found.shares.values())
    assert placed == min(sum(wanted), sum(capacities))
    for supervisor in supervisors:
        assert sum(found.shares[supervisor.id].values()) <= supervisor.capacity
    short = {one.id for one in pools if sum(share.get(one.id, 0) for share in found.shares.values()) < one.workers}
    assert short == set(found.troubles)


def test_the_steps_of_a_pools_size() -> None:
    decisions = [(50, 0, 1), (200, 1, 3), (400, 3, 2)]
    stays = [(60, None), (210, 450), (220, None)]
    assert sizes(100, 500, decisions, 2, stays) == [
        (100, 1, 1),
        (200, 3, 1),
        (210, 3, 2),
        (220, 3, 3),
        (400, 2, 3),
        (450, 2, 2),
        (500, 2, 2),
    ]
    # What it should have had before its first kept decision, that tells; without any, what holds now.
    assert sizes(100, 500, decisions[1:], 2, [])[0] == (100, 1, 0)
    assert sizes(100, 500, [], 2, []) == [(100, 2, 0), (500, 2, 0)]
