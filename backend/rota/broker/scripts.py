"""Every Lua script as one typed method. The KEYS line of a script's header says which keys it gets."""

import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from redis.commands.core import AsyncScript
from redis.exceptions import NoScriptError

from rota import jsontext
from rota.broker.client import RedisClient
from rota.broker.keys import Keys
from rota.broker.loading import load_scripts
from rota.broker.ready import ready_counts, ready_places
from rota.broker.values import (
    Claim,
    Claimed,
    Held,
    Missing,
    Push,
    PushedTooLate,
    Run,
    Settlement,
    Standing,
    Swept,
    functions_of,
    ms_of,
    parse_claim,
    parse_settle,
    renew_args,
    settle_args,
)
from rota.domain.limits import limit_names
from rota.domain.retry import POISON_DEATHS

# A push that reaches Redis later than this after it was decided is refused: it is left to the reconciler, which looks only
# at what is older (coordinator/reconciler.py), so that never both put the same task into line.
PUSH_WITHIN_MS = 4_000

# What it takes and gives is named with it.
__all__ = [
    "PUSH_WITHIN_MS",
    "Broker",
    "Claim",
    "Claimed",
    "Held",
    "Missing",
    "Push",
    "PushedTooLate",
    "Run",
    "Settlement",
    "Standing",
    "Swept",
]


class Broker:
    """The queue's side of Redis. Raises what redis-py raises; nothing is retried."""

    def __init__(self, redis: RedisClient, namespace: str) -> None:
        self.redis = redis
        self.keys = Keys(namespace)
        loaded = load_scripts()
        self._scripts: dict[str, AsyncScript] = {
            name: redis.register_script(script.source) for name, script in loaded.items()
        }
        self._key_names = {name: script.keys for name, script in loaded.items()}
        self._known: dict[tuple[str, str], list[str]] = {}
        self._ahead_ms: int | None = None  # Redis' clock, less this process' monotonic one

    async def push(self, queue: str, tasks: Sequence[Push], age_ms: int = 0) -> int:
        """Takes tasks into line; ids that Redis holds already are left alone. Returns how many were new.

        Who pushes tells of it, too: the journal does not, but of what waits for its instant.

        `age_ms` is how long ago the push was decided. Raises PushedTooLate where Redis is reached too long after that.
        """
        by = _monotonic_ms() + PUSH_WITHIN_MS - max(age_ms, 0)
        args: list[Any] = [0]
        for task_id, payload, rank, *others in tasks:
            args += (task_id, payload, rank, ":".join(map(str, others)) if any(others) else "")
        # Refused, though it was in time by the clock here: Redis' clock has moved, and nothing was done. Once more.
        for _ in range(2):
            if _monotonic_ms() > by:
                break
            args[0] = by + await self._ahead()
            pushed, now, is_late = await self._run("push", queue, args)
            self._ahead_ms = int(now) - _monotonic_ms()
            if not is_late:
                return int(pushed)
        raise PushedTooLate(
            f"{len(tasks)} tasks were to be pushed {PUSH_WITHIN_MS} ms ago; the reconciler will push them"
        )

    async def _ahead(self) -> int:
        if self._ahead_ms is None:
            self._ahead_ms = ms_of(await self.redis.time()) - _monotonic_ms()
        return self._ahead_ms

    async def claim(
        self,
        queue: str,
        worker: str,
        claim_id: str,
        want: int,
        lease_ms: int,
        *,
        slots: int = 0,
        is_stealing: bool = True,
        seen: int = 0,
        is_free: bool = False,
        functions: str = "",
    ) -> Claim:
        """Up to `want` tasks of smallest rank, leased. The same `claim_id` gives the same answer again.

        `slots` bounds the worker's lane (at least `want`); `want` 0: it takes nothing more, its lane goes back. `is_free`: it
        does nothing, and a push may hand it a task where there is none now; `seen` is the last lease that came in that way.
        `functions` are those that the worker has (`functions_text`), where it has not told yet.
        """
        _, claimed = await self.exchange(
            queue,
            worker,
            None,
            (claim_id, want, lease_ms),
            slots=slots,
            is_stealing=is_stealing,
            seen=seen,
            is_free=is_free,
            functions=functions,
        )
        return claimed

    async def settle(self, queue: str, worker: str, settle_id: str, settlements: Sequence[Settlement]) -> list[bool]:
        """Hands in outcomes. For each whether it was taken; a refused one is journalled as late."""
        return parse_settle(await self._run("settle", queue, settle_args(worker, settle_id, settlements)))

    async def exchange(
        self,
        queue: str,
        worker: str,
        settle: tuple[str, Sequence[Settlement]] | None,
        claim: tuple[str, int, int],
        *,
        slots: int = 0,
        is_stealing: bool = True,
        seen: int = 0,
        is_free: bool = False,
        functions: str = "",
    ) -> tuple[list[bool], Claim]:
        """Settles, then claims, in one round trip. `claim` is claim id, want, lease_ms."""
        args: list[Any] = [worker, *claim, slots, int(is_stealing), seen, int(is_free), functions, POISON_DEATHS]
        if settle is None:
            return [], parse_claim(await self._run("claim", queue, args))
        both = (("settle", settle_args(worker, *settle)), ("claim", args))
        try:
            flags, claimed = await self._together(queue, both)
        except NoScriptError:
            # Redis was started anew and knows no script. Both have ids: what was done already is only answered again.
            for name, _ in both:
                await self.redis.script_load(self._scripts[name].script)
            flags, claimed = await self._together(queue, both)
        return parse_settle(flags), parse_claim(claimed)

    async def renew(self, queue: str, worker: str, held: Sequence[Held], lease_ms: int) -> list[str]:
        """Prolongs leases. Returns the ids that the worker holds no longer."""
        lost = await self._run("renew", queue, renew_args(worker, held, lease_ms))
        return [task_id.decode() for task_id in lost]

    async def begin(self, queue: str, worker: str, held: Held) -> bool:
        """Tells that a task which was claimed to run alone does run: only from now on a death counts. False: it is held no longer."""
        return bool(await self._run("begin", queue, [worker, held.id, held.token]))

    async def adopt(self, queue: str, runs: Sequence[Run], lease_ms: int, *, is_all: bool) -> int:
        """Takes back what ran when Redis was emptied, under leases of this length. Returns how many it did not hold.

        `is_all`: no more will follow. Until then an outcome of what Redis does not hold is taken, and SQL alone checks its token.
        """
        args: list[Any] = [lease_ms, POISON_DEATHS, int(is_all)]
        for task, lease, worker in runs:
            token = f"{task.number}:{lease}"
            args += (task.id, task.payload, token, worker, task.rank, task.deadline_at, task.used, task.deaths)
        return int(await self._run("adopt", queue, args))

    async def is_rebuilt(self, queue: str) -> bool:
        """Whether all that ran was taken back since Redis was emptied."""
        return bool(await self.redis.hget(self.keys.queue(queue, "config"), "rebuilt") == b"1")

    async def sweep(self, queue: str, limit: int = 500) -> Swept:
        """Promotes what is due, expires what waits past its deadline, takes back what ended leases held."""
        promoted, expired, lost, more = await self._run("sweep", queue, [limit, POISON_DEATHS])
        return Swept(promoted, expired, lost, bool(more))

    async def drop(self, queue: str, ids: Sequence[str]) -> int:
        """Removes tasks wherever they are and tells their workers to cancel. Returns how many were held."""
        return int(await self._run("drop", queue, list(ids))) if ids else 0

    async def move(self, queue: str, task: Push) -> bool:
        """Gives a waiting task another place. False: it does not wait here."""
        args = [task.id, task.payload, task.rank, task.due_at, task.deadline_at]
        return bool(await self._run("move", queue, args))

    async def missing(self, queue: str, ids: Sequence[str]) -> Missing:
        """Which of these ids Redis does not hold, with the journal's last id of the same instant."""
        last, epoch, *absent = await self._run("missing", queue, list(ids))
        return Missing([task_id.decode() for task_id in absent], last.decode(), epoch.decode())

    async def scan(self, queue: str, cursor: int = 0, count: int = 1000) -> tuple[int, list[str]]:
        """Some of the ids that Redis holds, and where to go on; cursor 0 begins and ends."""
        # HSCAN gives the payloads too; the ids are only fields. There is no NOVALUES before Redis 7.4.
        position, found = await self.redis.hscan(self.keys.queue(queue, "tasks"), cursor, count=count)
        return int(position), [task_id.decode() for task_id in found]

    async def standing(self, queue: str, asked: Sequence[tuple[str, str, str | None]]) -> list[Standing | None]:
        """For each (id, function, limit key) where the task stands; None: it does not wait in line here."""
        in_line = await self.places(queue, [task_id for task_id, _, _ in asked])
        pipe = self.redis.pipeline(transaction=False)
        for task_id, function, key in asked:
            for name in limit_names(function, key):
                pipe.zrank(self.keys.queue(queue, "parked") + name, task_id)
        answers = iter(await pipe.execute() if asked else ())
        found: list[Standing | None] = []
        for (_, function, key), place in zip(asked, in_line, strict=True):
            places: list[tuple[str, int | None]] = [("", place)]
            places += [(name, next(answers)) for name in limit_names(function, key)]
            found.append(next((Standing(name, place) for name, place in places if place is not None), None))
        return found

    async def lane_places(self, queue: str, asked: Sequence[tuple[str, str]]) -> list[int | None]:
        """The place of each (id, worker) in the worker's lane, 0 for the next; None for what is not in it."""
        pipe = self.redis.pipeline(transaction=False)
        for task_id, worker in asked:
            pipe.zrank(self.keys.queue(queue, "lane") + worker, task_id)
        places: list[int | None] = await pipe.execute() if asked else []
        return places

    async def lane_sizes(self, asked: Sequence[tuple[str, str]]) -> list[int]:
        """How many tasks are in the lane of each (queue, worker)."""
        pipe = self.redis.pipeline(transaction=False)
        for queue, worker in asked:
            pipe.zcard(self.keys.queue(queue, "lane") + worker)
        sizes: list[int] = await pipe.execute() if asked else []
        return sizes

    async def counts(self, queue: str) -> dict[str, int]:
        """How many run under each limit of a queue, by the limit's name; `w:<worker>` in a queue with lanes."""
        found = await self.redis.hgetall(self.keys.queue(queue, "counts"))
        return {name.decode(): int(number) for name, number in found.items()}

    async def parked_sizes(self, queue: str, names: Sequence[str]) -> list[int]:
        """How many tasks each of these limits holds back."""
        pipe = self.redis.pipeline(transaction=False)
        for name in names:
            pipe.zcard(self.keys.queue(queue, "parked") + name)
        sizes: list[int] = await pipe.execute() if names else []
        return sizes

    async def ready_count(self, queue: str) -> int:
        """How many tasks are on offer."""
        return (await ready_counts(self.redis, self.keys, [queue]))[0]

    async def offers(self, queue: str) -> dict[str, set[str]] | None:
        """The functions of each worker of a sorted queue that has told; None where it is not sorted, so that all have what waits."""
        special = await self.redis.hget(self.keys.queue(queue, "config"), "special")
        if special is None or not special.endswith(b":1") or special.count(b":") != 2:
            return None
        found = await self.redis.hgetall(self.keys.queue(queue, "offers"))
        return {worker.decode(): set(functions_of(text.decode())) for worker, text in found.items()}

    async def ready_by_function(self, queue: str) -> dict[str, int]:
        """How many tasks are ready of each function, as far as the queue is sorted."""
        names = [name.decode() for name in await self.redis.smembers(self.keys.queue(queue, "lines"))]
        pipe = self.redis.pipeline(transaction=False)
        for name in names:
            pipe.zcard(self.keys.line(queue, name))
        sizes = await pipe.execute() if names else []
        # The names are as they are written in payloads.
        return {"".join(functions_of(name)): int(size) for name, size in zip(names, sizes, strict=True)}

    async def server(self) -> tuple[str, int]:
        """The version of Redis, and how many bytes of memory it uses."""
        found = await self.redis.info()
        return str(found["redis_version"]), int(found["used_memory"])

    async def last_starts(self, queue: str, name: str) -> list[int]:
        """The instants (ms) of the last starts under a limit that bounds them, the newest first."""
        return [int(at) for at in await self.redis.lrange(self.keys.queue(queue, "starts") + name, 0, -1)]

    async def stats(self, queue: str) -> dict[str, int]:
        """How often tasks were `assigned`, `stolen`, and held back (`limited`) since Redis was emptied."""
        found = await self.redis.hgetall(self.keys.queue(queue, "stats"))
        return {name.decode(): int(number) for name, number in found.items()}

    async def empty(self, queue: str) -> int:
        """Removes what is kept of a queue that holds no task, but for its journal and the numbers that must not come again.

        Returns how many keys were removed: none where it holds a task.
        """
        kept = {self.keys.queue(queue, name).encode() for name in ("journal", "epoch", "lease", "offers")}
        keys = [key async for key in self.redis.scan_iter(match=self.keys.queue(queue, "*"), count=1000)]
        return int(await self._run("empty", queue, [key for key in keys if key not in kept]))

    async def places(self, queue: str, ids: Sequence[str]) -> list[int | None]:
        """The place in line of each of these tasks, 0 for the next; None for what is not ready."""
        return await ready_places(self.redis, self.keys, queue, ids)

    async def configure(
        self,
        queue: str,
        *,
        is_paused: bool,
        strategy: str = "PRIORITY",
        limits: Mapping[str, str] = MappingProxyType({}),
    ) -> int:
        """Sets all that SQL says of a queue; what waits follows at once. `limits`: as `limits.rules_of` makes them.

        Returns how many counts of running tasks were wrong, and are mended, although nothing was changed.
        """
        pairs = [part for pair in limits.items() for part in pair]
        return int(await self._run("configure", queue, [int(is_paused), strategy, *pairs]))

    async def muster(self, queue: str, workers: Sequence[str]) -> int:
        """Gives back the lanes of all but these workers. Returns how many workers that were."""
        return int(await self._run("muster", queue, list(workers)))

    async def is_paused(self, queue: str) -> bool:
        """Whether claims of this queue are paused."""
        return bool(await self.redis.hget(self.keys.queue(queue, "config"), "paused") == b"1")

    async def tell(self, queue: str, worker: str, command: dict[str, Any]) -> None:
        """Sends a command to a worker through the list on which it waits."""
        await self._run("tell", queue, [worker, jsontext.dumpb(command)])

    async def progress(
        self, queue: str, worker: str, entries: Sequence[Sequence[Any]], lines: Sequence[Sequence[Any]] = ()
    ) -> None:
        """Journals `[id, number, lease, progress or None, message or None]` for each, and of lines
        `[id, number, lease, number of the first, [[at, level, message], ...], left out so far]`.
        """
        texts = [jsontext.dumpb(list(one)) if one else b"" for one in (entries, lines)]
        await self._run("progress", queue, [worker, *texts])

    async def forget(self, queue: str, worker: str) -> None:
        """Removes what the queue keeps about a worker that has left."""
        await self._run("forget", queue, [worker])

    async def bury(self, queue: str, worker: str) -> int:
        """Ends what was leased to a worker whose process has ended; a sweep takes it back. Returns how many tasks."""
        return int(await self._run("bury", queue, [worker]))

    async def claimants(self, queue: str) -> set[str]:
        """The workers of which the queue keeps something: what they claimed or settled last, or that they wait."""
        pipe = self.redis.pipeline(transaction=False)
        for name in ("idle", "claims", "settles", "offers"):
            pipe.hkeys(self.keys.queue(queue, name))
        return {worker.decode() for workers in await pipe.execute() for worker in workers}

    async def holders(self, queue: str) -> set[str]:
        """The workers that hold a task of the queue."""
        # number:lease:worker:... (parse_run in lua/_common.lua)
        return {run.split(b":")[2].decode() for run in await self.redis.hvals(self.keys.queue(queue, "running"))}

    async def _run(self, script: str, queue: str, args: list[Any]) -> Any:
        return await self._scripts[script](self._queue_keys(script, queue), args)

    async def _together(self, queue: str, calls: Sequence[tuple[str, list[Any]]]) -> Any:
        # By EVALSHA directly: redis-py's pipeline asks first, each time, whether Redis knows the scripts.
        pipe = self.redis.pipeline(transaction=False)
        for name, args in calls:
            keys = self._queue_keys(name, queue)
            pipe.evalsha(self._scripts[name].sha, len(keys), *keys, *args)
        return await pipe.execute()

    def _queue_keys(self, script: str, queue: str) -> list[str]:
        try:
            return self._known[script, queue]
        except KeyError:
            keys = [self.keys.queue(queue, name) for name in self._key_names[script]]
            self._known[script, queue] = keys
            return keys


def _monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000
