"""An emptied Redis: until it is told what ran, what it does not hold may run; then only what it was told."""

import pytest

from rota.broker.scripts import Claim, Push, Run
from tests.support.broker import Line, held, push

SHORT_MS = 1_000


@pytest.fixture
async def claim(line: Line) -> Claim:
    """What w1 ran when Redis was emptied."""
    await line.push(push("task_a", rank=4, number=2, deaths=2), push("task_b", rank=5))
    claim = await line.claim(2)
    await line.redis.flushdb()
    return claim


def runs(claim: Claim, worker: str = "w1") -> list[Run]:
    """As SQL knows them."""
    return [
        Run(Push(task.id, task.payload, 1, number=task.number, used=task.used, deaths=task.deaths), claim.lease, worker)
        for task in claim.tasks
    ]


async def test_what_is_taken_back_is_held_under_its_token_alone(line: Line, claim: Claim) -> None:
    assert await line.broker.adopt(line.queue, runs(claim), SHORT_MS, is_all=True) == 2
    assert await line.broker.adopt(line.queue, runs(claim), SHORT_MS, is_all=True) == 0
    stale = [one._replace(lease=one.lease - 1) for one in held(claim)]
    assert await line.broker.renew(line.queue, "w1", stale, 60_000) == ["task_a", "task_b"]
    assert await line.settle(claim, worker="w2") == [False, False]
    assert await line.settle(claim) == [True, True]
    assert await line.left_over() == {}


@pytest.mark.parametrize("is_all", [True, False])
async def test_what_has_ended_since_is_not_taken_back_by_who_comes_late(
    line: Line, claim: Claim, *, is_all: bool
) -> None:
    """A leader that slept, while the next one did it, or is still about it."""
    await line.broker.adopt(line.queue, runs(claim), SHORT_MS, is_all=is_all)
    assert await line.settle(claim) == [True, True]
    assert await line.broker.adopt(line.queue, runs(claim), SHORT_MS, is_all=True) == 0
    assert await line.left_over() == {}


async def test_of_what_is_held_the_token_counts_at_any_time(line: Line, claim: Claim) -> None:
    """Taken back in parts, or pushed by whoever retried it: then it is known."""
    await line.push(push("task_b"))
    await line.broker.adopt(line.queue, runs(claim)[:1], SHORT_MS, is_all=False)
    assert not await line.broker.is_rebuilt(line.queue)
    assert await line.broker.renew(line.queue, "w1", held(claim), 60_000) == ["task_b"]
    assert await line.settle(claim, worker="w2") == [False, False]


async def test_what_is_handed_in_meanwhile_is_journalled_and_not_taken_back(line: Line, claim: Claim) -> None:
    assert await line.settle(claim) == [True, True]
    assert [kind for kind, _ in await line.told()][-1] == "settled"
    assert await line.broker.adopt(line.queue, runs(claim), SHORT_MS, is_all=True) == 0
    assert await line.left_over() == {}
    assert await line.settle(claim, settle_id="another") == [False, False]


async def test_who_begins_to_run_alone_meanwhile_does(line: Line, claim: Claim) -> None:
    assert await line.begin(claim) == [True, True]
    await line.broker.adopt(line.queue, [], SHORT_MS, is_all=True)
    assert await line.begin(claim) == [False, False]


async def test_who_was_to_run_alone_does_not_die_with_its_worker(line: Line, claim: Claim) -> None:
    """Whether it had begun nobody knows; the other dies of its worker once it was heard of."""
    await line.broker.adopt(line.queue, runs(claim), SHORT_MS, is_all=True)
    await line.broker.renew(line.queue, "w1", held(claim), 60_000)
    await line.end_leases()
    await line.broker.sweep(line.queue)
    assert {task_id: death for task_id, *_, death in (await line.told())[-1][1]} == {"task_a": 2, "task_b": 0}
