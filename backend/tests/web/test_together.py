"""Subscribers who are told the same share one source: whoever joins, leaves or is slow, nobody misses anything or hears it twice."""

import asyncio
import contextlib
import random
from collections.abc import AsyncGenerator, AsyncIterator
from itertools import pairwise
from typing import Any

import pytest

from rota import jsontext
from rota.domain.events import Change
from rota.graphql.batches import MOST_TASKS
from rota.graphql.common import gathered
from rota.graphql.hub import MOST_WAITING
from rota.graphql.live import TaskChanges
from rota.graphql.turns import Turns
from rota.graphql.types.tasks import Task
from rota.store import models
from rota.web.shared import _subscribed
from rota.web.together import KEPT_EVENTS, Follower, Frame, Together
from tests.support.web import WAIT_S, Account, Served, eventually

CHANGES = "subscription { tasksChanged { tasks { id title } cursor isReset } }"
QUEUES = "subscription { queuesChanged { name } }"


def changes(number: int, *names: str, is_reset: bool = False) -> TaskChanges:
    tasks = [Task.of(models.Task(id=name, title=str(number))) for name in names or (f"task_{number}",)]
    return TaskChanges(tasks=tasks, cursor=f"1.{number}-0", is_reset=is_reset)


async def execute(event: Any) -> Frame:
    await asyncio.sleep(0)
    return Frame("next", jsontext.dumpb([task.id for task in event.tasks]))


class Channel:
    """One source a subscriber, as the hub gives them: each has what came since it began."""

    def __init__(self) -> None:
        self.sources: dict[asyncio.Queue[Any], None] = {}
        self.begun = 0

    def put(self, event: Any) -> None:
        for source in self.sources:
            source.put_nowait(event)

    async def source(self) -> AsyncGenerator[Any, None]:
        events: asyncio.Queue[Any] = asyncio.Queue()
        self.sources[events] = None
        self.begun += 1
        try:
            while (event := await events.get()) is not None:
                if isinstance(event, Exception):
                    raise event
                yield event
        finally:
            del self.sources[events]


class Listener:
    """Takes what it can at once and the rest as it comes, or stalls."""

    def __init__(self, channel: Channel, together: Together) -> None:
        self.heard: list[str] = []
        self.at_once = 0
        self.takes = True
        self.flows = asyncio.Event()
        self.flows.set()
        self.failed: Exception | None = None
        self._frames = _subscribed(channel.source(), together, execute, self._take)
        self._hearing = asyncio.create_task(self._hear())

    @property
    def is_over(self) -> bool:
        return self._hearing.done()

    def change_its_mind(self, chance: random.Random) -> None:
        self.takes = chance.random() < 0.7
        if chance.random() < 0.1:
            self.flows.clear()
        elif chance.random() < 0.5:
            self.flows.set()

    async def leave(self) -> None:
        self._hearing.cancel()
        await asyncio.gather(self._hearing, return_exceptions=True)

    def _take(self, frame: Frame) -> bool:
        if self.takes:
            self.at_once += 1
            self.heard += jsontext.loads(frame.payload)
        return self.takes

    async def _hear(self) -> None:
        try:
            async with contextlib.aclosing(self._frames):
                async for frame in self._frames:
                    self.heard += jsontext.loads(frame.payload)
                    await self.flows.wait()
        except ValueError as error:
            self.failed = error


@contextlib.asynccontextmanager
async def listening(count: int) -> AsyncIterator[tuple[Channel, Together, list[Listener]]]:
    """So many, who have all begun."""
    channel, together = Channel(), Together(Turns())
    listeners = [Listener(channel, together) for _ in range(count)]
    await eventually(lambda: len(channel.sources) == count)
    try:
        yield channel, together, listeners
    finally:
        for listener in listeners:
            await listener.leave()
        together.stop()
        # Its source ends with the last that heard of it.
        await eventually(lambda: not channel.sources)


async def test_after_the_first_event_one_source_serves_all_at_once() -> None:
    async with listening(5) as (channel, _, listeners):
        channel.put(changes(1))
        await eventually(lambda: len(channel.sources) == 1)
        for number in range(2, 30):
            channel.put(changes(number))
        last = "task_29"
        await eventually(lambda: all(last in listener.heard for listener in listeners))
        for listener in listeners:
            assert listener.heard == [f"task_{number}" for number in range(1, 30)]
            assert listener.at_once > 20
        assert channel.begun == 5


async def test_the_one_whose_source_it_was_may_leave() -> None:
    async with listening(3) as (channel, _, listeners):
        channel.put(changes(1))
        await eventually(lambda: len(channel.sources) == 1)
        await listeners[0].leave()
        channel.put(changes(2))
        await eventually(lambda: all("task_2" in listener.heard for listener in listeners[1:]))
        assert listeners[0].heard == ["task_1"]


async def test_a_source_that_nobody_follows_any_more_ends() -> None:
    async with listening(1) as (channel, together, (first,)):
        channel.put(changes(1))
        await eventually(lambda: first.heard)
        late = Listener(channel, together)
        await eventually(lambda: len(channel.sources) == 2)
        await first.leave()
        await eventually(lambda: len(channel.sources) == 1)
        for number in (2, 3):
            channel.put(changes(number))
        await eventually(lambda: len(late.heard) == 2)
        assert late.heard == ["task_2", "task_3"]
        await late.leave()


@pytest.mark.parametrize("seed", range(8))
async def test_whoever_comes_and_goes_nobody_misses_or_hears_twice(seed: int) -> None:
    chance = random.Random(seed)
    channel, together = Channel(), Together(Turns())
    listeners: list[Listener] = []
    gone: list[Listener] = []
    for number in range(1, 200):
        listeners += [Listener(channel, together) for _ in range(chance.choice([0, 0, 0, 1, 2]))]
        if listeners and chance.random() < 0.2:
            gone.append(listeners.pop(chance.randrange(len(listeners))))
            await gone[-1].leave()
        for listener in listeners:
            listener.change_its_mind(chance)
        channel.put(changes(number))
        for _ in range(chance.randrange(12)):  # the hub waits until all had their turn
            await asyncio.sleep(0)
    for listener in listeners:
        listener.flows.set()
    to_the_end = [listener for listener in listeners if listener.heard]
    await eventually(lambda: all("task_199" in listener.heard for listener in to_the_end))
    assert len(to_the_end) > 10
    for listener in (*listeners, *gone):
        numbers = [int(name.removeprefix("task_")) for name in listener.heard]
        assert all(later == earlier + 1 for earlier, later in pairwise(numbers)), numbers
    assert sum(listener.at_once for listener in listeners) > 100
    assert len(channel.sources) < len(listeners)
    for listener in listeners:
        await listener.leave()
    together.stop()


async def test_who_takes_nothing_is_gathered_then_reset_and_holds_up_nobody() -> None:
    async with listening(2) as (channel, together, (slow, quick)):
        channel.put(changes(1))
        await eventually(lambda: len(channel.sources) == 1)
        slow.takes = False
        slow.flows.clear()
        for number in range(2, 100):
            channel.put(changes(number, "a", f"b{number % 3}"))
            await eventually(lambda: len(quick.heard) == 1 + 2 * (number - 1))  # noqa: B023
            (follower,) = [one for one in together._followers if one._take == slow._take]
            assert len(follower._waiting) <= MOST_WAITING
        slow.flows.set()
        await eventually(lambda: len(follower._waiting) == 0)
        # What was sent as it stalled, then the latest of each task, once or twice: not a hundred times.
        assert {"a", "b0", "b1", "b2"} <= set(slow.heard)
        assert len(slow.heard) < 2 * MOST_WAITING + 8


def test_what_waits_is_bounded_whatever_comes() -> None:
    async def nothing() -> None:
        follower = Follower(lambda _: False)
        names = [f"task_{number}" for number in range(MOST_TASKS * 3)]
        for number in range(MOST_WAITING * 40):
            start = number * 10
            follower.tell(changes(number, *names[start : start + 10]), Frame("next", b""))
            assert len(follower._waiting) <= MOST_WAITING
            waiting: list[Any] = [event for event, _ in follower._waiting]
            assert sum(len(event.tasks) for event in waiting) <= MOST_TASKS + 10 * MOST_WAITING
        first: Any
        first, frame = await anext(follower.left())
        assert (first.is_reset, first.tasks, frame) == (True, [], None)
        # Where the newest says it all, it alone waits.
        follower = Follower(lambda _: False)
        for number in range(5):
            follower.tell([number], Frame("next", str(number).encode()))
        assert await anext(follower.left()) == ([4], Frame("next", b"4"))
        assert not follower._waiting

    asyncio.run(nothing())


async def test_nothing_overtakes_what_waits_or_is_being_sent() -> None:
    takes = False
    follower = Follower(lambda _: takes)
    left = follower.left()
    next_one = asyncio.ensure_future(anext(left))
    await asyncio.sleep(0)
    events = [changes(number) for number in range(4)]
    follower.tell(events[0], Frame("next", b"0"))
    takes = True
    follower.tell(events[1], Frame("next", b"1"))
    assert await asyncio.wait_for(next_one, WAIT_S) == (events[0], Frame("next", b"0"))
    assert await asyncio.wait_for(anext(left), WAIT_S) == (events[1], Frame("next", b"1"))
    follower.tell(events[2], Frame("next", b"2"))  # the one before is still being sent
    assert await asyncio.wait_for(anext(left), WAIT_S) == (events[2], Frame("next", b"2"))
    next_one = asyncio.ensure_future(anext(left))
    await asyncio.sleep(0)
    follower.tell(events[3], Frame("next", b"3"))
    follower.end(None)
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(next_one, WAIT_S)


def test_gathered_events_have_the_latest_of_each_task() -> None:
    one: Any = gathered([changes(1, "a", "b"), changes(2, "b", "c")])
    assert {task.id: task.title for task in one.tasks} == {"a": "1", "b": "2", "c": "2"}
    assert (one.cursor, one.is_reset) == ("1.2-0", False)
    reset: Any = gathered([changes(1, "a", is_reset=True), changes(2, "b")])
    assert (reset.tasks, reset.cursor, reset.is_reset) == ([], "1.2-0", True)
    assert gathered([["old"], ["new"]]) == ["new"]


async def test_the_end_of_the_source_is_everybodys() -> None:
    async with listening(3) as (channel, _, listeners):
        channel.put(changes(1))
        await eventually(lambda: len(channel.sources) == 1)
        channel.put(None)
        await eventually(lambda: all(listener.is_over for listener in listeners))
        assert [listener.failed for listener in listeners] == [None, None, None]


async def test_what_the_source_raises_each_hears_of() -> None:
    async with listening(3) as (channel, together, listeners):
        channel.put(changes(1))
        await eventually(lambda: len(channel.sources) == 1)
        channel.put(ValueError("it broke"))
        await eventually(lambda: all(listener.is_over for listener in listeners))
        assert [str(listener.failed) for listener in listeners] == ["it broke"] * 3
        # Who comes now begins anew.
        late = Listener(channel, together)
        await eventually(lambda: channel.sources)
        channel.put(changes(2))
        await eventually(lambda: late.heard == ["task_2"])
        await late.leave()


async def test_what_is_made_for_nobody_any_more_ends_even_where_it_was_long_ago() -> None:
    together = Together(Turns(KEPT_EVENTS * 3))
    ended: list[int] = []
    stuck = asyncio.Event()

    async def hangs(event: Any) -> Frame:
        try:
            await stuck.wait()
        finally:
            ended.append(event)
        raise AssertionError

    events = range(1, KEPT_EVENTS * 2)
    asking = [asyncio.create_task(together.frame(number, hangs)) for number in events]
    await eventually(lambda: len(together._making) == len(events))
    assert len(together._made) == KEPT_EVENTS
    await asyncio.sleep(0)
    for one in asking:
        one.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    assert not ended  # who asked first may leave: it is made for the others
    together.stop()
    await eventually(lambda: sorted(ended) == list(events))
    assert not together._making


async def test_who_was_told_another_event_goes_on_alone() -> None:
    together, own = Together(Turns()), Channel()
    first = Listener(own, together)
    await eventually(lambda: own.sources)
    own.put(changes(1))
    await eventually(lambda: first.heard)
    other = Channel()
    alone = Listener(other, together)
    await eventually(lambda: other.sources)
    for number in range(2, KEPT_EVENTS + 5):
        own.put(changes(number))
        await eventually(lambda: len(first.heard) == number)  # noqa: B023
        other.put(changes(number))  # equal in all, and not the same
        await eventually(lambda: len(alone.heard) == number - 1)  # noqa: B023
    assert other.sources
    for listener in (first, alone):
        await listener.leave()


@pytest.mark.parametrize("size", [100, 125, 126, 127, 65_535, 65_536, 200_000])
async def test_messages_of_any_size_come_whole(served: Served, alice: Account, size: int) -> None:
    (task,) = await served.submit(by=alice.viewer)
    empty = '{"id":"ü","type":"next","payload":{"data":{"tasksChanged":{"tasks":[{"title":""}]}}}}'
    title = "x" * (size - len(empty.encode()))
    async with served.platform.database.transaction() as db:
        await db.run("UPDATE tasks SET title = $1 WHERE id = $2", title, task.id)
    async with served.talk(alice) as one, served.talk(alice) as two:
        for talk in (one, two):
            await talk.subscribe("subscription { tasksChanged { tasks { title } } }", "ü")
        await served.settled(watching=2)
        for _ in range(3):
            served.platform.announcer.tell(Change((task.id,)))
            for talk in (one, two):
                heard = await asyncio.wait_for(talk.connection.recv(), WAIT_S)
                assert heard == empty.replace('"title":""', f'"title":"{title}"')
        await served.settled(watching=1)


async def test_all_over_each_transport_hear_each_change_once(served: Served, alice: Account) -> None:
    tasks = await served.submit(40, by=alice.viewer)
    async with served.talk(alice) as one, served.talk(alice) as two, served.talk(alice) as three:
        for number, talk in enumerate((one, two, three)):
            await talk.subscribe(CHANGES, str(number))
        await served.settled(watching=3)
        served.platform.announcer.tell(Change((tasks[0].id,)))
        for talk in (one, two, three):
            assert (await talk.next())["tasksChanged"]["tasks"][0]["id"] == tasks[0].id
        await served.settled(watching=1)
        assert await served.metric("rota_subscriptions") == 3
        await one.say(id="0", type="complete")
        for task in tasks[1:]:
            await served.platform.changes.announce(Change((task.id,)))
        for talk in (two, three):
            heard: list[str] = []
            async with asyncio.timeout(WAIT_S):
                while len(heard) < len(tasks) - 1:
                    heard += [task["id"] for task in (await talk.next())["tasksChanged"]["tasks"]]
            assert sorted(heard) == sorted(task.id for task in tasks[1:])
    await served.settled(watching=0)
