"""Every Lua script as one typed method. The KEYS line of a script's header says which keys it gets."""

import re
from collections.abc import Sequence
from importlib import resources
from typing import Any, NamedTuple

from redis.commands.core import AsyncScript
from redis.exceptions import NoScriptError

from rota import jsontext
from rota.broker.client import RedisClient
from rota.broker.keys import Keys
from rota.domain.retry import POISON_DEATHS

_HEADER = re.compile(r"^-- KEYS: (.*)$", re.MULTILINE)


class Push(NamedTuple):
    """A task for Redis; instants in ms since the epoch, 0 = none."""

    id: str
    payload: bytes
    rank: int
    due_at: int = 0
    deadline_at: int = 0
    number: int = 0
    used: int = 0
    deaths: int = 0


class Claimed(NamedTuple):
    """A task that a claim gave: the attempt's number and how many attempts were used up before it."""

    id: str
    payload: bytes
    number: int
    used: int


class Claim(NamedTuple):
    """A claim's answer. `at` is Redis' clock; `next_due_at` 0 where nothing is scheduled; `ready` is left in line."""

    lease: int
    at: int
    tasks: list[Claimed]
    next_due_at: int
    ready: int


class Settlement(NamedTuple):
    """How an attempt ended. `body` is the journal's JSON; with `goes_on` the task waits again, until `due_at`."""

    id: str
    number: int
    lease: int
    body: bytes
    goes_on: bool = False
    due_at: int = 0
    rank: int = 0
    used: int = 0


class Held(NamedTuple):
    """A task that a worker runs, with its token."""

    id: str
    number: int
    lease: int


class Swept(NamedTuple):
    """How much a sweep moved; `more` where it stopped at its limit."""

    promoted: int
    expired: int
    lost: int
    more: bool


class Missing(NamedTuple):
    """Which ids Redis does not hold, and where the journal stood at that instant."""

    ids: list[str]
    journal_id: str
    epoch: str


class Script(NamedTuple):
    """A script's text and the names of its keys."""

    source: str
    keys: tuple[str, ...]


def load_scripts() -> dict[str, Script]:
    """All scripts by name, with what they share in front."""
    folder = resources.files("rota.broker") / "lua"
    common = (folder / "_common.lua").read_text()
    scripts = {}
    for file in folder.iterdir():
        if file.name.endswith(".lua") and not file.name.startswith("_"):
            source = file.read_text()
            header = _HEADER.search(source)
            if header is None:
                raise ValueError(f"{file.name} has no KEYS line")
            scripts[file.name.removesuffix(".lua")] = Script(f"{common}\n{source}", tuple(header[1].split()))
    return scripts


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

    async def push(self, queue: str, tasks: Sequence[Push]) -> int:
        """Takes tasks into line; ids that Redis holds already are left alone. Returns how many were new."""
        args: list[Any] = []
        for task in tasks:
            args.extend(task)
        return int(await self._run("push", queue, args))

    async def claim(self, queue: str, worker: str, claim_id: str, want: int, lease_ms: int) -> Claim:
        """Up to `want` tasks of smallest rank, leased. The same `claim_id` gives the same answer again."""
        return parse_claim(await self._run("claim", queue, [worker, claim_id, want, lease_ms]))

    async def settle(self, queue: str, worker: str, settle_id: str, settlements: Sequence[Settlement]) -> list[bool]:
        """Hands in outcomes. For each whether it was taken; a refused one is journalled as late."""
        return parse_settle(await self._run("settle", queue, settle_args(worker, settle_id, settlements)))

    async def exchange(
        self,
        queue: str,
        worker: str,
        settle: tuple[str, Sequence[Settlement]] | None,
        claim: tuple[str, int, int],
    ) -> tuple[list[bool], Claim]:
        """Settles, then claims, in one round trip. `claim` is claim id, want, lease_ms."""
        claim_args: list[Any] = [worker, *claim]
        if settle is None:
            return [], parse_claim(await self._run("claim", queue, claim_args))
        both = (("settle", settle_args(worker, *settle)), ("claim", claim_args))
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

    async def places(self, queue: str, ids: Sequence[str]) -> list[int | None]:
        """The place in the ready line of each of these tasks, 0 for the next; None for what is not in it."""
        if not ids:
            return []
        pipe = self.redis.pipeline(transaction=False)
        for task_id in ids:
            pipe.zrank(self.keys.queue(queue, "ready"), task_id)
        places: list[int | None] = await pipe.execute()
        return places

    async def configure(self, queue: str, *, is_paused: bool) -> None:
        """Pauses or resumes claims; on resume idle workers are woken."""
        await self._run("configure", queue, [int(is_paused)])

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


def settle_args(worker: str, settle_id: str, settlements: Sequence[Settlement]) -> list[Any]:
    """The settle script's ARGV."""
    args: list[Any] = [worker, settle_id]
    for one in settlements:
        token = f"{one.number}:{one.lease}"
        args.extend((one.id, token, int(one.goes_on), one.due_at, one.rank, one.used, one.body))
    return args


def renew_args(worker: str, held: Sequence[Held], lease_ms: int) -> list[Any]:
    """The renew script's ARGV."""
    args: list[Any] = [worker, lease_ms]
    for one in held:
        args.extend((one.id, f"{one.number}:{one.lease}"))
    return args


def parse_claim(answer: list[Any]) -> Claim:
    """The claim script's answer."""
    lease, at, next_due, ready = answer[:4]
    tasks = [
        Claimed(task_id.decode(), payload, int(number), int(used))
        for task_id, payload, number, used in zip(*[iter(answer[4:])] * 4, strict=True)
    ]
    return Claim(int(lease), int(at), tasks, int(float(next_due)), int(ready))


def parse_settle(flags: bytes) -> list[bool]:
    """The settle script's answer."""
    return [flag == ord("1") for flag in flags]
