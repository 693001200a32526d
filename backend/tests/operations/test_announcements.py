"""What commits changed is told in their order, and bounded while Redis is away."""

import asyncio
from dataclasses import replace

import pytest
from redis.exceptions import ConnectionError as RedisAway

from rota.domain.events import MOST_TOLD, RESET, Change
from rota.operations import announcements
from rota.operations.announcements import Announcer, merged
from rota.wiring import running
from tests.support.web import eventually


class Away:
    """Redis' side of announcements: away until `is_back`."""

    def __init__(self) -> None:
        self.is_back = False
        self.tries = 0
        self.told: list[Change] = []

    async def announce(self, change: Change) -> str:
        self.tries += 1
        if not self.is_back:
            raise RedisAway
        self.told.append(change)
        return ""


async def all_told(announcer: Announcer, redis: Away, *changes: Change) -> list[Change]:
    """What goes out of changes that came while Redis was away, when it is back."""
    running = asyncio.create_task(announcer.run())
    announcer.tell(Change(("first",)))
    await eventually(lambda: redis.tries > 0)
    for change in changes:
        announcer.tell(change)
        assert len(announcer._waiting) <= announcements.MOST_WAITING
    redis.is_back = True
    await eventually(lambda: bool(redis.told))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return redis.told


async def test_what_waits_is_told_once_redis_is_back(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(announcements, "PAUSE_S", 0.01)
    redis = Away()
    told = await all_told(Announcer(redis), redis, Change(("a", "b")), Change(("b",), queues=True))  # type: ignore[arg-type]
    assert told == [Change(("first", "a", "b"), queues=True)]


async def test_what_is_announced_at_once_waits_where_redis_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcements, "PAUSE_S", 0.01)
    redis = Away()
    announcer = Announcer(redis)  # type: ignore[arg-type]
    await announcer.announce(Change(("a",)))
    assert (redis.told, redis.tries) == ([], 1)
    await announcer.announce(Change(("b",)))
    assert redis.tries == 1, "it comes after what waits"
    redis.is_back = True
    async with running(announcer.run()):
        await eventually(lambda: redis.told == [Change(("a", "b"))])
    await announcer.announce(Change(("c",)))
    assert redis.told[1:] == [Change(("c",))]


async def test_what_waits_is_bounded(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(announcements, "PAUSE_S", 0.01)
    redis = Away()
    many = [Change((f"task_{number}",)) for number in range(MOST_TOLD + 1)]
    told = await all_told(Announcer(redis), redis, *many, Change(functions=True))  # type: ignore[arg-type]
    assert told == [replace(RESET, functions=True)]
    assert told[0].is_reset


def test_a_reset_stays_one_whatever_it_is_gathered_with() -> None:
    assert merged([Change(("a",)), RESET, Change(("b",), actions=True)]) == replace(RESET, actions=True)
    assert not merged([Change(("a",), workers=True), Change(("b",), queues=True)]).is_reset
    assert merged([Change(workers=True), Change(("a",), queues=True)]).task_ids == ("a",)


async def test_too_many_to_name_are_told_as_a_reset() -> None:
    redis = Away()
    redis.is_back = True
    just_enough = Change(tuple(f"task_{number}" for number in range(MOST_TOLD)))
    await Announcer(redis).announce(just_enough)  # type: ignore[arg-type]
    await Announcer(redis).announce(Change((*just_enough.task_ids, "task_more"), actions=True))  # type: ignore[arg-type]
    assert redis.told == [just_enough, replace(RESET, actions=True)]
