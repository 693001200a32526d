"""What functions enqueue from inside a worker: taken once, side by side, and never before its function can be known."""

import asyncio
from typing import Any

import pytest
import structlog.testing

from rota import jsontext
from rota.coordinator import submissions
from rota.coordinator.rollcall import RollCall
from rota.coordinator.submissions import Submissions
from rota.domain.errors import RateLimited
from tests.support.broker import ids_of, until
from tests.support.rota import INFO, MULTIPLY, Rota


async def enqueue(rota: Rota, function: str = "multiply", a: Any = 2, **more: Any) -> bytes:
    wish = {"function": function, "args": {"a": a, "b": 3}, "queue": None, "run_at": None, "key": None, "owner": None}
    return bytes(await rota.redis.xadd(rota.broker.keys.submissions(), {"b": jsontext.dumpb(wish | more)}))


async def left(rota: Rota) -> list[bytes]:
    return [entry_id for entry_id, _ in await rota.redis.xrange(rota.broker.keys.submissions())]


async def of_multiply(rota: Rota) -> list[int]:
    return sorted(jsontext.loads(task["args"])["a"] for task in await rota.all_tasks())


async def test_what_a_function_enqueues_is_submitted_once(rota: Rota) -> None:
    senseless = (
        b"no JSON",
        b"[]",
        b'{"args":{}}',
        b'{"function":"multiply","args":3}',
        b'{"function":"multiply","key":42}',
        b'{"function":"multiply","queue":["default"]}',
        b'{"function":"multiply","run_at":"soon"}',
    )
    for body in senseless:
        await rota.redis.xadd(rota.broker.keys.submissions(), {"b": body})
    await enqueue(rota, owner="user_alice")
    await enqueue(rota, a="a secret")
    entries = await rota.redis.xrange(rota.broker.keys.submissions())
    with structlog.testing.capture_logs() as logs:
        await Submissions(rota.platform).take()
        for entry in entries:  # they are there still, as after a crash before they were removed
            await rota.redis.xadd(rota.broker.keys.submissions(), entry[1], id="*")
        await Submissions(rota.platform)._submit_all(entries)
    refused = [line for line in logs if line["event"] == "a function enqueued what cannot be taken"]
    assert [(line["error"], line["at"]) for line in refused] == [("INVALID", "args.a")] * 2
    assert len([line for line in logs if "makes no sense" in line["event"]]) == 2 * len(senseless)
    assert "secret" not in str(logs)
    await rota.platform.submission.drain()
    claim = await rota.claim(5)
    assert len(claim.tasks) == 1
    assert [task["id"] for task in await rota.all_tasks()] == ids_of(claim)


async def test_many_are_taken_in_few_transactions_and_leave_the_stream(rota: Rota) -> None:
    for number in range(submissions.AT_ONCE + 5):
        await enqueue(rota, a=number)
    commits = 0
    commit = rota.platform.submission._commit

    async def counted(groups: Any) -> None:
        nonlocal commits
        commits += 1
        await commit(groups)

    rota.platform.submission._commit = counted  # type: ignore[method-assign]
    taking = Submissions(rota.platform)
    await taking.take()
    assert len(await left(rota)) == 5
    await taking.take()
    assert await left(rota) == []
    assert await of_multiply(rota) == list(range(submissions.AT_ONCE + 5))
    assert commits < submissions.AT_ONCE / 10


async def test_what_is_enqueued_before_the_roll_call_waits_for_it_and_holds_up_nobody(rota: Rota) -> None:
    running = asyncio.create_task(Submissions(rota.platform).run())
    early = [await enqueue(rota, function="divide"), await enqueue(rota, queue="more")]
    await enqueue(rota, a=7)

    async def are_left(entries: list[bytes]) -> bool:
        return await left(rota) == entries

    await until(lambda: are_left(early), "the one whose function is known")
    assert await of_multiply(rota) == [7]
    offers = [{**MULTIPLY, "name": "divide", "queue": "more"}]
    await rota.platform.workers.register("worker_1", INFO, offers, 60_000)
    await RollCall(rota.platform).call()
    await until(lambda: are_left([]), "the others")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert sorted((task["function"], task["queue"]) for task in await rota.all_tasks()) == [
        ("divide", "more"),
        ("multiply", "default"),
        ("multiply", "more"),
    ]


async def test_what_nobody_offers_is_left_out_with_a_word_in_the_log_after_its_time(
    rota: Rota, monkeypatch: pytest.MonkeyPatch
) -> None:
    taking = Submissions(rota.platform)
    await enqueue(rota, function="nothing")
    with structlog.testing.capture_logs() as logs:
        await taking.take()
        assert logs == []
        assert len(await left(rota)) == 1
        monkeypatch.setattr(submissions, "PATIENCE_S", 0)
        await taking.again()
    assert [(line["function"], line["error"]) for line in logs] == [("nothing", "UNKNOWN_FUNCTION")]
    assert await left(rota) == []
    monkeypatch.setattr(submissions, "MOST_EARLY", 0)
    with structlog.testing.capture_logs() as logs:
        await enqueue(rota, function="nothing")
        await taking.take()
    assert [line["error"] for line in logs] == ["UNKNOWN_FUNCTION"]


async def test_what_the_database_cannot_keep_is_left_out_and_the_others_are_taken(rota: Rota) -> None:
    await enqueue(rota, run_at=-(10**20))
    await enqueue(rota, a=3)
    with structlog.testing.capture_logs() as logs:
        await Submissions(rota.platform).take()
    assert [line["event"] for line in logs if line["log_level"] == "error"] == [
        "a function enqueued what cannot be kept"
    ]
    assert await of_multiply(rota) == [3]
    assert await left(rota) == []


async def test_many_that_wait_for_a_function_are_not_looked_at_one_by_one(
    rota: Rota, monkeypatch: pytest.MonkeyPatch
) -> None:
    taking, submit, wished = Submissions(rota.platform), rota.platform.submission.submit, list[str | None]()

    async def counted(owner: str | None, wishes: Any) -> Any:
        wished.extend(wish.function for wish in wishes)
        return await submit(owner, wishes)

    for number in range(20):
        await enqueue(rota, function=("divide", "nothing")[number % 2], a=number)
    await taking.take()
    monkeypatch.setattr(rota.platform.submission, "submit", counted)
    await taking.again()
    assert wished == []
    await rota.platform.workers.register("worker_1", INFO, [{**MULTIPLY, "name": "divide"}], 60_000)
    await RollCall(rota.platform).call()
    monkeypatch.setattr(submissions, "AT_ONCE", 3)
    await taking.again()
    assert wished == ["divide"] * 10
    assert await of_multiply(rota) == list(range(0, 20, 2))
    assert len(await left(rota)) == 10


async def test_it_waits_while_too_many_submits_do(rota: Rota, monkeypatch: pytest.MonkeyPatch) -> None:
    submit, refusals = rota.platform.submission.submit, [RateLimited("Too many.", 0)] * 3

    async def refused_at_first(*wish: Any) -> Any:
        if refusals:
            raise refusals.pop()
        return await submit(*wish)

    monkeypatch.setattr(rota.platform.submission, "submit", refused_at_first)
    await enqueue(rota)
    await Submissions(rota.platform).take()
    assert refusals == []
    assert [task["function"] for task in await rota.all_tasks()] == ["multiply"]


async def test_one_that_the_database_does_not_take_stays_and_the_others_are_taken(
    rota: Rota, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit = rota.platform.submission.submit

    async def one_fails(owner: str | None, wishes: Any) -> Any:
        if wishes[0].args["a"] == 1:
            raise OSError("the disk is full")
        return await submit(owner, wishes)

    monkeypatch.setattr(rota.platform.submission, "submit", one_fails)
    entries = [await enqueue(rota, a=number) for number in range(3)]
    with pytest.raises(OSError, match="the disk is full"):
        await Submissions(rota.platform).take()
    assert await left(rota) == [entries[1]]
    assert await of_multiply(rota) == [0, 2]
