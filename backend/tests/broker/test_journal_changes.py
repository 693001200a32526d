"""Reading the journal and the announcements: no gap, no double, and a clear word where Redis was emptied."""

import asyncio
import functools
from collections.abc import AsyncIterator

import pytest

from rota import ids
from rota.broker import changes as module
from rota.broker.changes import Changes, CursorLost
from rota.broker.client import connect
from rota.domain.events import MOST_TOLD, Change
from tests.support import broker
from tests.support.broker import Line

# Of what waits for no instant the journal does not tell that it was pushed.
push = functools.partial(broker.push, due_at=1)


@pytest.fixture
async def changes(redis_url: str) -> AsyncIterator[Changes]:
    redis = connect(redis_url)
    yield Changes(redis, "rota")
    await redis.aclose()


async def test_a_journal_is_read_from_where_it_was_left(line: Line) -> None:
    assert await line.journal.read({}, 1, 10) == []
    assert await line.journal.read({line.queue: ""}, 1, 10) == []
    await line.push(push("task_a"))
    (first,) = await line.journal.read({line.queue: "", "other": ""}, 1, 10)
    assert (first.queue, first.is_reset, [entry.kind for entry in first.entries]) == (line.queue, False, ["pushed"])
    position = f"{first.epoch}/{first.entries[-1].id}"
    assert await line.journal.read({line.queue: position}, 1, 10) == []
    claim = await line.claim()
    (second,) = await line.journal.read({line.queue: position}, 1, 10)
    entry = second.entries[0]
    assert (entry.kind, entry.worker, entry.lease, entry.at) == ("claimed", "w1", claim.lease, claim.at)
    assert (second.epoch, second.is_reset) == (first.epoch, False)


async def test_a_reader_waits_for_the_first_entry(line: Line) -> None:
    reading = asyncio.create_task(line.journal.read({line.queue: ""}, 5_000, 10))
    await line.push(push())
    assert len((await reading)[0].entries) == 1


async def test_a_reader_of_nothing_lets_others_run(line: Line) -> None:
    reading = asyncio.create_task(line.journal.read({}, 60_000, 10))
    await asyncio.sleep(0)
    await line.redis.ping()
    assert not reading.done()
    reading.cancel()


async def test_at_most_count_entries_come(line: Line) -> None:
    for _ in range(5):
        await line.push(push())
    assert len((await line.journal.read({line.queue: ""}, 1, 3))[0].entries) == 3


async def test_an_emptied_redis_is_noticed_and_read_from_the_start(line: Line) -> None:
    await line.push(push())
    (batch,) = await line.journal.read({line.queue: ""}, 1, 10)
    position = f"{batch.epoch}/{batch.entries[-1].id}"
    await line.redis.flushdb()
    (reset,) = await line.journal.read({line.queue: position}, 5_000, 10)  # told at once, not after the wait
    assert (reset.is_reset, reset.entries, reset.epoch) == (True, [], "")
    await line.push(push("task_b"))
    (reset,) = await line.journal.read({line.queue: position}, 1, 10)
    assert reset.is_reset
    assert reset.epoch not in ("", batch.epoch)
    assert len(reset.entries) == 1


async def test_an_emptied_redis_during_the_wait_gives_nothing_under_the_old_epoch(line: Line) -> None:
    await line.push(push())
    (batch,) = await line.journal.read({line.queue: ""}, 1, 10)
    position = f"{batch.epoch}/{batch.entries[-1].id}"
    reading = asyncio.create_task(line.journal.read({line.queue: position}, 5_000, 10))
    async with asyncio.timeout(60):
        while not any(client["cmd"] == "xread" for client in await line.redis.client_list()):
            await asyncio.sleep(0)
    await line.redis.flushdb()
    await line.push(push())
    assert await reading == []
    assert (await line.journal.read({line.queue: position}, 1, 10))[0].is_reset


async def test_a_journal_older_than_the_position_is_read_from_its_start(line: Line) -> None:
    await line.push(push())
    (batch,) = await line.journal.read({line.queue: ""}, 1, 10)
    (older,) = await line.journal.read({line.queue: f"{batch.epoch}/99999999999999-0"}, 5_000, 10)
    assert older.is_reset
    assert len(older.entries) == 1


async def test_trimmed_entries_are_gone_and_the_position_stays_good(line: Line) -> None:
    await line.push(push())
    await line.push(push())
    (batch,) = await line.journal.read({line.queue: ""}, 1, 10)
    await line.journal.trim(line.queue, batch.entries[0].id)
    assert [entry.id for entry in (await line.journal.read({line.queue: ""}, 1, 10))[0].entries] == [
        batch.entries[1].id
    ]
    await line.journal.trim(line.queue, batch.entries[1].id)
    position = f"{batch.epoch}/{batch.entries[1].id}"
    assert await line.journal.read({line.queue: position}, 1, 10) == []
    await line.push(push())
    (after,) = await line.journal.read({line.queue: position}, 1, 10)
    assert (after.is_reset, len(after.entries)) == (False, 1)


async def test_announcements_come_after_the_cursor_in_order(changes: Changes) -> None:
    start = await changes.latest()
    assert await changes.read(start, None) == []
    one = await changes.announce(Change(("task_a", "task_b")))
    two = await changes.announce(Change(workers=True, functions=True))
    assert await changes.latest() == two
    assert await changes.read(start, None) == [
        (one, Change(("task_a", "task_b"))),
        (two, Change(workers=True, functions=True)),
    ]
    assert await changes.read(one, None) == [(two, Change(workers=True, functions=True))]
    assert await changes.read(two, 1) == []


async def test_many_ids_take_little_room(changes: Changes) -> None:
    start = await changes.latest()
    told = Change(tuple(ids.new_id(ids.TASK) for _ in range(2_000)), queues=True)
    cursor = await changes.announce(told)
    assert await changes.read(start, None) == [(cursor, told)]
    assert await changes._redis.memory_usage("rota:{_changes}:stream") < 2_000 * 15


async def test_a_reader_of_announcements_waits(changes: Changes) -> None:
    start = await changes.latest()
    reading = asyncio.create_task(changes.read(start, 5_000))
    cursor = await changes.announce(Change(queues=True))
    assert await reading == [(cursor, Change(queues=True))]


async def test_a_cursor_of_an_emptied_redis_is_lost(changes: Changes) -> None:
    await changes.announce(Change(("task_a",)))
    cursor = await changes.latest()
    await changes._redis.flushdb()
    with pytest.raises(CursorLost):
        await changes.read(cursor, None)
    await changes.announce(Change(("task_b",)))
    with pytest.raises(CursorLost):
        await changes.read(cursor, None)


async def test_a_cursor_that_was_trimmed_past_is_lost(changes: Changes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 200)
    monkeypatch.setattr(module, "KEPT_LONG", 200)
    old = await changes.announce(Change(("task_0",)))
    cursor = old
    for number in range(600):
        cursor = await changes.announce(Change((f"task_{number}",)))
    assert await changes.read(cursor, None) == []
    with pytest.raises(CursorLost):
        await changes.read(old, None)


async def test_of_long_announcements_fewer_are_kept(changes: Changes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_LONG", 200)
    long = Change(tuple(ids.new_id(ids.TASK) for _ in range(MOST_TOLD)))
    old = await changes.announce(Change(("task_0",)))
    for _ in range(600):
        await changes.announce(Change(("task_a",)))
    assert len(await changes.read(old, None)) == 600, "short ones are kept"
    for _ in range(299):
        await changes.announce(long)
    cursor = await changes.announce(long)
    # Redis gives room back by the node, of a hundred entries.
    assert await changes._redis.xlen("rota:{_changes}:stream") <= 300
    assert await changes.read(cursor, None) == []
    with pytest.raises(CursorLost):
        await changes.read(old, None)


async def test_a_cursor_ahead_of_an_older_copy_is_lost(changes: Changes) -> None:
    epoch = (await changes.latest()).partition(".")[0]
    with pytest.raises(CursorLost):
        await changes.read(f"{epoch}.99999999999999-0", None)
