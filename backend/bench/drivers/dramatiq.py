"""dramatiq: Redis as broker and for results, eight threads a process."""

import time
from threading import Event

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.results import Results
from dramatiq.results.backends.redis import RedisBackend
from dramatiq.worker import Worker

from bench.drivers.base import REDIS_URL, SyncDriver, gate, main

broker = RedisBroker(url=REDIS_URL)
broker.add_middleware(Results(backend=RedisBackend(url=REDIS_URL), result_ttl=3_600_000))
dramatiq.set_broker(broker)


@dramatiq.actor(store_results=True)
def noop() -> float:
    return time.time()


class Dramatiq(SyncDriver):
    async def prepare(self) -> None:
        broker.client.ping()

    def submit(self) -> None:
        noop.send()

    async def remaining(self) -> int:
        # A message leaves this hash when it is acknowledged, after its result was stored.
        return int(broker.client.hlen("dramatiq:default.msgs"))

    async def probe(self) -> float:
        return float(noop.send().get_result(block=True, timeout=10_000))


def work() -> None:
    worker = Worker(broker, worker_threads=8)
    gate()
    worker.start()
    Event().wait()


if __name__ == "__main__":
    main(Dramatiq, work)
