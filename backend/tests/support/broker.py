"""A broker on a real Redis, and short words for what tests do with it."""

import asyncio
import collections
import itertools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from rota import ids, jsontext
from rota.broker.client import connect
from rota.broker.journal import Journal
from rota.broker.scripts import Broker, Claim, Claimed, Held, Push, Settlement
from rota.broker.values import Handed, functions_text, ms_of, parse_handed
from rota.domain.limits import limit_names
from rota.domain.payload import Payload, build

QUEUE = "default"
LEASE_MS = 60_000
WAIT_S = 60.0
# What a queue with limits or lanes holds besides.
RULED = ("counts", "unpark", "laned", "lines")
_claims = itertools.count(1)


class Line:
    """One queue of a broker. Time is Redis' own; what must be over is set back."""

    def __init__(self, url: str, queue: str = QUEUE) -> None:
        self.redis = connect(url)
        self.broker = Broker(self.redis, "rota")
        self.journal = Journal(self.redis, "rota")
        self.queue = queue

    async def __aenter__(self) -> "Line":
        await self.rebuilt()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.redis.aclose()

    def key(self, name: str) -> str:
        return self.broker.keys.queue(self.queue, name)

    async def now(self) -> int:
        return ms_of(await self.redis.time())

    async def rebuilt(self) -> None:
        """Tells Redis that nothing ran when it was emptied, as the reconciler does."""
        await self.broker.adopt(self.queue, [], 1, is_all=True)

    async def push(self, *tasks: Push) -> int:
        return await self.broker.push(self.queue, tasks)

    async def claim(
        self,
        want: int = 1,
        worker: str = "w1",
        claim_id: str | None = None,
        lease_ms: int = LEASE_MS,
        *,
        seen: int = 0,
        is_free: bool = False,
        has: Sequence[str] | None = None,
    ) -> Claim:
        """`has`: the functions of the worker, where it tells them with this claim."""
        claim_id = claim_id or f"c{next(_claims)}"
        functions = "" if has is None else functions_text(has)
        return await self.broker.claim(
            self.queue, worker, claim_id, want, lease_ms, seen=seen, is_free=is_free, functions=functions
        )

    async def begin(self, claim: Claim, *, worker: str = "w1") -> list[bool]:
        """Tells of each task that it runs, alone."""
        return [await self.broker.begin(self.queue, worker, one) for one in held(claim)]

    async def settle(self, claim: Claim, *, worker: str = "w1", settle_id: str | None = None, **how: Any) -> list[bool]:
        """Settles all that a claim gave in the same way."""
        settlements = [settlement(task, claim.lease, **how) for task in claim.tasks]
        return await self.broker.settle(self.queue, worker, settle_id or f"s{next(_claims)}", settlements)

    async def settle_some(self, claim: Claim, *indexes: int, worker: str = "w1", **how: Any) -> list[bool]:
        """Settles some of what a claim gave."""
        tasks = [claim.tasks[index] for index in indexes]
        return await self.settle(claim._replace(tasks=tasks), worker=worker, **how)

    async def age_starts(self, name: str, by_ms: int, count: int) -> None:
        """Makes the oldest starts under a limit older, as if time had passed, and looks again at who waits for it."""
        key = self.key("starts") + name
        for index in range(-1, -count - 1, -1):
            await self.redis.lset(key, index, int(await self.redis.lindex(key, index)) - by_ms)
        if await self.redis.zscore(self.key("unpark"), name) is not None:
            await self.redis.zadd(self.key("unpark"), {name: 1})

    async def stats(self) -> dict[str, int]:
        return await self.broker.stats(self.queue)

    async def told(self) -> list[tuple[str, Any]]:
        """All that the journal tells, as (kind, body)."""
        batches = await self.journal.read({self.queue: ""}, 1, 10_000)
        return [(entry.kind, jsontext.loads(entry.body)) for batch in batches for entry in batch.entries]

    async def end_leases(self, *task_ids: str) -> None:
        """Sets leases back (all of them, unless named) as if their time had passed."""
        for task_id in task_ids or [member.decode() for member in await self.redis.zrange(self.key("leases"), 0, -1)]:
            await self.redis.zadd(self.key("leases"), {task_id: 1}, xx=True)

    async def make_due(self) -> None:
        """Sets every scheduled task's instant back."""
        for member in await self.redis.zrange(self.key("scheduled"), 0, -1):
            await self.redis.zadd(self.key("scheduled"), {member: 1})

    async def pass_deadlines(self) -> None:
        """Sets every waiting task's deadline back."""
        for member in await self.redis.zrange(self.key("deadlines"), 0, -1):
            await self.redis.zadd(self.key("deadlines"), {member: 1})

    async def wakes(self, worker: str) -> list[str]:
        """What lies in a worker's wake list; empties it."""
        key = self.broker.keys.wake(self.queue, worker)
        found = [value.decode() for value in await self.redis.lrange(key, 0, -1)]
        await self.redis.delete(key)
        return found

    async def handed(self, worker: str = "w1") -> Handed:
        """What was handed to a worker, the only thing in its wake list; empties it."""
        [text] = await self.wakes(worker)
        found = parse_handed(text.encode())
        assert found is not None, text
        return found

    async def left_over(self) -> dict[str, int]:
        """The keys that hold tasks in whatever way and are not empty, with their sizes."""
        found = {}
        for name in ("ready", "scheduled", "ranks", "deadlines", "tasks", "tries", "running", "leases", *RULED):
            key = self.key(name)
            is_zset = name in ("ready", "scheduled", "deadlines", "leases", "unpark")
            count = self.redis.scard if name == "lines" else self.redis.zcard if is_zset else self.redis.hlen
            size = await count(key)
            if size:
                found[name] = int(size)
        return found

    async def configure(self, *, strategy: str = "PRIORITY", is_paused: bool = False, **limits: str) -> int:
        """Sets a strategy and limits; `f_multiply="1:0:0"` stands for `f:multiply`."""
        named = {name.replace("_", ":", 1): value for name, value in limits.items()}
        return await self.broker.configure(self.queue, is_paused=is_paused, strategy=strategy, limits=named)

    async def parked(self) -> dict[str, list[str]]:
        """What each limit holds back, the best-ranked first."""
        found = {}
        for name in await self.redis.zrange(self.key("unpark"), 0, -1):
            ids = await self.redis.zrange(self.key("parked") + name.decode(), 0, -1)
            found[name.decode()] = [task_id.decode() for task_id in ids]
        return found

    async def sorted_lines(self) -> dict[str, list[str]]:
        """What is in the line of each function, the best-ranked first."""
        found = {}
        for name in sorted(await self.redis.smembers(self.key("lines"))):
            ids = await self.redis.zrange(self.broker.keys.line(self.queue, name.decode()), 0, -1)
            found[name.decode()] = [task_id.decode() for task_id in ids]
        return found

    async def special(self) -> str | None:
        """What makes this queue one with rules."""
        found = await self.redis.hget(self.key("config"), "special")
        return None if found is None else str(found.decode())

    async def lanes(self) -> dict[str, list[str]]:
        """What is in each worker's lane, the best-ranked first."""
        found = {}
        for worker in sorted(await self.redis.hkeys(self.key("crew"))):
            ids = await self.redis.zrange(self.key("lane") + worker.decode(), 0, -1)
            found[worker.decode()] = [task_id.decode() for task_id in ids]
        return found

    async def check_places(self) -> None:
        """Each task that Redis holds is in one place; counts, lanes and parked sets say the same from both sides."""
        held = {task_id.decode() for task_id in await self.redis.hkeys(self.key("tasks"))}
        running = await self.redis.hgetall(self.key("running"))
        places = [task_id.decode() for task_id in running]
        for name in ("ready", "scheduled"):
            places += [task_id.decode() for task_id in await self.redis.zrange(self.key(name), 0, -1)]
        for key in await self.redis.keys(self.key("parked") + "*"):
            places += [task_id.decode() for task_id in await self.redis.zrange(key, 0, -1)]
            assert (
                await self.redis.zscore(self.key("unpark"), key.removeprefix(self.key("parked").encode())) is not None
            )
        assert all((await self.parked()).values()), "an empty set is registered"
        lines = await self.sorted_lines()
        assert all(lines.values()), "an empty line is registered"
        assert len(await self.redis.keys(self.key("lines") + ":*")) == len(lines), "a line is not registered"
        assert not lines or str(await self.special()).endswith(":1"), "lines in a queue that is not sorted"
        places += [task_id for line in lines.values() for task_id in line]
        laned = {
            task_id.decode(): worker.decode()
            for task_id, worker in (await self.redis.hgetall(self.key("laned"))).items()
        }
        lanes = await self.lanes()
        assert {task_id: worker for worker, lane in lanes.items() for task_id in lane} == laned
        assert len(await self.redis.keys(self.key("lane") + "*")) == sum(1 for lane in lanes.values() if lane)
        places += laned
        assert sorted(places) == sorted(held), "a task is in one place, and in no other"
        assert await self.count_anew() == await self.broker.counts(self.queue)

    async def count_anew(self) -> dict[str, int]:
        """What the counts must be, from what runs."""
        limits = {name.decode() for name in await self.redis.hkeys(self.key("limits"))}
        special = (await self.redis.hget(self.key("config"), "special") or b"PRIORITY:0").decode()
        found: collections.Counter[str] = collections.Counter()
        for task_id, run in (await self.redis.hgetall(self.key("running"))).items():
            payload = jsontext.loads(await self.redis.hget(self.key("tasks"), task_id))
            names = limit_names(payload["f"], payload.get("k"))
            found.update(name for name in [*names, "q"] if name.partition('"')[0] in limits)
            if not special.startswith("PRIORITY"):
                found[f"w:{run.decode().split(':')[2]}"] += 1
        return dict(found)


def push(
    task_id: str | None = None, rank: int = 1_000, *, function: str = "multiply", key: str | None = None, **more: Any
) -> Push:
    """A task for `Line.push`."""
    payload = build(Payload(function, '{"a":6,"b":7}', created_at=1, limit_key=key))
    return Push(task_id or ids.new_id(ids.TASK), payload, rank, **more)


def settlement(
    task: Claimed, lease: int, outcome: str = "SUCCEEDED", *, at: int = 5, due_at: int | None = None, **more: Any
) -> Settlement:
    """How a worker tells an ending; with `due_at` the task goes on then."""
    used = more.pop("used", task.used + (outcome != "RELEASED"))
    body: dict[str, Any] = {"id": task.id, "number": task.number, "lease": str(lease), "outcome": outcome}
    is_begun, is_known = more.pop("is_begun", True), more.pop("is_known", True)
    body |= {"at": at, "used": used, **more} | ({} if is_begun else {"begun": False})
    if due_at is not None:
        body |= {"due": due_at, "rank": more.get("rank", 1_000)}
    return Settlement(
        task.id,
        task.number,
        lease,
        jsontext.dumpb(body),
        goes_on=due_at is not None,
        due_at=due_at or 0,
        rank=body.get("rank", 0),
        used=used,
        is_begun=is_begun,
        is_known=is_known,
    )


def held(claim: Claim) -> list[Held]:
    """A claim's tokens."""
    return [Held(task.id, task.number, claim.lease) for task in claim.tasks]


def ids_of(claim: Claim) -> list[str]:
    return [task.id for task in claim.tasks]


async def until(condition: Callable[[], Awaitable[Any]], what: str, within_s: float = WAIT_S) -> Any:
    """Asks again and again until the condition gives something true, and returns that; fails after a while."""
    found: Any = None
    try:
        async with asyncio.timeout(within_s):
            while not (found := await condition()):
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(f"waited {within_s} s for: {what}") from None
    return found


def counts(told: list[tuple[str, Any]]) -> Mapping[str, int]:
    """How many events of each kind."""
    found: dict[str, int] = {}
    for kind, body in told:
        found[kind] = found.get(kind, 0) + len(body)
    return found
