"""The workers' register in Redis: who is there, what it offers, which state it should take."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rota import jsontext
from rota.broker.client import RedisClient
from rota.broker.keys import Keys
from rota.broker.loading import load_scripts
from rota.broker.values import ms_of


class Beat(NamedTuple):
    """A heartbeat's answer. Not `known`: register again. `desired` is ONLINE, PAUSED or DRAINING; `stealing` None: as it was started."""

    known: bool
    desired: str
    stealing: bool | None = None


class Registered(NamedTuple):
    """A worker as it last told of itself; `seen_until` is the instant (ms) from which it counts as lost."""

    id: str
    info: dict[str, Any]
    seen_until: int
    desired: str


class Workers:
    """Typed access to the register."""

    def __init__(self, redis: RedisClient, namespace: str) -> None:
        self._redis = redis
        self._keys = Keys(namespace)
        loaded = load_scripts()
        self._scripts = {name: redis.register_script(loaded[name].source) for name in ("beat", "register", "leave")}
        self._script_keys = {name: [self._keys.workers(key) for key in loaded[name].keys] for name in self._scripts}

    async def register(self, worker: str, info: dict[str, Any], functions: list[dict[str, Any]], ttl_ms: int) -> None:
        """Enters a worker and the functions that it offers."""
        await self._run("register", [worker, jsontext.dumpb(info), ttl_ms, jsontext.dumpb(functions)])

    async def beat(self, worker: str, info: dict[str, Any], ttl_ms: int) -> Beat:
        """A sign of life."""
        known, desired, stealing = await self._run("beat", [worker, jsontext.dumpb(info), ttl_ms])
        return Beat(bool(known), desired.decode() or "ONLINE", wish_of(stealing))

    async def leave(self, worker: str) -> bool:
        """Removes a worker. False where it was not there."""
        return bool(await self._run("leave", [worker]))

    async def lost(self, worker: str) -> dict[str, Any] | None:
        """Has a worker whose process has ended count as lost from now on. Returns what it last told of itself, if it is there."""
        now = ms_of(await self._redis.time())
        pipe = self._redis.pipeline(transaction=True)
        pipe.zadd(self._keys.workers("seen"), {worker: now}, xx=True)
        pipe.hget(self._keys.workers("info"), worker)
        _, text = await pipe.execute()
        info: dict[str, Any] | None = jsontext.loads(text) if text else None
        return info

    async def want(self, worker: str, desired: str) -> None:
        """Sets the state that a worker should take: ONLINE, PAUSED or DRAINING."""
        await self._redis.hset(self._keys.workers("desired"), worker, desired)

    async def want_stealing(self, worker: str, stealing: bool) -> None:
        """Sets whether a worker should take from others' lanes."""
        await self._redis.hset(self._keys.workers("desired"), f"{worker} stealing", str(int(stealing)))

    async def roll(self) -> tuple[int, list[Registered]]:
        """Redis' clock (ms) and all workers that are registered."""
        pipe = self._redis.pipeline(transaction=True)
        pipe.time()
        pipe.hgetall(self._keys.workers("info"))
        pipe.zrange(self._keys.workers("seen"), 0, -1, withscores=True)
        pipe.hgetall(self._keys.workers("desired"))
        time, infos, seen, desired = await pipe.execute()
        until = {worker: int(score) for worker, score in seen}
        found = [
            Registered(
                worker.decode(), jsontext.loads(info), until.get(worker, 0), desired.get(worker, b"ONLINE").decode()
            )
            for worker, info in infos.items()
        ]
        return ms_of(time), found

    async def silences(self, workers: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Of these workers, as far as they are registered: how long they have been silent, and their lease, in ms."""
        if not workers:
            return {}
        pipe = self._redis.pipeline(transaction=True)
        pipe.time()
        pipe.hmget(self._keys.workers("info"), list(workers))
        pipe.zmscore(self._keys.workers("seen"), list(workers))
        time, infos, seen = await pipe.execute()
        now = ms_of(time)
        found = {}
        for worker, text, until in zip(workers, infos, seen, strict=True):
            lease_ms = jsontext.loads(text).get("lease_ms") if text else None
            if lease_ms and until is not None:
                found[worker] = (now - int(until) + lease_ms, lease_ms)
        return found

    async def catalogue(self, worker: str) -> list[dict[str, Any]]:
        """The functions that a worker offers."""
        text = await self._redis.hget(self._keys.workers("catalogue"), worker)
        functions: list[dict[str, Any]] = jsontext.loads(text) if text else []
        return functions

    async def note_conflicts(self, conflicts: Mapping[str, str]) -> None:
        """Keeps which functions workers offer differently, by name, in words, in place of what was kept."""
        pipe = self._redis.pipeline(transaction=True)
        pipe.delete(self._keys.workers("conflicts"))
        if conflicts:
            pipe.hset(self._keys.workers("conflicts"), mapping=dict(conflicts))
        await pipe.execute()

    async def conflicts(self) -> dict[str, str]:
        """Which functions workers offer differently, by name, in words."""
        found = await self._redis.hgetall(self._keys.workers("conflicts"))
        return {name.decode(): words.decode() for name, words in sorted(found.items())}

    async def _run(self, script: str, args: list[Any]) -> Any:
        return await self._scripts[script](self._script_keys[script], args)


def wish_of(stealing: bytes) -> bool | None:
    """Whether a worker should steal, as a beat answers it."""
    return stealing == b"1" if stealing else None
