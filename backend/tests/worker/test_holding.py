"""A task whose worker died under it again and again runs alone, and once."""

import asyncio
from typing import Any

import pytest

from rota import ids
from rota.broker.values import Push
from rota.clock import now_ms
from rota.domain.payload import Payload, build
from rota.domain.record import Death
from rota.domain.retry import POISON_DEATHS
from rota.worker.attempt import Attempt
from rota.worker.holding import Holding
from rota.worker.worker import Worker
from tests.support.working import Shop, until, working


async def test_what_ran_alone_does_not_run_again_when_its_time_apart_is_over(
    line: Shop, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Attempt] = []
    run = Holding._run

    def seen(self: Holding, attempt: Attempt) -> None:
        begun.append(attempt)
        run(self, attempt)

    monkeypatch.setattr(Holding, "_run", seen)
    runs: list[str] = []

    async def noted(ctx: dict[str, Any]) -> None:
        runs.append(ctx["task"].id)

    suspect = ids.new_id(ids.TASK)
    payload = build(Payload(function="noted", args="{}", created_at=now_ms()))
    deaths = POISON_DEATHS - 1
    async with working(redis_url, noted) as worker:
        await line.broker.push(line.queue, [Push(suspect, payload, now_ms(), number=deaths, deaths=deaths)])
        assert (await line.settled(suspect))["outcome"] == "SUCCEEDED"
        await until(lambda: worker.holding.busy == 0)
        worker.holding._run(begun[0])  # as the timer does
        other = await line.push("noted")
        assert (await line.settled(other))["outcome"] == "SUCCEEDED"
        await until(lambda: worker.holding.busy == 0)
    assert runs == [suspect, other]


async def test_what_was_retried_or_given_back_often_runs_beside_others(line: Shop, redis_url: str) -> None:
    met = asyncio.Barrier(2)

    async def meets() -> None:
        await met.wait()

    payload = build(Payload(function="meets", args="{}", created_at=now_ms()))
    names = [ids.new_id(ids.TASK) for _ in range(2)]
    # Five runs, of which a fresh allowance has made none that count; no worker died under them.
    pushes = [Push(name, payload, now_ms(), number=5, deaths=POISON_DEATHS - 2) for name in names]
    async with working(redis_url, meets):
        await line.broker.push(line.queue, pushes)
        assert [(await line.settled(name))["outcome"] for name in names] == ["SUCCEEDED"] * 2


async def test_who_waits_to_run_alone_does_not_die_with_its_worker(line: Shop, redis_url: str) -> None:
    begun, never = asyncio.Event(), asyncio.Event()

    async def kills() -> None:
        begun.set()
        await never.wait()

    payload = build(Payload(function="kills", args="{}", created_at=now_ms()))
    suspect, other = (ids.new_id(ids.TASK) for _ in range(2))
    deaths = POISON_DEATHS - 1
    pushes = [Push(other, payload, 1), Push(suspect, payload, 2, number=deaths, deaths=deaths)]
    async with working(redis_url, kills) as worker:
        await line.broker.push(line.queue, pushes)
        await until(lambda: begun.is_set() and suspect in worker.holding.attempts)
        assert worker.holding.attempts[suspect].task is None
        # As if the other had taken the process down.
        await until(lambda: is_swept(line, worker))
        assert {item[0]: item[4] for item in await line.all_told("lost")} == {
            other: Death.COUNTS,
            suspect: Death.OF_ANOTHER,
        }


async def test_the_death_of_who_runs_alone_is_its_own(line: Shop, redis_url: str) -> None:
    begun, never = asyncio.Event(), asyncio.Event()

    async def kills() -> None:
        begun.set()
        await never.wait()

    async def quick() -> None: ...

    first, suspect = (ids.new_id(ids.TASK) for _ in range(2))
    payloads = [build(Payload(function=name, args="{}", created_at=now_ms())) for name in ("quick", "kills")]
    deaths = POISON_DEATHS - 1
    # Two, for a worker that does nothing is handed one, which begins at once.
    pushes = [Push(first, payloads[0], 1), Push(suspect, payloads[1], 2, number=deaths, deaths=deaths)]
    async with working(redis_url, quick, kills) as worker:
        await line.broker.push(line.queue, pushes)
        await until(begun.is_set)
        await until(lambda: is_swept(line, worker))
        assert [item[4] for item in await line.all_told("lost")] == [Death.POISON]


async def is_swept(line: Shop, worker: Worker) -> bool:
    """Takes back what a worker holds, as if its process had ended; this one may give a sign of life in between."""
    await line.broker.bury(line.queue, worker.worker_id)
    return bool((await line.broker.sweep(line.queue)).lost)
