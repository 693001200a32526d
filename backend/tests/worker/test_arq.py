"""Ordinary arq functions and settings run unchanged, and the whole command runs as a process."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil
import pytest
from arq.cron import cron

from rota import jsontext
from rota.broker.workers import Workers
from rota.clock import now_ms
from rota.settings import load_settings
from rota.worker.targets import collect
from rota.worker.worker import Worker
from tests.support.working import Shop, collected, until, working
from tests.worker.functions import tick

BACKEND = Path(__file__).resolve().parents[2]


async def test_a_settings_class_runs_as_it_is(line: Shop, redis_url: str) -> None:
    what = collect(["tests.worker.functions.WorkerSettings"])
    what.cron_jobs = []
    async with working(redis_url, what=what) as worker:
        task_id = await line.push("plain", {"a": 40})
        settled = await line.settled(task_id)
        assert set(worker.functions) == set(what.catalogue)
    assert settled["result"].pop("age_s") < 60
    assert settled["result"] == {"sum": 42, "shared": "prepared", "try": 1, "id": task_id}


async def test_enqueue_job_submits_a_task(line: Shop, redis_url: str) -> None:
    what = collect(["tests.worker.functions.WorkerSettings"])
    what.cron_jobs = []
    before = now_ms()
    async with working(redis_url, what=what):
        settled = await line.settled(await line.push("renamed"))
    (wish,) = await wishes(line)
    assert settled["outcome"] == "SUCCEEDED", settled
    assert wish.pop("run_at") >= before + 3_000
    expected = {"function": "plain", "args": {"a": 1, "b": 5}, "queue": None, "key": None, "owner": None}
    assert wish == expected


async def test_enqueue_job_names_the_arguments_of_other_workers_functions(line: Shop, redis_url: str) -> None:
    async def far(first: int, second: str) -> None: ...

    async def sends(ctx: dict[str, Any], name: str) -> None:
        await ctx["redis"].enqueue_job(name, 1, second="two", _job_id=42, _queue_name="other")

    workers = Workers(line.redis, "rota")
    async with working(redis_url, far) as other:

        async def is_known() -> bool:
            return await workers.catalogue(other.worker_id) != []

        await until(is_known)
        async with working(redis_url, sends, queues=("mine",)):
            mine = Shop(redis_url, "mine")
            assert (await mine.settled(await mine.push("sends", {"name": "far"})))["outcome"] == "SUCCEEDED"
            failed = await mine.settled(await mine.push("sends", {"name": "nowhere"}, max_attempts=1))
            await mine.close()
    (wish,) = await wishes(line)
    assert (wish["args"], wish["key"], wish["queue"]) == ({"first": 1, "second": "two"}, "42", "other")
    assert "give its arguments by name" in failed["error"]["message"]


async def test_a_wait_is_told_by_redis_clock(line: Shop, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def sends(ctx: dict[str, Any]) -> None:
        await ctx["redis"].enqueue_job("sends", _defer_by=3)

    async with working(redis_url, sends):
        seconds, _ = await line.redis.time()
        with monkeypatch.context() as patch:
            patch.setattr("time.time_ns", lambda: 0)  # a machine whose clock was never set
            assert (await line.settled(await line.push("sends")))["outcome"] == "SUCCEEDED"
    (wish,) = await wishes(line)
    assert wish["run_at"] >= (seconds + 3) * 1000


async def test_enqueue_job_takes_no_nan(line: Shop, redis_url: str) -> None:
    async def sends(ctx: dict[str, Any]) -> None:
        await ctx["redis"].enqueue_job("sends", score=[float("nan")])

    async with working(redis_url, sends):
        failed = await line.settled(await line.push("sends", max_attempts=1))
    assert failed["error"]["message"] == "sends: the arguments cannot be kept as JSON: NaN at score[0]"
    assert await wishes(line) == []


async def test_a_tick_is_one_task_however_many_workers_see_it(line: Shop, redis_url: str) -> None:
    what = [collect(["tests.worker.functions.WorkerSettings"]) for _ in range(2)]
    # Each its own copy, as two processes would have.
    import copy

    for one in what:
        one.cron_jobs = [copy.copy(job) for job in one.cron_jobs]
    async with working(redis_url, what=what[0]), working(redis_url, what=what[1]):

        async def have_both_ticked() -> bool:
            keys = [wish["key"] for wish in await wishes(line)]
            return len(keys) != len(set(keys))

        await until(have_both_ticked)
    found = await wishes(line)
    by_key: dict[str, list[dict[str, Any]]] = {}
    for wish in found:
        by_key.setdefault(wish["key"], []).append(wish)
    # Equal keys come with equal content, so that the second adds nothing instead of contradicting the first.
    assert all(one == same[0] for same in by_key.values() for one in same)
    for key, same in by_key.items():
        assert key == f"cron:tick:{same[0]['run_at']}"
        assert same[0]["run_at"] % 1000 == 0


async def test_a_cron_job_with_an_id_of_its_own_runs_at_each_tick_in_its_queue(line: Shop, redis_url: str) -> None:
    async def other() -> None: ...

    what = collected(other)
    settings = {
        "queue_name": "arq:mine",
        "cron_jobs": [cron(tick, second=set(range(60)), microsecond=0, job_id="mine")],
    }
    module = ModuleType("settings_of_this_test")
    module.WorkerSettings = settings  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    found = collect([f"{module.__name__}:WorkerSettings"])
    found.catalogue |= what.catalogue
    async with working(redis_url, what=found):

        async def has_ticked_twice() -> bool:
            return len(await wishes(line)) > 1

        await until(has_ticked_twice)
    first, second = (await wishes(line))[:2]
    assert [first["key"], second["key"]] == [f"mine:{first['run_at']}", f"mine:{second['run_at']}"]
    assert first["key"] != second["key"]
    assert first["queue"] == "arq:mine"


async def test_the_command_drains_on_a_signal(line: Shop, redis_url: str, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "import asyncio, rota\n"
        "@rota.function\n"
        "async def nap(seconds: float) -> str:\n"
        "    await asyncio.sleep(seconds)\n"
        "    return 'rested'\n"
    )
    command = (sys.executable, "-m", "rota", "worker", "mine", "--redis-url", redis_url, "--name", "sleeper")
    env = {**os.environ, "PYTHONPATH": str(BACKEND), "ROTA_DRAIN_SECONDS": "0.5", "ROTA_HEARTBEAT_MS": "100"}
    process = await asyncio.create_subprocess_exec(*command, cwd=tmp_path, env=env)
    try:
        short = await line.push("nap", {"seconds": 0})
        long = await line.push("nap", {"seconds": 600})
        assert (await line.settled(short))["result"] == "rested"
        await line.told("claimed", long)
        title = " ".join(psutil.Process(process.pid).cmdline())
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert title.strip() == "rota worker sleeper [default]"
    assert (await line.settled(long))["outcome"] == "RELEASED"
    assert (await Workers(line.redis, "rota").roll())[1] == []


async def test_a_failing_start_ends_the_worker(redis_url: str) -> None:
    async def quick() -> None: ...

    async def fails(ctx: dict[str, Any]) -> None:
        raise ValueError("no database")

    what = collected(quick)
    what.options = {"on_startup": fails}
    worker = Worker(load_settings(redis_url=redis_url), what, handle_signals=False)
    with pytest.raises(ValueError, match="no database"):
        await worker.async_run()
    await worker.close()


async def wishes(line: Shop) -> list[dict[str, Any]]:
    found = await line.redis.xrange(line.broker.keys.submissions())
    return [jsontext.loads(fields[b"b"]) for _, fields in found]
