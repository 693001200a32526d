"""Celery: Redis as broker and for results, the solo pool (its quickest for tasks that do nothing), a wide prefetch."""

import time

from celery import Celery
from redis import Redis

from bench.drivers.base import REDIS_SOCKET, REDIS_URL, SyncDriver, gate, main

RESULT = "celery-task-meta-"
app = Celery("bench", broker=f"redis+socket://{REDIS_SOCKET}", backend=f"redis+socket://{REDIS_SOCKET}")
app.conf.update(
    worker_prefetch_multiplier=100,
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
    task_send_sent_event=False,
    worker_send_task_events=False,
    redis_max_connections=200,
    broker_pool_limit=100,
)


@app.task(name="noop")
def noop() -> float:
    return time.time()


class CeleryDriver(SyncDriver):
    async def prepare(self) -> None:
        self._redis = Redis.from_url(REDIS_URL)
        self._submitted = 0

    def submit(self) -> None:
        self._submitted += 1
        # Without ignoring the answer here each call would subscribe to it, which nobody who submits many does.
        noop.apply_async(ignore_result=False)

    async def remaining(self) -> int:
        # Results are most of the keys; the line and the bindings are few, and counted when all is done.
        few = len(self._redis.keys("[^c]*")) + int(self._redis.exists("celery")) if self._is_near() else 5
        return self._submitted - max(0, int(self._redis.dbsize()) - few)

    def _is_near(self) -> bool:
        return int(self._redis.dbsize()) >= self._submitted

    async def probe(self) -> float:
        return float(noop.delay().get(timeout=10))


def work() -> None:
    worker = app.Worker(pool="solo", concurrency=1, loglevel="ERROR", quiet=True)
    for flag in ("without_gossip", "without_mingle", "without_heartbeat"):
        setattr(worker, flag, True)
    gate()
    worker.start()


if __name__ == "__main__":
    main(CeleryDriver, work)
