"""Metrics as Prometheus reads them; made at most once a second, whoever asks."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from rota.domain.rank import PRIORITIES
from rota.logs import get_logger
from rota.operations import metrics
from rota.operations.glance import glance
from rota.operations.metrics import Counts
from rota.store import counters, pools, queues, totals
from rota.web import families, tolls
from rota.web.edge import Edge
from rota.web.shared import Runner

log = get_logger(__name__)

FRESH_S = 1.0


class Metrics:
    """The endpoint of /metrics."""

    def __init__(self, edge: Edge, runner: Runner) -> None:
        self._edge = edge
        self._runner = runner
        self._made_at = 0.0
        self._text = b""
        self._making = asyncio.Lock()

    async def __call__(self, request: Request) -> Response:
        if refused := tolls.refusal(self._edge.platform.settings, request):
            return refused
        async with self._making:
            if time.monotonic() - self._made_at >= FRESH_S:
                self._text = _written([*self._of_process(), *await self._of_platform()])
                self._made_at = time.monotonic()
        return Response(self._text, headers={"content-type": CONTENT_TYPE_LATEST, "cache-control": "no-store"})

    def _of_process(self) -> Iterable[GaugeMetricFamily]:
        edge, runner = self._edge, self._runner
        yield _one("rota_event_loop_lag_seconds", "By how much the event loop was late, lately.", edge.lag_s)
        yield _one("rota_connections", "Open WebSockets and event streams of this process.", edge.connections)
        yield _one("rota_subscriptions", "Open subscriptions of this process.", runner.subscriptions)
        yield _one("rota_subscriptions_executed", "Different ones among them; each is executed once.", runner.distinct)
        yield _one("rota_live", "1 while this process hears of changes.", edge.hub.is_live)

    async def _of_platform(self) -> Iterable[Metric]:
        platform = self._edge.platform
        try:
            found = await metrics.snapshot(platform)
            async with platform.database.read() as db:
                counts = Counts(await counters.totals(db))
                names = [queue.name for queue in await queues.all_queues(db)]
                counted = await totals.by_queue(db)
                desired = {pool.name: pool.desired_workers for pool in await pools.all_pools(db)}
        except Exception as error:  # noqa: BLE001  (the process' own metrics are told even while the database is away)
            log.warning("metrics without the database", error=str(error))
            return [_one("rota_database_up", "1 while the database answers.", 0)]
        return [
            _one("rota_database_up", "1 while the database answers.", 1),
            _many("rota_tasks", "Tasks that are kept.", "status", {str(name): n for name, n in found.counts.items()}),
            _depths({name: counts.depth_by_priority(name) for name in names}),
            _many("rota_queue_running", "Tasks that run.", "queue", {name: counts.running(name) for name in names}),
            _one("rota_workers", "Workers that are there.", found.active_workers),
            _many("rota_pool_desired_workers", "Workers that a pool should have now.", "pool", desired),
            _one("rota_slots", "Slots of all workers.", found.total_slots),
            _one("rota_slots_busy", "Slots in which a task runs.", found.busy_slots),
            _one("rota_submitted_per_second", "Over the last minute.", found.submitted_per_second),
            _one("rota_finished_per_second", "Over the last minute.", found.finished_per_second),
            _one("rota_failed_per_second", "Over the last minute.", found.failed_per_second),
            _shares("rota_wait_seconds", "From ready to started, over the last minute.", found.wait_seconds),
            _shares("rota_run_seconds", "Of an attempt, over the last minute.", found.run_seconds),
            *families.of_totals(counts, counted, names),
            *await self._of_workers(),
            *await self._of_queues(names),
        ]

    async def _of_workers(self) -> Iterable[Metric]:
        platform = self._edge.platform
        made: list[Metric] = []
        async with glance("metrics without Redis"):
            now, registered = await platform.workers.roll()
            made += families.of_workers(registered, now, platform.settings.lease_ms)
        return made

    async def _of_queues(self, names: list[str]) -> Iterable[Metric]:
        made: list[Metric] = []
        async with glance("metrics without Redis"):
            found = {name: await self._edge.platform.broker.stats(name) for name in names}
            lag_s = await metrics.recorder_lag_ms(self._edge.platform) / 1000
            made += [
                _one("rota_recorder_lag_seconds", "How old the oldest event is that SQL does not have yet.", lag_s),
                _counted("rota_assigned", "Tasks dealt into lanes.", _each(found, "assigned")),
                _counted("rota_stolen", "Tasks taken from others' lanes.", _each(found, "stolen")),
                _counted("rota_limited", "Times a limit held a task back.", _each(found, "limited")),
            ]
        return made


class _Made(Collector):
    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Sequence[Metric]:
        return self._families


def _written(families: Sequence[Metric]) -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Made(families))
    return generate_latest(registry)


def _one(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=float(value))


def _counted(name: str, text: str, by_queue: Mapping[str, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, f"{text} Begins anew when Redis is emptied.", labels=["queue"])
    for queue, value in by_queue.items():
        family.add_metric([queue], float(value))
    return family


def _each(stats: Mapping[str, Mapping[str, int]], name: str) -> dict[str, int]:
    return {queue: of.get(name, 0) for queue, of in stats.items()}


def _depths(by_queue: Mapping[str, Sequence[int]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily("rota_queue_depth", "Ready tasks.", labels=["queue", "priority"])
    for queue, depths in by_queue.items():
        for priority, depth in zip(PRIORITIES, depths, strict=True):
            family.add_metric([queue, str(priority)], float(depth))
    return family


def _many(name: str, text: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], float(value))
    return family


def _shares(name: str, text: str, found: metrics.Percentiles) -> GaugeMetricFamily:
    shares = {"0.5": found.p50, "0.95": found.p95, "0.99": found.p99}
    return _many(name, text, "quantile", {share: value for share, value in shares.items() if value is not None})
