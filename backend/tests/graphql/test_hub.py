"""The hub: gathering, one read for all, resuming without gap or double, slow watchers, and a Redis or database that goes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from rota.domain.errors import RotaError
from rota.domain.events import RESET, Change
from rota.graphql import batches
from rota.graphql import hub as module
from rota.graphql.batches import MOST_TASKS, Batch, check_cursor, merged, place
from rota.graphql.hub import MOST_WAITING, Hub, Watch
from rota.graphql.ticker import Ticker
from rota.graphql.turns import Turns
from rota.store import tasks as store
from rota.store.models import Task
from tests.support.rota import Rota, open_rota, settings_for
from tests.support.servers import RedisServer
from tests.support.web import eventually, told_of_all

WAIT_S = 60


def everything(_: Batch) -> bool:
    return True


class Live:
    """A hub that runs, on a platform that is worked by hand."""

    def __init__(self, rota: Rota) -> None:
        self.rota = rota
        self.hub = Hub(rota.platform)

    def tell(self, *tasks: Task, **lists: bool) -> None:
        self.rota.platform.announcer.tell(Change(tuple(task.id for task in tasks), **lists))

    async def told(self, *tasks: Task, **lists: bool) -> str:
        """Announces on the spot; the cursor after it."""
        return await self.rota.platform.changes.announce(Change(tuple(task.id for task in tasks), **lists))

    async def submit(self, count: int = 1) -> list[Task]:
        """Submits tasks; when this returns the hub has told of them."""
        tasks = await self.rota.submit(count)
        await told_of_all(self.rota.platform, self.hub)
        return tasks

    async def passed(self, cursor: str) -> None:
        """Returns when the hub has handed out everything up to a cursor."""
        await eventually(lambda: place(self.hub._cursor or "") >= place(cursor))

    def watch(self) -> "contextlib.AbstractAsyncContextManager[Watch]":
        return self.hub.watch(everything, with_rows=True)


@contextlib.asynccontextmanager
async def open_live(database_url: str, redis_url: str, folder: Path) -> AsyncIterator[Live]:
    async with open_rota(settings_for(database_url, redis_url, folder)) as rota:
        live = Live(rota)
        running = asyncio.create_task(live.hub.run())
        await eventually(lambda: live.hub.is_live)
        try:
            yield live
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def live(sqlite_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Live]:
    async with open_live(sqlite_url, redis_url, tmp_path) as live:
        yield live


async def taken(watch: Watch) -> Batch:
    async with asyncio.timeout(WAIT_S):
        return await anext(watch.batches())


async def test_changes_are_gathered_and_each_row_is_read_once(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = await live.submit(20)
    read: list[str] = []
    get_many = store.get_many

    async def counted(db: Any, ids: Any) -> Any:
        read.extend(ids)
        return await get_many(db, ids)

    monkeypatch.setattr(store, "get_many", counted)
    async with contextlib.AsyncExitStack() as stack:
        watches = [await stack.enter_async_context(live.watch()) for _ in range(50)]
        await live.told(tasks[0])
        first = [await taken(watch) for watch in watches]
        assert {id(batch) for batch in first} == {id(first[0])}
        assert list(first[0].tasks) == [tasks[0].id]
        # The next follow within the tenth of a second in which changes are gathered.
        for task in tasks[1:]:
            await live.told(task)
        seen: set[str] = set()
        batches = 0
        while len(seen) < 19:
            seen |= (await taken(watches[0])).tasks.keys()
            batches += 1
        assert batches <= 3
        assert sorted(read) == sorted(task.id for task in tasks)


async def test_what_comes_while_others_are_still_told_goes_into_the_same_batch(live: Live) -> None:
    one, two, *more = await live.submit(2 + MOST_TASKS)
    async with live.watch() as watch, contextlib.AsyncExitStack() as held:
        live.hub.turns = Turns(at_once=1, patience_s=WAIT_S)
        await held.enter_async_context(live.hub.turns.turn())
        await live.told(one)
        await eventually(lambda: live.hub.turns.waiting == 1)
        await live.told(two)
        # What does not fit into it without a reset comes after it.
        for start in range(0, len(more), 100):
            await live.told(*more[start : start + 100])
        last = await live.told(two)
        await held.aclose()
        found = await taken(watch)
        assert {one.id, two.id} <= found.tasks.keys()
        assert not found.is_reset
        assert 2 < len(found.tasks) <= MOST_TASKS
        rest = await taken(watch)
        assert found.tasks.keys() | rest.tasks.keys() == {task.id for task in (one, two, *more)}
        await live.passed(last)


async def test_all_have_their_turn_in_the_order_in_which_they_came() -> None:
    turns, order = Turns(at_once=2, patience_s=WAIT_S), []

    async def made(number: int) -> None:
        async with turns.turn():
            order.append(f"made {number}")

    async def told(number: int) -> None:
        await asyncio.create_task(made(number))
        order.append(f"told {number}")

    async with asyncio.timeout(WAIT_S):
        tellings = [asyncio.create_task(told(number)) for number in range(6)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await turns.caught_up()
        assert len([word for word in order if word.startswith("made")]) == len(tellings)
        # The first are told before it was made for the last.
        assert order.index("told 0") < order.index("made 5")
        assert [word for word in order if word.startswith("made")] == [f"made {number}" for number in range(6)]
        await asyncio.gather(*tellings)


async def test_whose_turn_takes_too_long_holds_up_nobody_for_ever() -> None:
    turns = Turns(at_once=1, patience_s=0.01)
    async with asyncio.timeout(WAIT_S), turns.turn():
        await turns.caught_up()
        async with turns.turn():
            pass
    # And every turn was given back once.
    await eventually(lambda: not turns._free.locked())
    async with turns.turn():
        assert turns._free.locked()


async def test_nothing_is_read_for_nobody(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    (task,) = await live.submit()

    async def forbidden(*_: object) -> None:
        raise AssertionError("rows are read that nobody asked for")

    monkeypatch.setattr(store, "get_many", forbidden)
    await live.passed(await live.told(task))
    async with live.hub.watch(everything) as watch:
        await live.told(task, workers=True)
        batch = await taken(watch)
    assert (batch.tasks, list(batch.told), batch.workers) == ({}, [task.id], True)


async def test_what_is_made_of_a_batch_is_made_once() -> None:
    batch, made = Batch("1.0-1"), []

    async def make() -> list[int]:
        made.append(1)
        await asyncio.sleep(0)
        return [7]

    asking = [asyncio.ensure_future(batch.once("key", make)) for _ in range(3)]
    await asyncio.sleep(0)
    asking[0].cancel()  # who asked first leaves; the others still get it
    found = await asyncio.gather(*asking[1:])
    assert found[0] is found[1]
    assert made == [1]


async def test_a_watcher_goes_on_from_a_cursor_without_gap_or_double(live: Live) -> None:
    a, b, c, d = await live.submit(4)
    cursor = await live.told(a)
    for task in (b, c):
        await live.told(task)
    last = await live.told(b)
    await live.passed(last)
    async with live.watch() as watch:
        missed = await watch.missed(cursor)
        assert missed is not None
        assert sorted(missed.tasks) == sorted([b.id, c.id])
        assert not missed.is_reset
        await live.told(d)
        assert list((await taken(watch)).tasks) == [d.id]
        assert await watch.missed(last) is None


async def test_a_cursor_from_a_process_that_is_ahead_gives_nothing_twice(live: Live) -> None:
    a, b = await live.submit(2)
    batch = Batch("1.5-2", {a.id: a, b.id: b}, {a.id: "1.5-1", b.id: "1.5-2"})
    assert batch.after("1.5-0") is batch
    left = batch.after("1.5-1")
    assert left is not None
    assert list(left.tasks) == [b.id]
    assert batch.after("1.5-2") is None
    assert batch.after("1.10-0") is None
    assert batch.after("0.99-0") is batch


async def test_a_cursor_that_is_not_known_any_more_resets(live: Live) -> None:
    async with live.watch() as watch:
        epoch = watch.start.partition(".")[0]
        for lost in (f"{int(epoch) - 5}.1-0", "1.99999999999999-0"):
            missed = await watch.missed(lost)
            assert missed is not None
            assert missed.is_reset
            assert missed.cursor == watch.start
        (task,) = await live.submit()
        await live.told(task)
        assert list((await taken(watch)).tasks) == [task.id]


@pytest.mark.parametrize("text", ["", "1", "1.1", "x.1-1", "1.1-x", "1.1-1;", "1.1-1\n", "9" * 30 + ".1-1", "١.1-1"])
def test_a_text_that_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(RotaError):
        check_cursor(text)


async def test_too_much_at_once_resets_and_still_tells_who_watches_one(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MOST_TASKS", 5)
    tasks = await live.submit(8)
    single = tasks[3].id
    async with live.watch() as lists, live.hub.watch(lambda batch: single in batch.tasks, task_id=single) as one:
        cursor = live.hub._cursor
        await live.told(*tasks)
        for watch in (lists, one):
            batch = await taken(watch)
            assert batch.is_reset
            assert list(batch.tasks) == [single]
        missed = await lists.missed(cursor or "")
        assert missed is None  # it was not missed: it came live
    async with live.watch() as late:
        missed = await late.missed(cursor or "")
        assert missed is not None
        assert missed.is_reset


async def test_lists_are_read_anew_less_often_where_one_reset_follows_another(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GATHER_BUSY_S", 0.01)
    monkeypatch.setattr(module, "GATHER_S", 0.0)
    (task,) = await live.submit()
    pauses = []
    async with live.watch() as watch:
        for change in (RESET, RESET, RESET, Change((task.id,)), RESET):
            await live.passed(await live.rota.platform.changes.announce(change))
            assert (await taken(watch)).is_reset is change.is_reset
            pauses.append(live.hub._pause_s)
    assert pauses == [0.0, 0.01, 0.01, 0.0, 0.0]


async def test_a_slow_watcher_is_gathered_then_reset_and_never_grows(live: Live) -> None:
    tasks = await live.submit(3)
    async with live.watch() as watch:
        for number in range(1, 200):
            task = tasks[number % 3]
            row = await live.rota.task(task.id)
            row.version = number
            watch.put(Batch(f"1.{number}-0", {row.id: row}, {row.id: f"1.{number}-0"}))
            assert len(watch._waiting) <= MOST_WAITING
        seen: list[Batch] = []
        async with asyncio.timeout(WAIT_S):
            async for batch in watch.batches():
                seen.append(batch)
                if batch.cursor == "1.199-0":
                    break
        latest = {task_id: row.version for batch in seen for task_id, row in batch.tasks.items()}
        assert sorted(latest.values()) == [197, 198, 199]
        assert not any(batch.is_reset for batch in seen)
        (template,) = await live.submit()
        for number in range(MOST_WAITING * 20):
            rows = {f"task_{number}_{index}": template for index in range(MOST_TASKS // 10)}
            watch.put(Batch(f"2.{number}-0", rows, dict.fromkeys(rows, f"2.{number}-0")))
            assert sum(len(batch.tasks) for batch in watch._waiting) <= 2 * MOST_TASKS
        assert (await taken(watch)).is_reset


def test_a_merge_keeps_the_task_that_is_watched() -> None:
    row: Any = object()
    batches = [Batch("1.1-0", {"a": row, "b": row}, {"a": "1.1-0", "b": "1.1-0"}), Batch("1.2-0", is_reset=True)]
    assert merged(batches).tasks == {}
    assert merged(batches, keep="a").tasks == {"a": row}
    assert merged(batches).is_reset


async def test_who_begins_to_watch_while_rows_are_read_misses_nothing(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = await live.submit(2)
    reading, go_on = asyncio.Event(), asyncio.Event()
    get_many = store.get_many

    async def held(db: Any, ids: Any) -> Any:
        reading.set()
        await go_on.wait()
        return await get_many(db, ids)

    monkeypatch.setattr(store, "get_many", held)
    async with live.hub.watch(everything, task_id=a.id):
        await live.told(a, b)
        await asyncio.wait_for(reading.wait(), WAIT_S)
        async with live.watch() as late:
            go_on.set()
            assert sorted((await taken(late)).tasks) == sorted([a.id, b.id])


async def test_a_database_that_is_away_for_a_moment_costs_no_change(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAUSE_S", 0.01)
    (task,) = await live.submit()
    get_many, faults = store.get_many, [OSError("gone"), RuntimeError("still gone")]

    async def sometimes(db: Any, ids: Any) -> Any:
        if faults:
            raise faults.pop()
        return await get_many(db, ids)

    monkeypatch.setattr(store, "get_many", sometimes)
    async with live.watch() as watch:
        await live.told(task)
        assert list((await taken(watch)).tasks) == [task.id]


async def test_a_new_leader_makes_lists_be_read_anew(live: Live) -> None:
    async with live.watch() as watch:
        live.rota.platform.announcer.tell(RESET)
        assert (await taken(watch)).is_reset


async def test_live_goes_on_when_redis_is_back(sqlite_url: str, own_redis: RedisServer, tmp_path: Path) -> None:
    async with open_live(sqlite_url, own_redis.url, tmp_path) as live:
        (task,) = await live.submit()
        async with live.watch() as watch, live.hub.watch(everything, task_id=task.id) as one:
            cursor = watch.start
            await asyncio.to_thread(own_redis.stop)
            await eventually(lambda: not live.hub.is_live)
            missed = await watch.missed("1.1-0")
            assert missed is not None
            assert missed.is_reset
            await asyncio.to_thread(own_redis.start)
            for watching in (watch, one):
                batch = await taken(watching)
                assert batch.is_reset
                assert batch.cursor != cursor
                assert list(batch.tasks) == [task.id]
            live.tell(task)
            assert list((await taken(watch)).tasks) == [task.id]


async def test_the_ticker_makes_one_snapshot_for_all_and_none_for_nobody() -> None:
    made: list[int] = []

    async def make() -> list[int]:
        made.append(1)
        if len(made) == 2:
            raise RuntimeError("no snapshot this time")
        return [len(made)]

    ticker = Ticker(make, every_s=0.01)
    running = asyncio.create_task(ticker.run())
    await asyncio.sleep(0)
    assert made == []
    first, second = ticker.ticks(), ticker.ticks()
    async with asyncio.timeout(WAIT_S):
        for _ in range(3):
            a, b = await asyncio.gather(anext(first), anext(second))
            assert a is b
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
