"""What `/metrics` counts since the first start, of workers, and for whom it is."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from rota.coordinator import totals
from rota.operations import tasks
from rota.store import tasks as store
from rota.store import totals as store_totals
from tests.support.rota import ALICE, settings_for
from tests.support.web import Served, open_served

Samples = dict[tuple[str, ...], float]


@pytest.fixture
async def both(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    async with open_served(settings_for(database_url, redis_url, tmp_path, port=0)) as opened:
        yield opened


async def samples(served: Served, monkeypatch: pytest.MonkeyPatch) -> Samples:
    """All values by name and labels, after all that was counted is written."""
    monkeypatch.setattr("rota.web.prometheus.FRESH_S", 0.0)
    await totals.save(served.platform, served.rota.recorder)
    async with served.http() as client:
        text = (await client.get("/metrics")).text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def work(served: Served) -> None:
    """Seven tasks: one succeeds at once, one at its second attempt, and the others fail, are cancelled, expire, are lost, wait."""
    rota = served.rota
    await rota.submit(priority=10)
    await rota.run(want=1, at=await rota.now() + 70)
    await rota.submit(priority=9)
    claim = await rota.claim(1)
    await rota.settle(claim, outcome="FAILED", due_at=await rota.now() + 60_000)
    await rota.record()
    await rota.make_due()
    await rota.run()
    await rota.submit()
    await rota.run(outcome="FAILED")
    (cancelled,) = await rota.submit()
    await tasks.cancel(rota.platform, ALICE, cancelled.id)
    await rota.submit(deadline_at=rota.clock.now_ms() + 3_600_000)
    await rota.pass_deadlines()
    await rota.broker.sweep(rota.queue)
    await rota.submit()
    gone = await rota.claim(1)
    await rota.end_leases()
    await rota.broker.sweep(rota.queue)
    assert await rota.settle(gone) == [False]
    await rota.record()
    await rota.submit(priority=3)


async def test_everything_is_counted_and_nothing_ever_falls(both: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    await work(both)
    found = await samples(both, monkeypatch)
    expected: Samples = {
        ("rota_submitted_total", "default"): 7,
        ("rota_started_total", "default"): 5,
        ("rota_retried_total", "default"): 1,
        ("rota_lost_total", "default"): 1,
        ("rota_refused_total", "default"): 1,
        ("rota_released_total", "default"): 0,
        ("rota_finished_total", "SUCCEEDED", "default"): 2,
        ("rota_finished_total", "FAILED", "default"): 1,
        ("rota_finished_total", "CANCELLED", "default"): 1,
        ("rota_finished_total", "EXPIRED", "default"): 1,
        ("rota_queue_depth", "3", "default"): 1,
        ("rota_queue_depth", "5", "default"): 1,
        ("rota_queue_depth", "10", "default"): 0,
        ("rota_assigned_total", "default"): 0,
        ("rota_stolen_total", "default"): 0,
        ("rota_task_wait_seconds_count", "default"): 5,
        ("rota_task_wait_seconds_bucket", "+Inf", "default"): 5,
        ("rota_task_run_seconds_count", "default"): 2,
    }
    assert {key: found.get(key) for key in expected} == expected
    below = [value for (name, *_), value in found.items() if name == "rota_task_run_seconds_bucket"]
    assert below == sorted(below)
    assert found["rota_task_run_seconds_bucket", "0.05", "default"] < found["rota_task_run_seconds_count", "default"]
    assert 0.05 < found["rota_task_run_seconds_sum", "default"] < 60
    await everything_goes(both)
    async with both.platform.database.transaction() as db:
        await store_totals.fold_shards(db, "another")
    later = await samples(both, monkeypatch)
    counters = {key for key in found if key[0].endswith(("_total", "_bucket", "_sum", "_count"))}
    assert {key: (found[key], later[key]) for key in counters if later[key] < found[key]} == {}
    assert later["rota_finished_total", "FAILED", "default"] == 1
    assert later["rota_submitted_total", "default"] == 7


async def everything_goes(served: Served) -> None:
    """What failed runs again, and the rest is deleted."""
    rota = served.rota
    rows = {task["status"]: task["id"] for task in await rota.all_tasks()}
    await tasks.retry(rota.platform, ALICE, rows["FAILED"])
    async with rota.platform.database.transaction() as db:
        found = await store.lock(db, [task["id"] for task in await rota.all_tasks() if task["status"] != "QUEUED"])
        await store.delete(db, rota.platform.shard, found)
    await rota.check_counters()


async def test_totals_that_cannot_be_written_are_kept(both: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    await work(both)
    counted = dict(both.rota.recorder.totals)

    async def breaks(*_: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("rota.store.totals.add", breaks)
        with pytest.raises(OSError, match="the disk is full"):
            await totals.save(both.platform, both.rota.recorder)
    assert both.rota.recorder.totals == counted
    assert (await samples(both, monkeypatch))["rota_started_total", "default"] == 5


async def test_a_worker_shows_when_it_last_lived(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    info = {"name": "w", "queues": ["default"], "is_stuck": True, "lease_ms": 60_000}
    await served.platform.workers.register("worker_1", info, [], 60_000)
    found = await samples(served, monkeypatch)
    assert found["rota_worker_stuck", "w", "worker_1"] == 1
    assert 0 <= found["rota_worker_heartbeat_age_seconds", "w", "worker_1"] < 30
    await served.platform.workers.beat("worker_1", info, 10_000)  # as if fifty seconds had passed
    assert 50 <= (await samples(served, monkeypatch))["rota_worker_heartbeat_age_seconds", "w", "worker_1"] < 80


async def test_with_a_token_it_is_for_who_has_it(sqlite_url: str, redis_url: str, tmp_path: Path) -> None:
    settings = settings_for(sqlite_url, redis_url, tmp_path, port=0, metrics_token="only-for-prometheus")
    async with open_served(settings) as served, served.http() as client:
        for header in (None, "Bearer", "Bearer wrong", "Basic only-for-prometheus", "Bearer only-for-prometheus2"):
            answer = await client.get("/metrics", headers={} if header is None else {"authorization": header})
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="metrics"'), header
            assert "rota_tasks" not in answer.text
        right = {"authorization": "Bearer only-for-prometheus"}
        assert (await client.get("/metrics", headers=right)).status_code == 200
        assert (await client.get("/healthz")).status_code == 200


async def test_it_may_be_for_this_machine_alone(sqlite_url: str, redis_url: str, tmp_path: Path) -> None:
    settings = settings_for(
        sqlite_url, redis_url, tmp_path, port=0, metrics_from="loopback", trust_forwarded="127.0.0.1"
    )
    async with open_served(settings) as served, served.http() as client:
        assert (await client.get("/metrics")).status_code == 200
        from_afar = await client.get("/metrics", headers={"x-forwarded-for": "192.0.2.7"})
        assert from_afar.status_code == 403
        assert "rota_tasks" not in from_afar.text


async def test_a_scrape_a_second_is_made_once(served: Served) -> None:
    async with served.http() as client:
        first, second = await asyncio.gather(client.get("/metrics"), client.get("/metrics"))
    assert first.text == second.text
