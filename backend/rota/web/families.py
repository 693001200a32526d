"""What `/metrics` tells of tasks since the first start, and of each worker, as families of Prometheus."""

from collections.abc import Iterable, Mapping, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from rota.broker.workers import Registered
from rota.domain import totals
from rota.domain.states import FINAL
from rota.operations.metrics import Counts
from rota.store.totals import DELETED

Totals = Mapping[str, Mapping[str, int]]  # queue -> name -> amount

_COUNTED = {
    "started": "Attempts that were started.",
    "retried": "Attempts that failed or timed out and were followed by another.",
    "lost": "Attempts whose worker vanished.",
    "released": "Attempts that a worker gave back.",
    "refused": "Outcomes that came too late, with a lease that had ended.",
}


def of_totals(counts: Counts, found: Totals, queues: Sequence[str]) -> Iterable[Metric]:
    """Counters and histograms by queue.

    What was submitted, and how it ended, follows from the tasks that are kept and those that left: exact, whatever died.
    """
    submitted = CounterMetricFamily("rota_submitted", "Tasks that were submitted.", labels=["queue"])
    finished = CounterMetricFamily("rota_finished", "Tasks that ended, by how.", labels=["queue", "outcome"])
    for queue in queues:
        mine = found.get(queue, {})
        kept = counts.by_status(queue)
        submitted.add_metric([queue], float(sum(kept.values()) + mine.get(DELETED, 0)))
        for status in sorted(FINAL):
            finished.add_metric([queue, status.value], float(kept[status] + mine.get(totals.left(status.value), 0)))
    yield from (submitted, finished)
    for name, text in _COUNTED.items():
        family = CounterMetricFamily(f"rota_{name}", text, labels=["queue"])
        for queue in queues:
            family.add_metric([queue], float(found.get(queue, {}).get(name, 0)))
        yield family
    yield _histogram("rota_task_wait_seconds", "From ready to started.", "wait", found, queues)
    yield _histogram("rota_task_run_seconds", "Of attempts that succeeded.", "run", found, queues)


def of_workers(registered: Sequence[Registered], now: int, lease_ms: int) -> Iterable[Metric]:
    """How long ago each worker gave its last sign of life, by Redis' clock, and whether its event loop is stuck."""
    labels = ["worker", "worker_id"]
    age = GaugeMetricFamily("rota_worker_heartbeat_age_seconds", "Since its last sign of life.", labels=labels)
    stuck = GaugeMetricFamily("rota_worker_stuck", "1 while its event loop does not turn.", labels=labels)
    for worker in registered:
        names = [str(worker.info["name"]), worker.id]
        beat_at = worker.seen_until - int(worker.info.get("lease_ms") or lease_ms)
        age.add_metric(names, max(now - beat_at, 0) / 1000)
        stuck.add_metric(names, float(bool(worker.info.get("is_stuck"))))
    return age, stuck


def _histogram(name: str, text: str, what: str, found: Totals, queues: Sequence[str]) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, text, labels=["queue"])
    for queue in queues:
        buckets, total_ms = totals.histogram(found.get(queue, {}), what)
        family.add_metric([queue], [(_bound(ms), float(below)) for ms, below in buckets], total_ms / 1000)
    return family


def _bound(ms: float) -> str:
    return "+Inf" if ms == float("inf") else f"{ms / 1000:g}"
