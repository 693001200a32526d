"""A worker that is handed a task with its wake: it starts it at once, once, and loses none."""

import asyncio
from typing import Any

import pytest

from rota import ids
from rota.broker.scripts import Broker, Push
from rota.broker.values import Claim, Handed, parse_handed
from rota.clock import now_ms
from rota.domain.payload import Payload, build
from rota.domain.retry import POISON_DEATHS
from rota.worker import holding, waiter
from rota.worker.worker import Worker
from tests.support.working import Shop, until, working

LEASE_MS = 15_000


class Book:
    """A function that writes down who ran it and waits to be let go."""

    def __init__(self) -> None:
        self.runs: list[tuple[str, int]] = []
        self.go_on = asyncio.Event()

    def function(self) -> Any:
        async def noted(ctx: dict[str, Any]) -> str:
            self.runs.append((ctx["task"].id, ctx["job_try"]))
            await self.go_on.wait()
            return "through"

        return noted


@pytest.fixture
def book() -> Book:
    return Book()


async def is_free(line: Shop, worker: Worker) -> bool:
    """Whether a push may hand the worker a task."""
    key = line.broker.keys.queue(line.queue, "idle")
    return b":" in (await line.redis.hget(key, worker.worker_id) or b"") and worker.lines[line.queue].is_offered


async def test_it_starts_what_it_is_handed_without_asking(
    line: Shop, redis_url: str, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_ask = asyncio.Event()
    exchange = Broker.exchange

    async def held_up(self: Broker, *args: Any, **more: Any) -> Any:
        await may_ask.wait()
        return await exchange(self, *args, **more)

    # It does not ask by itself before the end.
    monkeypatch.setattr(waiter, "LONGEST_WAIT_S", 600)
    async with working(redis_url, book.function()) as worker:
        await until(lambda: is_free(line, worker))
        monkeypatch.setattr(Broker, "exchange", held_up)
        task_id = await line.push("noted")
        await until(lambda: book.runs == [(task_id, 1)])
        book.go_on.set()
        may_ask.set()
        assert (await line.settled(task_id))["outcome"] == "SUCCEEDED"
        # With what it has ended it offers itself again.
        await until(lambda: is_free(line, worker))
        monkeypatch.setattr(waiter, "LONGEST_WAIT_S", 1)
        await line.broker.tell(line.queue, worker.worker_id, {})
    assert len(await line.all_told("claimed")) == 1


async def test_lease_numbers_may_begin_anew(line: Shop, redis_url: str, book: Book) -> None:
    """Redis' clock stood ahead; then it was set right, and Redis emptied."""
    book.go_on.set()
    async with working(redis_url, book.function()) as worker:
        await until(lambda: is_free(line, worker))
        ahead = (now_ms() + 600_000) * 1000
        await line.redis.set(line.broker.keys.queue(line.queue, "lease"), ahead)
        first = await line.push("noted")
        await line.settled(first)
        assert worker.lines[line.queue]._seen[-1] > ahead
        await line.redis.flushdb()
        await until(lambda: is_free(line, worker))
        second = await line.push("noted")
        assert (await line.settled(second))["outcome"] == "SUCCEEDED"
    assert [task_id for task_id, _ in book.runs] == [first, second]


async def test_while_it_does_something_it_is_handed_nothing(line: Shop, redis_url: str, book: Book) -> None:
    async with working(redis_url, book.function()) as worker:
        await until(lambda: is_free(line, worker))
        first = await line.push("noted")
        await until(lambda: [task_id for task_id, _ in book.runs] == [first])
        assert not await is_free(line, worker)
        # What else comes it is woken for; its loop may be stuck in what it does.
        second = await line.push("noted")
        await until(lambda: [task_id for task_id, _ in book.runs] == [first, second])
        handed = await line.redis.hget(line.broker.keys.queue(line.queue, "handed"), worker.worker_id)
        assert handed is None or handed.split()[1] == first.encode()
        book.go_on.set()


@pytest.mark.parametrize("slots", [1, 4])
async def test_what_is_lost_on_its_way_comes_with_the_next_answer(
    line: Shop, redis_url: str, book: Book, monkeypatch: pytest.MonkeyPatch, slots: int
) -> None:
    lost: list[bytes] = []

    def loses_the_first(text: bytes) -> Handed | None:
        handed = parse_handed(text)
        if handed is not None and not lost:
            lost.append(text)
            return Handed(handed.claim._replace(lease=0), handed.asks)  # as if it had never come
        return handed

    monkeypatch.setattr(waiter, "parse_handed", loses_the_first)
    async with working(redis_url, book.function(), slots=slots) as worker:
        await until(lambda: is_free(line, worker))
        task_id, *others = [await line.push("noted") for _ in range(3)]
        await until(lambda: (task_id, 1) in book.runs)
        assert len(lost) == 1
        assert worker.holding.busy <= slots
        book.go_on.set()
        for one in (task_id, *others):
            assert (await line.settled(one))["outcome"] == "SUCCEEDED"
    assert sorted(book.runs) == sorted((one, 1) for one in (task_id, *others))
    assert await line.all_told("late") == []


async def test_what_comes_twice_runs_once(
    line: Shop, redis_url: str, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    came: list[Handed] = []
    answers: list[Claim] = []
    exchange = Broker.exchange

    def kept(text: bytes) -> Handed | None:
        handed = parse_handed(text)
        if handed is not None:
            came.append(handed)
        return handed

    async def overtaken(self: Broker, *args: Any, **more: Any) -> Any:
        # As if the first question had been on its way before the task was handed out.
        flags, claim = await exchange(self, *args, **more | ({"seen": 0} if came and not answers else {}))
        if came:
            answers.append(claim)
        return flags, claim

    monkeypatch.setattr(waiter, "parse_handed", kept)
    async with working(redis_url, book.function()) as worker:
        await until(lambda: is_free(line, worker))
        monkeypatch.setattr(Broker, "exchange", overtaken)
        task_id = await line.push("noted")
        await until(lambda: len(book.runs) == 1)
        worker.rounds.handed(line.queue, came[0])
        worker.rounds.wake()
        await until(lambda: len(answers) > 1)
        assert [claim.was_handed for claim in answers[:2]] == [True, False]
        book.go_on.set()
        assert (await line.settled(task_id))["outcome"] == "SUCCEEDED"
    assert book.runs == [(task_id, 1)]
    assert await line.all_told("late") == []


@pytest.mark.parametrize("state", ["PAUSED", "DRAINING"])
async def test_what_comes_as_it_takes_no_more_goes_back(
    line: Shop, redis_url: str, book: Book, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    async with working(redis_url, book.function()) as worker:
        await until(lambda: is_free(line, worker))

        def just_before(text: bytes) -> Handed | None:
            worker._desired(state)
            return parse_handed(text)

        monkeypatch.setattr(waiter, "parse_handed", just_before)
        task_id = await line.push("noted")
        settled = await line.settled(task_id)
        # Paused it is told, with its next sign of life, to go on: then it may get it again.
        assert (settled["outcome"], settled["used"], settled["begun"]) == ("RELEASED", 0, False)


async def test_what_is_cancelled_right_behind_its_push_never_runs(
    line: Shop, redis_url: str, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, held = waiter.Waiter._heard, list[bytes]()

    def together(self: waiter.Waiter, queue: str, text: bytes) -> None:
        if parse_handed(text):
            held.append(text)
            return
        for one in (*held, text):
            heard(self, queue, one)

    async with working(redis_url, book.function()) as worker:
        await until(lambda: is_free(line, worker))
        monkeypatch.setattr(waiter.Waiter, "_heard", together)
        task_id = await line.push("noted")
        await line.broker.drop(line.queue, [task_id])
        await line.told("late", task_id)
        await until(lambda: worker.holding.busy == 0)
    assert book.runs == []


async def test_a_suspect_that_is_handed_runs_at_once_and_alone(
    line: Shop, redis_url: str, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "APART_S", 600)  # it does not wait for others to end
    deaths = POISON_DEATHS - 1
    payload = build(Payload(function="noted", args="{}", created_at=now_ms()))
    async with working(redis_url, book.function()) as worker:
        await until(lambda: is_free(line, worker))
        suspect = ids.new_id(ids.TASK)
        await line.broker.push(line.queue, [Push(suspect, payload, now_ms(), number=deaths, deaths=deaths)])
        await until(lambda: book.runs == [(suspect, POISON_DEATHS)])
        # Something that was handed meanwhile, as the last word of an offer made before.
        other = await line.push("noted")
        seen = worker.lines[line.queue]._seen[-1]
        claim = await line.broker.claim(line.queue, worker.worker_id, "by-hand", 1, 15_000, seen=seen)
        assert [task.id for task in claim.tasks] == [other]
        worker.rounds.handed(line.queue, Handed(claim, asks=False))
        settled = await line.settled(other)
        assert (settled["outcome"], settled["used"]) == ("RELEASED", 0)
        assert book.runs == [(suspect, POISON_DEATHS)]
        book.go_on.set()
        assert (await line.settled(other, 2))["outcome"] == "SUCCEEDED"


async def test_what_was_too_long_on_its_way_runs_only_if_it_is_still_held(
    line: Shop, redis_url: str, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the process had stood still between Redis' answer and its loop."""
    heard, kept, wakes = waiter.Waiter._heard, list[bytes](), list[bytes]()

    def stands_still(self: waiter.Waiter, queue: str, text: bytes) -> None:
        if not parse_handed(text):
            # Whoever stands still hears nothing: else it would ask, and claim what the sweep puts back in line.
            wakes.append(text)
        elif not kept:
            kind, lease, at, rest = text.split(b" ", 3)
            kept.append(b" ".join([kind, lease, str(int(at) - LEASE_MS).encode(), rest]))

    # It does not ask by itself before the end.
    monkeypatch.setattr(waiter, "LONGEST_WAIT_S", 600)
    async with working(redis_url, book.function(), lease_ms=LEASE_MS) as worker:
        await until(lambda: is_free(line, worker))
        monkeypatch.setattr(waiter.Waiter, "_heard", stands_still)
        lost = await line.push("noted")
        await until(lambda: len(kept) == 1)
        await line.redis.zadd(line.broker.keys.queue(line.queue, "leases"), {lost: 1})
        await line.broker.sweep(line.queue)
        claim = await line.broker.claim(line.queue, "elsewhere", "c", 1, LEASE_MS)
        assert [task.id for task in claim.tasks] == [lost]
        await until(lambda: len(wakes) == 1)  # by the sweep
        monkeypatch.setattr(waiter.Waiter, "_heard", heard)
        heard(worker._waiter, line.queue, kept.pop())
        # It has asked, and was told that it does not hold that.
        await until(lambda: is_free(line, worker))
        assert book.runs == []
        # What it does hold comes with the answer.
        monkeypatch.setattr(waiter.Waiter, "_heard", stands_still)
        held = await line.push("noted")
        await until(lambda: len(kept) == 1)
        heard(worker._waiter, line.queue, kept[0])
        await until(lambda: book.runs == [(held, 1)])
        book.go_on.set()
        assert (await line.settled(held))["outcome"] == "SUCCEEDED"
        monkeypatch.setattr(waiter, "LONGEST_WAIT_S", 1)
        await line.broker.tell(line.queue, worker.worker_id, {})
    assert book.runs == [(held, 1)]


async def test_what_is_handed_while_another_queue_answers_takes_no_slot_twice(
    line: Shop, redis_url: str, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange, has_answered, may_go_on = Broker.exchange, asyncio.Event(), asyncio.Event()

    async def held_up(self: Broker, queue: str, *args: Any, **more: Any) -> Any:
        flags, claim = await exchange(self, queue, *args, **more)
        if queue == "other" and claim.tasks:
            has_answered.set()
            await may_go_on.wait()
        return flags, claim

    payload = build(Payload(function="noted", args="{}", created_at=now_ms()))
    async with working(redis_url, book.function(), queues=(line.queue, "other"), slots=1) as worker:
        await until(lambda: is_free(line, worker))
        monkeypatch.setattr(Broker, "exchange", held_up)
        # There it is only woken, and asks.
        await line.redis.hset(line.broker.keys.queue("other", "idle"), worker.worker_id, 1)
        claimed = ids.new_id(ids.TASK)
        await line.broker.push("other", [Push(claimed, payload, now_ms())])
        await has_answered.wait()
        handed = await line.push("noted")
        await until(lambda: book.runs == [(handed, 1)])
        may_go_on.set()

        async def is_back() -> bool:
            return not await line.redis.hexists(line.broker.keys.queue("other", "running"), claimed)

        # Unused.
        await until(is_back)
        assert book.runs == [(handed, 1)]
        book.go_on.set()
        await until(lambda: book.runs == [(handed, 1), (claimed, 1)])
