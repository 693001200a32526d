"""The supervisors' register in Redis: who can run workers, and how many of each pool each of them is to run."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from rota import jsontext
from rota.broker.client import RedisClient
from rota.broker.keys import Keys
from rota.broker.ready import ready_counts
from rota.broker.values import ms_of


class Share(NamedTuple):
    """How many workers of a pool a supervisor is to run, and what each of them is to be. No `queues`: its functions'."""

    pool: str
    name: str
    queues: tuple[str, ...]
    slots: int
    stealing: bool
    workers: int


class Registered(NamedTuple):
    """A supervisor as it last told of itself; `shares` is what it was last assigned, None where nothing was yet."""

    id: str
    info: dict[str, Any]
    seen_until: int
    shares: list[Share] | None


class Line(NamedTuple):
    """How many tasks stand ready in a queue, and the number of the last lease in it, which is new with each task that starts."""

    ready: int
    last_lease: int


class Pools:
    """Typed access to the register."""

    def __init__(self, redis: RedisClient, namespace: str) -> None:
        self._redis = redis
        self._keys = Keys(namespace)

    async def beat(self, supervisor: str, info: dict[str, Any], ttl_ms: int) -> list[Share] | None:
        """A sign of life. Returns what the supervisor is to run; None where nobody has said so yet."""
        now = ms_of(await self._redis.time())
        pipe = self._redis.pipeline(transaction=True)
        pipe.hset(self._keys.pools("info"), supervisor, jsontext.dumpb(info))
        pipe.zadd(self._keys.pools("seen"), {supervisor: now + ttl_ms})
        pipe.hget(self._keys.pools("assigned"), supervisor)
        _, _, assigned = await pipe.execute()
        return _shares(assigned)

    async def leave(self, supervisor: str) -> None:
        """Removes a supervisor."""
        pipe = self._redis.pipeline(transaction=True)
        pipe.hdel(self._keys.pools("info"), supervisor)
        pipe.zrem(self._keys.pools("seen"), supervisor)
        pipe.hdel(self._keys.pools("assigned"), supervisor)
        await pipe.execute()

    async def roll(self) -> tuple[int, list[Registered]]:
        """Redis' clock (ms) and all supervisors that are registered, in the order of their ids."""
        pipe = self._redis.pipeline(transaction=True)
        pipe.time()
        pipe.hgetall(self._keys.pools("info"))
        pipe.zrange(self._keys.pools("seen"), 0, -1, withscores=True)
        pipe.hgetall(self._keys.pools("assigned"))
        time, infos, seen, assigned = await pipe.execute()
        until = {supervisor: int(score) for supervisor, score in seen}
        found = [
            Registered(
                supervisor.decode(),
                jsontext.loads(info),
                until.get(supervisor, 0),
                _shares(assigned.get(supervisor)),
            )
            for supervisor, info in sorted(infos.items())
        ]
        return ms_of(time), found

    async def assign(self, supervisor: str, shares: Sequence[Share]) -> None:
        """Says what a supervisor is to run; it hears of it with its next sign of life."""
        text = jsontext.dumpb([share._asdict() for share in shares])
        await self._redis.hset(self._keys.pools("assigned"), supervisor, text)

    async def lines(self, queues: Sequence[str]) -> dict[str, Line]:
        """How each of these queues stands. What waits for a limit does not count as ready: no worker helps it."""
        counts = await ready_counts(self._redis, self._keys, queues)
        pipe = self._redis.pipeline(transaction=False)
        for queue in queues:
            pipe.get(self._keys.queue(queue, "lease"))
        leases = await pipe.execute() if queues else []
        return {queue: Line(ready, int(lease or 0)) for queue, ready, lease in zip(queues, counts, leases, strict=True)}


def _shares(text: bytes | None) -> list[Share] | None:
    if text is None:
        return None
    return [Share(**{**share, "queues": tuple(share["queues"])}) for share in jsontext.loads(text)]
