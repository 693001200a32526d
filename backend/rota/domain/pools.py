"""A pool as an administrator wishes for it, what is allowed in it, and how its workers are split between supervisors."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rota.domain.errors import Invalid

DEFAULT_POOL = "default"
DEFAULT_TARGET_MS = 10_000
MOST_WORKERS = 500
MOST_SLOTS = 1_000
MOST_QUEUES = 50
MOST_POOLS = 100
DAY_MS = 24 * 3_600_000
# It becomes a part of process titles, of a metric's label and of workers' names.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", re.ASCII)


class NewPool(NamedTuple):
    """A wish. `name` None: one is found. With no `queues` its workers take from those of their functions; None: as it was."""

    name: str | None = None
    queues: tuple[str, ...] | None = None
    slots_per_worker: int = 5
    min_workers: int = 1
    max_workers: int = 1
    stealing: bool = True
    target_wait_ms: int = DEFAULT_TARGET_MS
    dry_run: bool = False


class Supervisor(NamedTuple):
    """Who can run workers. `queues` are those that its functions stand in; None: it does not tell, so any may be."""

    id: str
    capacity: int
    queues: frozenset[str] | None = None


class Wanted(NamedTuple):
    """What a pool is to have. No `queues`: whichever its functions stand in."""

    id: str
    queues: tuple[str, ...]
    workers: int


class Split(NamedTuple):
    """For each supervisor how many workers of each pool; for each pool why it lacks some, in words, as far as it does."""

    shares: dict[str, dict[str, int]]
    troubles: dict[str, str]


def check(wish: NewPool) -> None:
    """Raises Invalid where a field breaks a rule."""
    if wish.name is not None and not _NAME.fullmatch(wish.name):
        raise Invalid(
            "name must begin with a letter or digit and go on with letters, digits, '.', '_' and '-', at most 60.",
            ("name",),
        )
    if len(wish.queues or ()) > MOST_QUEUES:
        raise Invalid(f"queues may be at most {MOST_QUEUES}.", ("queues",))
    _within("slotsPerWorker", wish.slots_per_worker, 1, MOST_SLOTS)
    _within("minWorkers", wish.min_workers, 0, MOST_WORKERS)
    _within("maxWorkers", wish.max_workers, 1, MOST_WORKERS)
    if wish.min_workers > wish.max_workers:
        raise Invalid(
            f"maxWorkers must be at least minWorkers; {wish.max_workers} is less than {wish.min_workers}.",
            ("maxWorkers",),
        )
    if not 100 <= wish.target_wait_ms <= DAY_MS:
        raise Invalid("targetWaitSeconds must be 0.1 to 86400.", ("targetWaitSeconds",))


def split(pools: Sequence[Wanted], supervisors: Sequence[Supervisor]) -> Split:
    """Spreads each pool evenly over the supervisors that may have it, within their capacity.

    It depends on nothing else, so that the same question has the same answer, and a pool's change moves no other pool
    while there is room. Pools that come first take their room first.
    """
    shares: dict[str, dict[str, int]] = {supervisor.id: {} for supervisor in supervisors}
    room = {supervisor.id: supervisor.capacity for supervisor in supervisors}
    troubles = {}
    for pool in pools:
        able = [supervisor for supervisor in supervisors if _may_have(supervisor, pool)]
        placed = _place(pool, able, room, shares)
        if placed < pool.workers:
            troubles[pool.id] = _trouble(pool, placed, supervisors, able)
    return Split(shares, troubles)


def _within(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise Invalid(f"{name} must be {least} to {most}; it is {value}.", (name,))


def _may_have(supervisor: Supervisor, pool: Wanted) -> bool:
    # A worker that took from a queue without its functions would fail what it takes.
    return supervisor.queues is None or supervisor.queues.issuperset(pool.queues)


def _place(pool: Wanted, able: Sequence[Supervisor], room: dict[str, int], shares: Mapping[str, dict[str, int]]) -> int:
    """Gives one worker after the other to who has the fewest of this pool. Returns how many found a place."""
    # Each pool begins with another one, or the first would have the odd worker of all of them.
    order = {supervisor.id: _order(pool.id, supervisor.id) for supervisor in able}
    for placed in range(pool.workers):
        free = [supervisor_id for supervisor_id in order if room[supervisor_id] > 0]
        if not free:
            return placed
        chosen = min(free, key=lambda supervisor_id: (shares[supervisor_id].get(pool.id, 0), order[supervisor_id]))
        shares[chosen][pool.id] = shares[chosen].get(pool.id, 0) + 1
        room[chosen] -= 1
    return pool.workers


def _order(pool_id: str, supervisor_id: str) -> bytes:
    return hashlib.sha256(f"{pool_id} {supervisor_id}".encode()).digest()


def _trouble(pool: Wanted, placed: int, supervisors: Sequence[Supervisor], able: Sequence[Supervisor]) -> str:
    if not supervisors:
        return (
            "No supervisor is there to start its workers: run rota supervisor TARGET on a machine that is to have them."
        )
    if not able:
        return f"No supervisor has functions of {', '.join(pool.queues)}: start one with a target that has."
    room = "no worker" if placed == 0 else f"{placed} of {pool.workers} workers"
    return f"The supervisors that are there have room for {room}: start another, or raise ROTA_SUPERVISOR_CAPACITY."


class Size(NamedTuple):
    """How many workers a pool should have and has, from an instant (ms) on."""

    at: int
    desired: int
    actual: int


def sizes(
    since: int,
    until: int,
    decisions: Sequence[tuple[int, int, int]],
    desired: int,
    stays: Sequence[tuple[int, int | None]],
) -> list[Size]:
    """The steps of a pool's size between two instants, the last one at `until`.

    `decisions` are (at, from, to), the oldest first; `desired` is what holds now. `stays` are when each worker came and
    ended (None: is there).
    """
    earlier = [size_to for at, _, size_to in decisions if at <= since]
    later = [(at, size_from, size_to) for at, size_from, size_to in decisions if at > since]
    wanted = earlier[-1] if earlier else later[0][1] if later else desired
    steps: dict[int, int] = {at: size_to for at, _, size_to in later}
    instants = sorted(
        {since, until, *steps, *(at for stay in stays for at in stay if at is not None and since < at < until)}
    )
    found: list[Size] = []
    for at in instants:
        wanted = steps.get(at, wanted)
        actual = sum(1 for came, ended in stays if came <= at and (ended is None or ended > at))
        if at in (since, until) or (wanted, actual) != found[-1][1:]:
            found.append(Size(at, wanted, actual))
    return found
