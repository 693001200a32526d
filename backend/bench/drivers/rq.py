"""rq: SimpleWorker (no fork for each task, its quickest), jobs enqueued many at a time in a pipeline."""

import time

from redis import Redis
from rq import Queue, SimpleWorker

from bench.drivers.base import REDIS_URL, SyncDriver, gate, main

AT_ONCE = 500


def noop() -> float:
    return time.time()


NOOP = "bench.drivers.rq.noop"


class Rq(SyncDriver):
    async def prepare(self) -> None:
        self._redis = Redis.from_url(REDIS_URL)
        self._queue = Queue(connection=self._redis)
        self._submitted = 0

    def submit(self) -> None:
        self._submitted += 1
        self._queue.enqueue(NOOP, result_ttl=3600)

    async def submit_bulk(self, count: int) -> None:
        self._submitted += count
        for start in range(0, count, AT_ONCE):
            part = min(AT_ONCE, count - start)
            self._queue.enqueue_many([Queue.prepare_data(NOOP, result_ttl=3600) for _ in range(part)])

    async def remaining(self) -> int:
        return self._submitted - int(self._redis.zcard(self._queue.finished_job_registry.key))

    async def probe(self) -> float:
        job = self._queue.enqueue(NOOP, result_ttl=3600)
        result = job.latest_result(timeout=10)
        assert result is not None
        return float(result.return_value)


def work() -> None:
    redis = Redis.from_url(REDIS_URL)
    worker = SimpleWorker([Queue(connection=redis)], connection=redis)
    gate()
    worker.work(logging_level="ERROR")


if __name__ == "__main__":
    main(Rq, work)
