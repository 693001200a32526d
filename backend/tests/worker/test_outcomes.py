"""How attempts end, as the journal tells it."""

import asyncio
import functools
import gc
import threading
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import arq
import pytest
from pydantic import Field

import rota
from rota.clock import now_ms
from rota.domain.retry import Backoff
from rota.domain.tasks import FAR_FUTURE_MS
from rota.worker import endings
from rota.worker.attempt import Attempt
from tests.support.working import Shop, until, working


async def test_a_result_is_kept_as_json(line: Shop, redis_url: str) -> None:
    async def power(base: int, exponent: int = 2) -> dict[str, int]:
        return {"power": base**exponent}

    async with working(redis_url, power):
        settled = await line.settled(await line.push("power", {"base": 10**30}))
    assert settled["outcome"] == "SUCCEEDED"
    assert settled["result"] == {"power": 10**60}
    assert (settled["number"], settled["used"]) == (1, 1)
    assert "due" not in settled


async def test_a_result_with_nan_fails_at_once(line: Shop, redis_url: str) -> None:
    async def measures() -> dict[str, Any]:
        return {"none": None, "scores": [1.0, float("nan")]}

    async with working(redis_url, measures):
        settled = await line.settled(await line.push("measures", max_attempts=3))
    assert settled["outcome"] == "FAILED"
    assert "due" not in settled
    assert settled["error"]["message"] == "the result cannot be kept as JSON: NaN at scores[1]"


class Odd(BaseException):
    """No Exception: what catches those lets it pass."""


async def test_what_is_no_exception_ends_an_attempt_too_and_frees_its_slot(line: Shop, redis_url: str) -> None:
    async def bursts() -> None:
        raise Odd("in the loop")

    def snaps() -> None:
        raise Odd("in a thread")

    async def goes_on() -> None: ...

    async with working(redis_url, bursts, snaps, goes_on, slots=1) as worker:
        for name, message in (("bursts", "in the loop"), ("snaps", "in a thread")):
            settled = await line.settled(await line.push(name, max_attempts=1))
            assert (settled["outcome"], settled["error"]["type"], settled["error"]["message"]) == (
                "FAILED",
                "Odd",
                message,
            )
        assert (await line.settled(await line.push("goes_on")))["outcome"] == "SUCCEEDED"
        await until(lambda: worker.holding.busy == 0)


async def test_a_decorated_async_function_is_awaited(line: Shop, redis_url: str) -> None:
    def decorated(call: Callable[[int], Awaitable[int]]) -> Callable[[int], Awaitable[int]]:
        @functools.wraps(call)
        def inner(a: int) -> Awaitable[int]:
            return call(a)

        return inner

    @decorated
    async def doubles(a: int) -> int:
        await asyncio.sleep(0)
        return 2 * a

    async with working(redis_url, doubles):
        settled = await line.settled(await line.push("doubles", {"a": 21}))
    assert (settled["outcome"], settled.get("result")) == ("SUCCEEDED", 42)


async def test_a_wait_beyond_all_dates_is_a_long_one(line: Shop, redis_url: str) -> None:
    async def later() -> None:
        raise arq.Retry(defer=1e17)

    began = now_ms()
    async with working(redis_url, later):
        settled = await line.settled(await line.push("later"))
    assert settled["due"] - began == pytest.approx(FAR_FUTURE_MS, rel=0.01)


async def test_a_failure_is_retried_until_no_attempt_is_left(line: Shop, redis_url: str) -> None:
    async def fails() -> None:
        raise ValueError("no good")

    async with working(redis_url, fails):
        task_id = await line.push("fails", max_attempts=3, created_at=1_000_000)
        settlements = await line.told("settled", task_id, 3)
    assert [one["number"] for one in settlements] == [1, 2, 3]
    assert [one["used"] for one in settlements] == [1, 2, 3]
    assert ["due" in one for one in settlements] == [True, True, False]
    # Its place is the one that its age and priority give it: five levels of an hour below priority 10.
    assert settlements[0]["rank"] == 1_000_000 + 5 * 3_600_000
    error = settlements[0]["error"]
    assert (error["type"], error["message"]) == ("ValueError", "no good")
    assert error["traceback"].count("File") == 1
    assert "in fails" in error["traceback"]


async def test_a_backoff_puts_the_retry_into_the_future(line: Shop, redis_url: str) -> None:
    async def fails() -> None:
        raise ValueError

    async with working(redis_url, fails):
        backoff = Backoff(10**9, 1.0, 10**9)
        settled = await line.settled(await line.push("fails", backoff=backoff))
    assert settled["due"] > settled["at"]
    assert await line.redis.zcard(line.broker.keys.queue("default", "scheduled")) == 1


async def test_retry_is_due_when_the_function_says(line: Shop, redis_url: str) -> None:
    async def later() -> None:
        raise arq.Retry(defer=3600)

    async with working(redis_url, later):
        settled = await line.settled(await line.push("later"))
    assert settled["due"] == settled["at"] + 3_600_000
    assert settled["error"]["type"] == "Retry"
    assert settled["used"] == 1


async def test_retry_uses_up_attempts(line: Shop, redis_url: str) -> None:
    async def again() -> None:
        raise arq.Retry

    async with working(redis_url, again):
        settlements = await line.told("settled", await line.push("again", max_attempts=2), 2)
    assert ["due" in one for one in settlements] == [True, False]
    assert settlements[1]["outcome"] == "FAILED"


@pytest.mark.parametrize("args", [{}, {"count": "many"}, {"count": 0}, {"count": 1, "other": 2}])
async def test_wrong_arguments_are_not_retried(line: Shop, redis_url: str, args: dict[str, Any]) -> None:
    async def takes(count: Annotated[int, Field(ge=1)]) -> int:
        return count

    async with working(redis_url, takes):
        settled = await line.settled(await line.push("takes", args))
    assert (settled["outcome"], settled["error"]["type"]) == ("FAILED", "ArgumentError")
    assert "due" not in settled
    assert ("count" in settled["error"]["message"]) or ("other" in settled["error"]["message"])


async def test_fatal_is_not_retried(line: Shop, redis_url: str) -> None:
    class Gone(rota.Fatal):
        pass

    async def gives_up() -> None:
        raise Gone("nothing to be done")

    async with working(redis_url, gives_up):
        settled = await line.settled(await line.push("gives_up"))
    assert settled["outcome"] == "FAILED"
    assert "due" not in settled


@pytest.mark.parametrize("value", [object(), float("inf") * 1j, "\ud800", "x" * (endings.MAX_RESULT_BYTES + 1)])
async def test_a_result_that_cannot_be_kept_is_a_clear_failure(line: Shop, redis_url: str, value: Any) -> None:
    async def returns() -> Any:
        return value

    async with working(redis_url, returns):
        settled = await line.settled(await line.push("returns"))
    assert (settled["outcome"], settled["error"]["type"]) == ("FAILED", "ResultError")
    assert "due" not in settled
    assert len(settled["error"]["message"]) < 300


async def test_errors_have_bounded_sizes(line: Shop, redis_url: str) -> None:
    async def shouts(deep: int) -> None:
        if deep:
            await shouts(deep - 1)
        raise ValueError("\0" + "x" * 100_000)

    async with working(redis_url, shouts):
        error = (await line.settled(await line.push("shouts", {"deep": 50}, max_attempts=1)))["error"]
    assert len(error["message"]) == endings.MAX_MESSAGE
    assert "\0" not in error["message"]
    assert len(error["traceback"]) == endings.MAX_TRACEBACK


async def test_sys_exit_ends_the_attempt_not_the_worker(line: Shop, redis_url: str) -> None:
    async def leaves() -> None:
        raise SystemExit(3)

    async with working(redis_url, leaves):
        first = await line.settled(await line.push("leaves", max_attempts=1))
        second = await line.settled(await line.push("leaves", max_attempts=1))
    assert first["error"]["type"] == second["error"]["type"] == "SystemExit"


async def test_a_timeout_is_a_failure_that_is_retried(line: Shop, redis_url: str) -> None:
    async def waits() -> None:
        await asyncio.Event().wait()

    async with working(redis_url, waits):
        first, last = await line.told("settled", await line.push("waits", timeout_ms=20, max_attempts=2), 2)
    assert first["outcome"] == last["outcome"] == "TIMED_OUT"
    assert first["error"]["message"] == "It ran longer than its timeout of 0.02 s."
    assert "due" in first
    assert "due" not in last


async def test_a_deadline_ends_what_runs(line: Shop, redis_url: str) -> None:
    async def waits() -> None:
        await asyncio.Event().wait()

    async with working(redis_url, waits):
        settled = await line.settled(await line.push("waits", deadline_at=now_ms() + 1_000))
    assert settled["outcome"] == "EXPIRED"
    assert "due" not in settled


async def test_finish_late_lets_it_finish(line: Shop, redis_url: str) -> None:
    go_on = asyncio.Event()

    async def waits() -> str:
        await go_on.wait()
        return "late, and whole"

    async with working(redis_url, waits):
        deadline_at = now_ms() + 1_000
        task_id = await line.push("waits", deadline_at=deadline_at, on_deadline="FINISH_LATE")
        await line.told("claimed", task_id)
        # The worker goes by the clock of Redis, as the last answer told it: a little behind.
        await until(lambda: now_ms() > deadline_at + 500)
        go_on.set()
        settled = await line.settled(task_id)
    assert (settled["outcome"], settled["result"]) == ("SUCCEEDED", "late, and whole")
    assert settled["at"] > deadline_at


async def test_cancel_reaches_an_async_function_at_once(line: Shop, redis_url: str) -> None:
    was_cancelled = asyncio.Event()

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            was_cancelled.set()
            raise

    async with working(redis_url, waits) as worker:
        task_id = await line.push("waits")
        await line.told("claimed", task_id)
        await line.broker.tell("default", worker.worker_id, {"cancel": [task_id]})
        settled = await line.settled(task_id)
    assert was_cancelled.is_set()
    assert settled["outcome"] == "CANCELLED"
    assert "due" not in settled


async def test_dropping_a_task_cancels_it_and_refuses_its_outcome(line: Shop, redis_url: str) -> None:
    async def waits() -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return "too late"
        return ""

    async with working(redis_url, waits):
        task_id = await line.push("waits")
        await line.told("claimed", task_id)
        assert await line.broker.drop("default", [task_id]) == 1
        (late,) = await line.told("late", task_id)
    assert late["outcome"] == "CANCELLED"
    assert "result" not in late
    assert await line.all_told("settled") == []


async def test_a_thread_is_marked_and_its_result_refused(line: Shop, redis_url: str) -> None:
    go_on, saw_stop = threading.Event(), threading.Event()

    def blocks(ctx: dict[str, Any]) -> str:
        assert go_on.wait(60)
        if ctx["task"].is_stopped:
            saw_stop.set()
        return "refused"

    def quick() -> str:
        return threading.current_thread().name

    async with working(redis_url, blocks, quick, slots=1) as worker:
        task_id = await line.push("blocks")
        await line.told("claimed", task_id)
        await line.broker.tell("default", worker.worker_id, {"cancel": [task_id]})
        assert (await line.settled(task_id))["outcome"] == "CANCELLED"
        # The thread has not ended, so its slot is taken: nothing else starts.
        waiting = await line.push("quick")
        assert worker.info(is_stuck=False)["running_count"] == 1
        go_on.set()
        settled = await line.settled(waiting)
    assert saw_stop.is_set()
    assert settled["result"].startswith("rota-function")
    assert len(await line.all_told("settled")) == 2


async def test_a_function_that_swallows_its_cancellation_is_told_anyway(
    line: Shop, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rota.worker.attempt.CLEANUP_S", 0.05)
    let_go = asyncio.Event()

    async def stubborn() -> None:
        while not let_go.is_set():
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                continue

    async with working(redis_url, stubborn):
        settled = await line.settled(await line.push("stubborn", timeout_ms=20, max_attempts=1))
        let_go.set()
    assert settled["outcome"] == "TIMED_OUT"


async def known() -> None:
    return None


async def test_what_nobody_here_knows_goes_back_unused(line: Shop, redis_url: str) -> None:
    """Once: then it waits for somebody who has the function, and the worker goes on with what it has."""
    async with working(redis_url, known):
        unknown = await line.push("unknown")
        settled = await line.settled(unknown)
        assert (settled["outcome"], settled["used"], settled["begun"]) == ("RELEASED", 0, False)
        assert settled["due"] == settled["at"]
        assert (await line.settled(await line.push("known")))["outcome"] == "SUCCEEDED"
        tries: list[int] = []

        @rota.function(name="unknown")
        async def late_comer(ctx: dict[str, Any]) -> None:
            tries.append(ctx["job_try"])

        async with working(redis_url, late_comer):
            assert (await line.settled(unknown, 2))["outcome"] == "SUCCEEDED"
    assert tries == [1]
    assert len(await line.told("claimed", unknown, 2)) == 2


async def test_workers_of_one_queue_have_functions_of_their_own(line: Shop, redis_url: str) -> None:
    """Nothing is ever in the wrong hands, so no start is wasted and `job_try` is the number of real ones."""
    tries: dict[str, list[int]] = {}

    def noting(name: str) -> Any:
        @rota.function(name=name, max_attempts=3)
        async def note(ctx: dict[str, Any]) -> None:
            tries.setdefault(ctx["job_id"], []).append(ctx["job_try"])
            if ctx["job_try"] < 3:
                raise arq.Retry(defer=0.001)

        return note

    async def are_known() -> bool:
        return bool(await line.redis.hlen(line.broker.keys.queue("default", "offers")) == 2)

    async with working(redis_url, noting("left"), slots=2), working(redis_url, noting("right"), slots=2):
        await until(are_known)
        tasks = [await line.push(name, max_attempts=3) for _ in range(10) for name in ("left", "right")]
        ended = [await line.settled(task_id, 3) for task_id in tasks]
    assert {one["outcome"] for one in ended} == {"SUCCEEDED"}
    assert [tries[task_id] for task_id in tasks] == [[1, 2, 3]] * len(tasks)
    assert [one["outcome"] for one in await line.all_told("settled")].count("RELEASED") == 0


async def test_what_has_ended_needs_no_collector(line: Shop, redis_url: str) -> None:
    """An attempt, its context and its task refer to each other: left so, only the collector would free them."""

    def left() -> int:
        return sum(isinstance(one, Attempt) for one in gc.get_objects())

    async def nothing() -> None:
        pass

    gc.collect()
    before = left()
    gc.disable()
    try:
        async with working(redis_url, nothing) as worker:
            await line.push_many("nothing", 300)
            await until(lambda: worker.jobs_complete == 300 and left() == before)
    finally:
        gc.enable()
