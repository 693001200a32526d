"""What goes into the scripts and what comes out of them."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from redis.exceptions import RedisError

from rota.domain.payload import written_name


class PushedTooLate(RedisError):
    """Redis was reached too long after the push was decided; nothing was pushed."""


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


class Run(NamedTuple):
    """A task that runs, for Redis, and the token under which its worker has it; the number is the push's."""

    task: Push
    lease: int
    worker: str


class Claimed(NamedTuple):
    """A task that a claim gave: the attempt's number, how many attempts were used up before it, and how many workers died under it."""

    id: str
    payload: bytes
    number: int
    used: int
    deaths: int = 0


class Claim(NamedTuple):
    """A claim's answer. `at` is Redis' clock; `next_due_at`: when something becomes due or a limit opens, 0 where nothing
    does; `ready` is left in line. `was_handed`: no claim was made, these are tasks that were handed out before.
    """

    lease: int
    at: int
    tasks: list[Claimed]
    next_due_at: int
    ready: int
    was_handed: bool = False


class Settlement(NamedTuple):
    """How an attempt ended. `body` is the journal's JSON; with `goes_on` the task waits again, until `due_at`.

    Not `is_begun`: it comes back as it was claimed, and that was no run; not `is_known`: its worker has no such function.
    """

    id: str
    number: int
    lease: int
    body: bytes
    goes_on: bool = False
    due_at: int = 0
    rank: int = 0
    used: int = 0
    is_begun: bool = True
    is_known: bool = True

    @property
    def way_on(self) -> int:
        """What the script is told: 0 it ends, 1 it goes on, 2 it was not begun, 3 nor can it be by this worker."""
        return 0 if not self.goes_on else 1 + (not self.is_begun) + (not self.is_known)


class Held(NamedTuple):
    """A task that a worker runs, with its token."""

    id: str
    number: int
    lease: int

    @property
    def token(self) -> str:
        """As the scripts have it."""
        return f"{self.number}:{self.lease}"


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


class Standing(NamedTuple):
    """Where a task waits: in line (`limit` empty), or held back by a limit of this name; 0 is the next."""

    limit: str
    place: int


class Handed(NamedTuple):
    """A task that a push gave to a worker that waited. `asks`: the worker waits by name no longer, and may ask for more."""

    claim: Claim
    asks: bool


def ms_of(time: Sequence[Any]) -> int:
    """The answer of Redis' TIME (seconds, microseconds) in ms."""
    seconds, micros = time
    return int(seconds) * 1000 + int(micros) // 1000


def settle_args(worker: str, settle_id: str, settlements: Sequence[Settlement]) -> list[Any]:
    """The settle script's ARGV."""
    args: list[Any] = [worker, settle_id]
    for one in settlements:
        token = f"{one.number}:{one.lease}"
        args.extend((one.id, token, one.way_on, one.due_at, one.rank, one.used, one.body))
    return args


def functions_text(names: Iterable[str]) -> str:
    """What a worker tells of the functions that it has, as the claim script takes it; the same for the same functions."""
    return "\n".join(["", *sorted(map(written_name, names)), ""])


def functions_of(text: str) -> list[str]:
    """The names in what a worker told."""
    return [json.loads(f'"{written}"') for written in text.split("\n") if written]


def renew_args(worker: str, held: Sequence[Held], lease_ms: int) -> list[Any]:
    """The renew script's ARGV."""
    args: list[Any] = [worker, lease_ms]
    for one in held:
        args.extend((one.id, one.token))
    return args


def parse_claim(answer: list[Any]) -> Claim:
    """The claim script's answer."""
    lease, at, next_due, ready, was_handed = answer[:5]
    tasks = [
        Claimed(task_id.decode(), payload, int(number), int(used), int(deaths))
        for task_id, payload, number, used, deaths in zip(*[iter(answer[5:])] * 5, strict=True)
    ]
    return Claim(int(lease), int(at), tasks, int(float(next_due)), int(ready), bool(was_handed))


def parse_handed(text: bytes) -> Handed | None:
    """What is sent to a worker along with its wake; None where that is something else."""
    kind, *parts = text.split(b" ", 8)
    if kind != b"task":
        return None
    lease, at, number, used, deaths, asks, task_id, payload = parts
    task = Claimed(task_id.decode(), payload, int(number), int(used), int(deaths))
    return Handed(Claim(int(lease), int(at), [task], 0, 0), asks == b"1")


def parse_settle(flags: bytes) -> list[bool]:
    """The settle script's answer."""
    return [flag == ord("1") for flag in flags]
