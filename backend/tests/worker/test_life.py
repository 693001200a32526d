"""A worker from its start to its end: woken, paused, drained, registered, and what it does while Redis is away."""

import asyncio
import contextlib
import os
import signal
import time
from typing import Any

import pytest
import structlog

from rota import ids, jsontext
from rota.broker.keys import Keys
from rota.broker.scripts import Broker, Push, Run
from rota.broker.workers import Registered, Workers
from rota.clock import now_ms
from rota.worker import waiter
from rota.worker.line import Line
from rota.worker.worker import Worker
from tests.support.servers import RedisServer
from tests.support.working import Shop, shop, until, working


class Gate:
    """A function that waits inside until it is let go, and counts its runs."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.runs: list[str] = []

    def function(self) -> Any:
        async def gated(ctx: dict[str, Any]) -> str:
            self.runs.append(ctx["task"].id)
            await self.go_on.wait()
            return "through"

        return gated


@pytest.fixture
def gate() -> Gate:
    return Gate()


async def quick() -> str:
    return "done"


async def test_an_idle_worker_is_woken_not_polled(line: Shop, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Without the wake the next look would come in ten minutes.
    monkeypatch.setattr(waiter, "LONGEST_WAIT_S", 600)
    async with working(redis_url, quick) as worker:
        await until(lambda: is_waiting(line, worker))
        for _ in range(20):
            assert (await line.settled(await line.push("quick")))["outcome"] == "SUCCEEDED"
            await until(lambda: is_waiting(line, worker))
        monkeypatch.setattr(waiter, "LONGEST_WAIT_S", 1)
        await line.broker.tell("default", worker.worker_id, {})


async def test_what_is_due_starts_at_its_instant(line: Shop, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiter, "LONGEST_WAIT_S", 600)
    async with working(redis_url, quick) as worker:
        due_at = now_ms() + 700
        task_id = await line.push("quick", due_at=due_at)
        # What is scheduled wakes nobody: the worker learns of it with its next look.
        worker.rounds.wake()
        settled = await line.settled(task_id)
        monkeypatch.setattr(waiter, "LONGEST_WAIT_S", 1)
        await line.broker.tell("default", worker.worker_id, {})
    assert settled["at"] >= due_at


async def test_a_wake_that_overtakes_the_answer_before_it_holds(line: Shop) -> None:
    asker = Line(line.broker, "default", "worker_1", 60_000, slots=1, is_stealing=True)
    await asker.exchange(1)
    assert not asker.may_have_work
    asking = asyncio.create_task(asker.exchange(1))
    await asyncio.sleep(0)  # it has asked
    asker.wake()
    await asking
    assert asker.may_have_work


async def test_many_are_settled_and_claimed_together(line: Shop, redis_url: str) -> None:
    names = await line.push_many("quick", 200)
    async with working(redis_url, quick, slots=20):
        for name in names:
            await line.settled(name)
    # 200 tasks in halves of 20 slots; an entry a task would be 200.
    assert await line.entries("claimed") <= 25
    assert await line.entries("settled") <= 25


async def test_no_more_than_its_slots_run(line: Shop, redis_url: str, gate: Gate) -> None:
    names = await line.push_many("gated", 12)
    async with working(redis_url, gate.function(), slots=5) as worker:
        await until(lambda: len(gate.runs) == 5)
        await until(lambda: not worker.lines["default"].is_unanswered)
        assert worker.info(is_stuck=False)["running_count"] == 5
        assert await line.redis.zcard(line.broker.keys.queue("default", "ready")) == 7
        gate.go_on.set()
        for name in names:
            await line.settled(name)


async def test_it_registers_with_its_offers_and_leaves(line: Shop, redis_url: str, gate: Gate) -> None:
    workers = Workers(line.redis, "rota")
    async with working(redis_url, gate.function(), slots=3) as worker:
        await line.push("gated")
        await until(lambda: told(workers, worker, running_count=1))
        found = await registered(workers, worker)
        offers = await workers.catalogue(worker.worker_id)
        gate.go_on.set()
    assert found is not None
    assert found.info["name"] == "tester"
    assert (found.info["kind"], found.info["status"], found.info["slots"]) == ("POOL", "ONLINE", 3)
    assert (found.info["queues"], found.info["pid"]) == (["default"], os.getpid())
    assert [offer["name"] for offer in offers] == ["gated"]
    assert await registered(workers, worker) is None
    keys = line.broker.keys
    for name in ("idle", "claims", "settles", "offers"):
        assert not await line.redis.hexists(keys.queue("default", name), worker.worker_id)
    assert not await line.redis.exists(keys.wake("default", worker.worker_id))


async def test_a_forgotten_worker_registers_again(line: Shop, redis_url: str) -> None:
    workers = Workers(line.redis, "rota")
    async with working(redis_url, quick) as worker:
        await until(lambda: is_registered(workers, worker))
        await workers.leave(worker.worker_id)
        await until(lambda: is_registered(workers, worker))
        assert await workers.catalogue(worker.worker_id) != []


async def test_paused_it_claims_nothing(line: Shop, redis_url: str) -> None:
    workers = Workers(line.redis, "rota")
    async with working(redis_url, quick) as worker:
        await until(lambda: is_waiting(line, worker))
        await workers.want(worker.worker_id, "PAUSED")
        await until(lambda: told(workers, worker, status="PAUSED"))
        # It is not woken in others' stead.
        await until(lambda: is_waiting(line, worker, really=False))
        task_id = await line.push("quick")
        # It looks once a second; a sign of life later it has still not taken it.
        worker.rounds.wake("default")
        beat_at = now_ms()
        await until(lambda: told_after(workers, worker, beat_at))
        assert await line.redis.zcard(line.broker.keys.queue("default", "ready")) == 1
        await workers.want(worker.worker_id, "ONLINE")
        assert (await line.settled(task_id))["outcome"] == "SUCCEEDED"


async def test_draining_it_finishes_what_runs_and_ends(line: Shop, redis_url: str, gate: Gate) -> None:
    workers = Workers(line.redis, "rota")
    async with working(redis_url, gate.function()) as worker:
        task_id = await line.push("gated")
        await line.told("claimed", task_id)
        await workers.want(worker.worker_id, "DRAINING")
        await until(lambda: told(workers, worker, status="DRAINING"))
        left = await line.push("gated")
        gate.go_on.set()
        assert worker.main_task is not None
        await asyncio.wait_for(asyncio.shield(worker.main_task), 60)
    assert (await line.settled(task_id))["outcome"] == "SUCCEEDED"
    assert gate.runs == [task_id]
    assert await line.redis.zscore(line.broker.keys.queue("default", "ready"), left) is not None


async def test_a_signal_gives_back_what_it_cannot_finish(line: Shop, redis_url: str, gate: Gate) -> None:
    async with working(redis_url, gate.function(), drain_seconds=0.05) as worker:
        task_id = await line.push("gated", max_attempts=1)
        await line.told("claimed", task_id)
        worker.handle_sig(signal.SIGTERM)
        assert worker.main_task is not None
        await asyncio.wait_for(asyncio.shield(worker.main_task), 60)
    settled = await line.settled(task_id)
    assert (settled["outcome"], settled["used"]) == ("RELEASED", 0)
    assert settled["due"] == settled["at"]
    # Ready at once, and its one attempt is still there to be had.
    async with working(redis_url, quick_gated):
        assert (await line.settled(task_id, 2))["outcome"] == "SUCCEEDED"


async def quick_gated() -> None:
    return None


quick_gated.__name__ = "gated"


async def test_a_lost_lease_cancels_and_is_not_settled(line: Shop, redis_url: str, gate: Gate) -> None:
    async with working(redis_url, gate.function(), slots=1) as worker:
        task_id = await line.push("gated")
        await line.told("claimed", task_id)

        async def is_lost() -> bool:
            # As a sweep has it whose clock passed the lease's end; a sign of life may come in between.
            await line.redis.zadd(line.broker.keys.queue("default", "leases"), {task_id: 1})
            return (await line.broker.sweep("default")).lost == 1

        await until(is_lost)
        # Claimed again, by the same worker, under a new lease.
        await until(lambda: len(gate.runs) == 2)
        gate.go_on.set()
        settled = await line.settled(task_id)
        await until(lambda: worker.info(is_stuck=False)["running_count"] == 0)
    assert (settled["number"], settled["outcome"]) == (2, "SUCCEEDED")
    assert await line.all_told("late") == []


async def test_leases_are_renewed_while_the_loop_is_blocked(line: Shop, redis_url: str) -> None:
    workers = Workers(line.redis, "rota")
    seen: dict[str, Any] = {}

    async def blocks(ctx: dict[str, Any]) -> None:
        task_id, leases = ctx["task"].id, line.broker.keys.queue("default", "leases")
        import redis

        with redis.Redis.from_url(redis_url) as client:
            before = client.zscore(leases, task_id)
            # The loop does not turn here; only its heart can do both.
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and not seen.get("stuck"):
                info = client.hget(Keys("rota").workers("info"), worker.worker_id)
                seen["stuck"] = bool(info) and jsontext.loads(info)["is_stuck"]
            seen["renewed"] = client.zscore(leases, task_id) > before

    async with working(redis_url, blocks) as worker:
        await until(lambda: is_registered(workers, worker))
        settled = await line.settled(await line.push("blocks"))
        assert settled["outcome"] == "SUCCEEDED", settled
        assert seen == {"stuck": True, "renewed": True}
        await until(lambda: told(workers, worker, is_stuck=False))


async def test_what_is_long_past_its_time_is_renewed_no_more(line: Shop, redis_url: str, gate: Gate) -> None:
    """Only a stuck loop lets an attempt come so far; its task shall run elsewhere."""
    async with working(redis_url, gate.function()) as worker:
        task_id = await line.push("gated", timeout_ms=600_000)
        await until(lambda: gate.runs == [task_id])
        assert [held.id for held in worker.held()["default"]] == [task_id]
        worker.holding.attempts[task_id].give_up_at = time.monotonic() - 15.1
        assert worker.held() == {}
        gate.go_on.set()
        await line.settled(task_id)


async def test_progress_is_told_in_batches(line: Shop, redis_url: str, gate: Gate) -> None:
    async def works(ctx: dict[str, Any]) -> None:
        for step in range(100):
            ctx["task"].progress(step / 100, f"step {step}")
        ctx["task"].progress(2.0)
        await gate.go_on.wait()

    async with working(redis_url, works):
        task_id = await line.push("works")
        (told_once,) = await line.told("progress", task_id)
        gate.go_on.set()
        await line.settled(task_id)
    _, number, _, share, message = told_once
    assert (number, share, message) == (1, 1.0, "step 99")
    assert await line.entries("progress") == 1


async def test_a_lost_reply_loses_nothing(line: Shop, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scripts ran, the connection broke: the same ids are asked again and give the same answers."""
    exchange = Broker.exchange
    dropped: list[Any] = []

    async def drops_answers(self: Broker, *args: Any, **more: Any) -> Any:
        answer = await exchange(self, *args, **more)
        if len(dropped) < 4 and (answer[1].tasks or answer[0]):
            dropped.append(answer)
            raise ConnectionError("the reply was lost")
        return answer

    monkeypatch.setattr(Broker, "exchange", drops_answers)
    names = await line.push_many("quick", 30)
    async with working(redis_url, quick):
        for name in names:
            assert (await line.settled(name))["number"] == 1
    assert len(dropped) == 4
    assert len(await line.all_told("claimed")) == 30
    assert len(await line.all_told("settled")) == 30
    assert await line.all_told("late") == []
    assert await line.redis.hlen(line.broker.keys.queue("default", "running")) == 0


async def test_a_claim_answered_while_it_drains_goes_back(
    line: Shop, redis_url: str, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = Broker.exchange

    async def drains_meanwhile(self: Broker, *args: Any, **more: Any) -> Any:
        answer = await exchange(self, *args, **more)
        if answer[1].tasks:
            worker.drain()
        return answer

    monkeypatch.setattr(Broker, "exchange", drains_meanwhile)
    task_id = await line.push("gated")
    async with working(redis_url, gate.function()) as worker:
        settled = await line.settled(task_id)
        assert worker.main_task is not None
        await asyncio.wait_for(asyncio.shield(worker.main_task), 60)
    assert (settled["outcome"], settled["used"]) == ("RELEASED", 0)
    assert gate.runs == []


async def test_a_command_that_comes_before_the_claims_answer_holds(
    line: Shop, redis_url: str, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = Broker.exchange

    async def is_cancelled_meanwhile(self: Broker, *args: Any, **more: Any) -> Any:
        answer = await exchange(self, *args, **more)
        worker._on_command("default", {"cancel": [task.id for task in answer[1].tasks]})
        return answer

    monkeypatch.setattr(Broker, "exchange", is_cancelled_meanwhile)
    task_id = await line.push("gated")
    async with working(redis_url, gate.function()) as worker:
        settled = await line.settled(task_id)
    assert settled["outcome"] == "CANCELLED"
    assert gate.runs == []


async def test_a_payload_that_cannot_be_read_ends_the_task(line: Shop, redis_url: str) -> None:
    task_id = ids.new_id(ids.TASK)
    await line.broker.push("default", [Push(task_id, b'{"f":', rank=now_ms())])
    async with working(redis_url, quick):
        settled = await line.settled(task_id)
    assert (settled["outcome"], "due" in settled) == ("FAILED", False)
    assert "payload cannot be read" in settled["error"]["message"]


async def test_redis_gone_it_goes_on_and_comes_back(own_redis: RedisServer, gate: Gate) -> None:
    async with shop(own_redis.url) as line, working(own_redis.url, gate.function(), quick) as worker:
        first = await line.push("gated")
        await line.told("claimed", first)
        own_redis.stop(signal.SIGKILL)
        await until(lambda: is_gone(line))
        assert gate.runs == [first]
        own_redis.start()
        # An empty Redis came back, and was told that nothing ran: so what ran is cancelled, and what is pushed now runs.
        async with shop(own_redis.url) as again:
            second = await again.push("quick")
            assert (await again.settled(second))["outcome"] == "SUCCEEDED"
            await until(lambda: worker.info(is_stuck=False)["running_count"] == 0)
            workers = Workers(again.redis, "rota")
            await until(lambda: is_registered(workers, worker))
            assert await again.all_told("late") == []


async def test_what_it_runs_goes_on_when_an_emptied_redis_is_told_of_it(own_redis: RedisServer, gate: Gate) -> None:
    async with shop(own_redis.url) as line, working(own_redis.url, gate.function(), quick) as worker:
        first = await line.push("gated")
        await line.told("claimed", first)
        lease = int((await run_of(line, first)).split(":")[1])
        own_redis.stop(signal.SIGKILL)
        await until(lambda: is_gone(line))
        own_redis.start()
        async with shop(own_redis.url, is_rebuilt=False) as again:
            # Nobody has told yet: it goes on, and gives signs of life.
            assert (await again.settled(await again.push("quick")))["outcome"] == "SUCCEEDED"
            await until(lambda: is_registered(Workers(again.redis, "rota"), worker))
            await again.take_back(Run(Push(first, b"{}", 1, number=1), lease, worker.worker_id))
            await until(lambda: is_heard_of(again, first))
            assert worker.info(is_stuck=False)["running_count"] == 1
            gate.go_on.set()
            assert (await again.settled(first))["outcome"] == "SUCCEEDED"
            assert gate.runs == [first]
            assert await again.all_told("late") == []


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_told_to_end_it_does_not_wait_for_a_redis_that_is_away(
    own_redis: RedisServer, gate: Gate, how: signal.Signals
) -> None:
    """Be it gone or silent. What runs may finish; then nothing is left but words that nobody takes."""
    async with shop(own_redis.url) as line, working(own_redis.url, gate.function(), drain_seconds=1000) as worker:
        await line.told("claimed", await line.push("gated"))
        os.kill(own_redis.pid, how)
        try:
            worker.handle_sig(signal.SIGTERM)
            gate.go_on.set()
            assert worker.main_task is not None
            await asyncio.wait_for(asyncio.shield(worker.main_task), 60)
        finally:
            os.kill(own_redis.pid, signal.SIGCONT)


async def test_two_queues_share_the_slots(redis_url: str, gate: Gate) -> None:
    async with shop(redis_url) as one, working(redis_url, quick, queues=("default", "other")) as worker:
        other = Shop(redis_url, "other")
        try:
            assert (await one.settled(await one.push("quick")))["outcome"] == "SUCCEEDED"
            assert (await other.settled(await other.push("quick")))["outcome"] == "SUCCEEDED"
            assert sorted(worker.lines) == ["default", "other"]
        finally:
            await other.close()


async def test_hooks_of_arq_are_called(line: Shop, redis_url: str) -> None:
    from tests.support.working import collected

    events: list[str] = []

    def note(name: str) -> Any:
        async def hook(ctx: dict[str, Any]) -> None:
            events.append(f"{name} {ctx.get('job_try', '-')}")
            if name == "after_job_end":
                raise ValueError("a secret of the task")

        return hook

    what = collected(quick)
    names = ("on_startup", "on_job_start", "on_job_end", "after_job_end", "on_shutdown")
    what.options = {name: note(name) for name in names}
    with structlog.testing.capture_logs() as logs:
        async with working(redis_url, what=what):
            assert (await line.settled(await line.push("quick")))["outcome"] == "SUCCEEDED"
    [failed] = [one for one in logs if one["event"] == "a hook failed"]
    assert (failed["error"], "test_life.py:" in failed["at"], "secret" in str(failed)) == ("ValueError", True, False)
    assert events == ["on_startup -", "on_job_start 1", "on_job_end 1", "after_job_end 1", "on_shutdown -"]


async def is_waiting(line: Shop, worker: Worker, *, really: bool = True) -> bool:
    known = await line.redis.hexists(line.broker.keys.queue("default", "idle"), worker.worker_id)
    return bool(known) is really


async def registered(workers: Workers, worker: Worker) -> Registered | None:
    _, found = await workers.roll()
    return next((one for one in found if one.id == worker.worker_id), None)


async def is_registered(workers: Workers, worker: Worker) -> bool:
    return await registered(workers, worker) is not None


async def told(workers: Workers, worker: Worker, **expected: Any) -> bool:
    found = await registered(workers, worker)
    return found is not None and all(found.info[name] == value for name, value in expected.items())


async def told_after(workers: Workers, worker: Worker, at: int) -> bool:
    found = await registered(workers, worker)
    return found is not None and found.info["at"] > at


async def run_of(line: Shop, task_id: str) -> str:
    found = await line.redis.hget(line.broker.keys.queue(line.queue, "running"), task_id)
    return (found or b"").decode()


async def is_heard_of(line: Shop, task_id: str) -> bool:
    """Whether its worker has given a sign of life since it was taken back."""
    return (await run_of(line, task_id))[-1:].isdigit()


async def is_gone(line: Shop) -> bool:
    with contextlib.suppress(Exception):
        await line.redis.ping()
        return False
    return True
