"""A task whose worker died under it again and again runs alone, and once."""

import asyncio
from typing import Any

import pytest

from rota import ids
from rota.broker.values import Push
from rota.clock import now_ms
from rota.domain.payload import Payload, build
from rota.domain.retry import POISON_DEATHS
from rota.worker.attempt import Attempt
from rota.worker.holding import Holding
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
