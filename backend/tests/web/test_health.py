"""Health, readiness and metrics: the truth about every part, and no secrets."""

import asyncio
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from rota.coordinator import leader
from rota.domain.pools import NewPool
from rota.operations import metrics, pools
from rota.store import leaders
from rota.web import health
from tests.support.rota import ADMIN, settings_for
from tests.support.servers import RedisServer
from tests.support.web import Account, Served, open_served

INFO = {"name": "w", "queues": ["default"]}


async def lead(served: Served) -> None:
    async with served.platform.database.transaction() as db:
        assert await leaders.try_lead(db, leader.NAME, "somebody", 60_000)


def test_the_leader_is_asked_for_by_its_name() -> None:
    assert health.LEADER == leader.NAME


async def test_a_process_is_ready_once_all_its_parts_are(served: Served) -> None:
    async with served.http() as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        early = await client.get("/readyz")
        assert early.status_code == 503
        assert early.json()["ready"] is False
        parts = early.json()["parts"]
        assert [name for name, part in parts.items() if not part["ok"]] == ["recorder"]
        assert "rota coordinator" in parts["recorder"]["why"]
        await lead(served)
        await served.platform.workers.register("worker_1", INFO, [], 60_000)
        ready = await client.get("/readyz")
        assert ready.status_code == 200
        assert ready.json()["ready"] is True
        assert ready.json()["workers"] == 1


async def test_a_recorder_that_leads_but_does_not_record_is_named(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lead(served)
    async with served.http() as client:
        assert (await client.get("/readyz")).json()["parts"]["recorder"] == {"ok": True, "lag_ms": 0}
        await served.rota.submit()
        assert await metrics.recorder_lag_ms(served.platform) < health.MOST_LAG_MS
        assert (await client.get("/readyz")).status_code == 200  # it has a moment for it
        monkeypatch.setattr(health, "MOST_LAG_MS", 5)
        await eventually_not_ready(client)
        recorder = (await client.get("/readyz")).json()["parts"]["recorder"]
        assert recorder["ok"] is False
        assert recorder["lag_ms"] > 5
        assert "is not recorded yet" in recorder["why"]
        assert await served.metric("rota_recorder_lag_seconds") > 0.005
        await served.rota.run()
        assert (await client.get("/readyz")).json()["parts"]["recorder"] == {"ok": True, "lag_ms": 0}


async def test_a_journal_that_began_anew_is_unrecorded_from_its_start(served: Served) -> None:
    await served.rota.submit()
    await served.rota.run()
    assert await metrics.recorder_lag_ms(served.platform) == 0
    await served.platform.broker.redis.flushall()
    await served.rota.submit()
    assert await lag_of(served) > 0


async def eventually_not_ready(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(30):
        while (await client.get("/readyz")).status_code == 200:
            await asyncio.sleep(0.01)


async def lag_of(served: Served) -> int:
    """The recorder's lag, once it is a whole millisecond."""
    async with asyncio.timeout(30):
        while not (lag_ms := await metrics.recorder_lag_ms(served.platform)):
            await asyncio.sleep(0.01)
    return lag_ms


async def test_a_redis_that_is_away_is_named(sqlite_url: str, own_redis: RedisServer, tmp_path: Path) -> None:
    async with (
        open_served(settings_for(sqlite_url, own_redis.url, tmp_path, port=0)) as served,
        served.http() as client,
    ):
        await lead(served)
        assert (await client.get("/readyz")).status_code == 200
        await asyncio.to_thread(own_redis.stop)
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["parts"]["redis"]["ok"] is False
        assert answer.json()["parts"]["database"]["ok"] is True
        assert answer.json()["workers"] is None
        assert str(own_redis.socket) not in answer.text
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/metrics")).status_code == 200


async def test_a_database_that_is_away_is_named(served: Served) -> None:
    async with served.platform.database.transaction() as db:
        await db.run("ALTER TABLE leaders RENAME TO lost")
        await db.run("ALTER TABLE counters RENAME TO counters_lost")
    async with served.http() as client:
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["parts"]["database"]["ok"] is False
        text = (await client.get("/metrics")).text
        assert "rota_database_up 0.0" in text
        assert "rota_connections 0.0" in text
    async with served.platform.database.transaction() as db:
        await db.run("ALTER TABLE lost RENAME TO leaders")
        await db.run("ALTER TABLE counters_lost RENAME TO counters")


async def test_metrics_are_what_prometheus_reads(served: Served, alice: Account) -> None:
    await served.rota.submit(3, by=alice.viewer)
    await pools.start(served.platform, ADMIN, NewPool(name="numbers", min_workers=3, max_workers=3))
    async with served.talk(alice) as talk:
        await talk.subscribe("subscription { queuesChanged { name } }")
        await talk.next()
        async with served.http() as client:
            answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert alice.secret not in answer.text
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert found["rota_tasks", "QUEUED"] == 3
    assert found["rota_tasks", "RUNNING"] == 0
    assert found["rota_queue_depth", "5", "default"] == 3
    assert found["rota_queue_running", "default"] == 0
    assert found["rota_pool_desired_workers", "numbers"] == 3
    assert found["rota_connections",] == 1
    assert found["rota_subscriptions",] == 1
    assert found["rota_subscriptions_executed",] == 1
    assert found["rota_live",] == found["rota_database_up",] == 1
    assert found["rota_workers",] == found["rota_slots",] == found["rota_slots_busy",] == 0
    assert found["rota_event_loop_lag_seconds",] >= 0
