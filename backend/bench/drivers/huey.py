"""huey: a blocking Redis list, results in a hash and announced, four threads a process."""

import time

from huey import RedisHuey

from bench.drivers.base import REDIS_URL, SyncDriver, gate, main

huey = RedisHuey("bench", url=REDIS_URL, notify_result=True)


@huey.task()
def noop() -> float:
    return time.time()


class Huey(SyncDriver):
    async def prepare(self) -> None:
        self._submitted = 0

    def submit(self) -> None:
        self._submitted += 1
        noop()

    async def remaining(self) -> int:
        return self._submitted - int(huey.storage.conn.hlen(huey.storage.result_key))

    async def probe(self) -> float:
        return float(noop().get(blocking=True, timeout=10, preserve=True))


def work() -> None:
    consumer = huey.create_consumer(workers=4, periodic=False, check_worker_health=False)
    gate()
    consumer.run()


if __name__ == "__main__":
    main(Huey, work)
