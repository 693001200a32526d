"""A push that comes long after it was decided is refused: the reconciler may have pushed the task, and it may have ended."""

import pytest

from rota.broker.client import REDIS_GONE
from rota.broker.scripts import PUSH_WITHIN_MS, PushedTooLate
from rota.coordinator.reconciler import SETTLED_MS
from tests.support.broker import Line, push


def test_a_push_is_over_before_the_reconciler_looks() -> None:
    assert PUSH_WITHIN_MS < SETTLED_MS
    assert issubclass(PushedTooLate, REDIS_GONE), "callers leave it to the reconciler, as when Redis is away"


async def test_what_was_decided_long_ago_is_not_sent(line: Line) -> None:
    with pytest.raises(PushedTooLate):
        await line.broker.push(line.queue, [push()], age_ms=PUSH_WITHIN_MS + 1)
    assert await line.left_over() == {}


async def test_what_was_long_on_its_way_is_refused(line: Line) -> None:
    late = await line.now() - 1
    pushed, now, is_late = await line.broker._run("push", line.queue, [late, *push()[:3], ""])
    assert (pushed, is_late) == (0, 1)
    assert int(now) > late
    assert await line.left_over() == {}


@pytest.mark.parametrize("moved_ms", [-600_000, 600_000, 48 * 3_600_000])
async def test_redis_clock_may_move(line: Line, moved_ms: int) -> None:
    await line.push(push("task_a"))
    assert line.broker._ahead_ms is not None
    line.broker._ahead_ms -= moved_ms
    assert await line.push(push("task_b")) == 1
    assert await line.redis.zcard(line.key("ready")) == 2
