"""Workers killed, stopped and poisoned, and none of it: what was accepted ends exactly once."""

import asyncio
import contextlib
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from tests.support import ledger
from tests.support.faulty import VOID, Scene, piece
from tests.support.fleet import LEASE_MS

KILL_EVERY_S = 1.0
FEW_KILLS = 3


@contextlib.asynccontextmanager
async def killing(scene: Scene, part: str, dice: random.Random) -> AsyncIterator[None]:
    """Kills a random process of a part each second, as long as the block lasts."""

    async def kill() -> None:
        while scene.is_long or scene.fleet.kills.total() < FEW_KILLS:
            await asyncio.sleep(KILL_EVERY_S)
            scene.fleet.kill_one(dice, part)

    killer = asyncio.create_task(kill())
    try:
        yield
    finally:
        killer.cancel()
        await asyncio.gather(killer, return_exceptions=True)


async def submit_mixed(scene: Scene, dice: random.Random) -> int:
    """Tasks of 5 to 200 ms."""
    count = 10_000 if scene.is_long else 600
    await scene.submit([piece(number, dice.randint(5, 200) / 1000) for number in range(count)])
    return count


@pytest.mark.short_on("sqlite")
async def test_a_worker_is_killed_each_second(scene: Scene) -> None:
    dice = random.Random(1)
    await scene.fleet.coordinator()
    await scene.fleet.workers(3)
    await scene.offered()
    async with killing(scene, "worker", dice):
        count = await submit_mixed(scene, dice)
        await scene.until_ended(count * 9 // 10)
    found = await scene.audit()
    assert scene.fleet.kills.total() >= 1
    assert only_poison_failed(found.statuses(), found.outcomes()), found.statuses()


@pytest.mark.short_on("postgres")
async def test_a_worker_is_killed_each_second_and_redis_emptied(scene: Scene) -> None:
    dice = random.Random(2)
    await scene.fleet.coordinator()
    await scene.fleet.workers(3)
    await scene.offered()
    async with killing(scene, "worker", dice):
        count = await submit_mixed(scene, dice)
        await scene.until_ended(count // 2)
        await scene.rota.redis.flushall()
        await scene.until_ended(count * 9 // 10)
    found = await scene.audit()
    assert only_poison_failed(found.statuses(), found.outcomes()), found.statuses()


def only_poison_failed(statuses: Counter[str], outcomes: Counter[str]) -> bool:
    """A task whose worker was killed three times under it is poison by the rule; here, nearly none is."""
    few = statuses.total() // 100
    return (
        statuses["SUCCEEDED"] + statuses["FAILED"] == statuses.total()
        and statuses["FAILED"] <= few
        and not (outcomes.keys() - {"SUCCEEDED", *VOID})
    )


@pytest.mark.short_on("postgres")
async def test_only_what_a_killed_worker_held_runs_again(scene: Scene) -> None:
    await scene.fleet.coordinator()
    await scene.fleet.workers(2)
    await scene.offered()
    count = 10_000 if scene.is_long else 600
    await scene.submit_pieces(count)
    await scene.until_ended(count // 3)
    killed = scene.fleet.pids["worker-1"]
    scene.fleet.kill("worker-1")
    found = await scene.audit()
    assert found.statuses() == {"SUCCEEDED": count}
    held = {line.piece for line in ledger.read(scene.fleet.ledger) if line.pid == killed}
    assert {number for number, times in found.starts.items() if times > 1} <= held


@pytest.mark.short_on("sqlite")
async def test_a_worker_that_sleeps_through_three_leases(scene: Scene) -> None:
    """Late results are refused, while another runs the tasks and after it, and they stay visible as late."""
    await scene.fleet.coordinator()
    await scene.fleet.worker("sleeper")
    await scene.offered("signed")
    count = 10
    # Longer than what is left of them when the sleeper wakes up: the other is in the midst of them.
    await scene.submit([piece(number, LEASE_MS / 1000 + 1.0, "signed") for number in range(count)])

    async def are_started() -> bool:
        return sum(line.what == "start" for line in ledger.read(scene.fleet.ledger)) == count

    await scene.until(are_started, "the sleeper to begin all")
    sleeper = scene.fleet.pids["sleeper"]
    scene.fleet.signal("sleeper", signal.SIGSTOP)
    await asyncio.sleep(3 * LEASE_MS / 1000)
    await scene.fleet.worker("awake")

    async def are_started_again() -> bool:
        return sum(line.what == "start" for line in ledger.read(scene.fleet.ledger)) == 2 * count

    await scene.until(are_started_again, "the other to begin them")
    awake = scene.fleet.pids["awake"]
    scene.fleet.signal("sleeper", signal.SIGCONT)
    await scene.until_ended(2 * count)
    found = await scene.audit()
    assert {int(task["result"]) for task in found.tasks.values()} == {awake}, f"the sleeper's {sleeper} was taken"
    assert found.outcomes() == {"LOST": count, "SUCCEEDED": count}
    # The sleeper's heart may tell it first what it has lost: then it says nothing, which is as good.
    assert {row["late_outcome"] for row in found.attempts if row["outcome"] == "SUCCEEDED"} == {None}
    # It works on.
    await scene.fleet.stop("awake")
    await scene.submit_pieces(20, first=100)
    await scene.audit()


@pytest.mark.short_on("postgres")
async def test_poison_among_good_tasks(scene: Scene) -> None:
    """Processes that exit, memory without end, a loop that never turns: FAILED with the reason, the others done."""
    await scene.fleet.coordinator()
    await scene.fleet.workers(3)
    await scene.offered("spins")
    count = 1_000
    bad = {100: "exits", 200: "hogs", 300: "spins", 400: "hogs", 500: "spins"}
    bad |= {600: "spins", 650: "exits", 700: "hogs", 800: "spins", 900: "hogs"}
    await scene.submit(
        [piece(number, None, bad[number]) if number in bad else piece(number, 0.005) for number in range(count)]
    )
    # Three deaths for each that exits, at most two kills for each that spins.
    found = await scene.audit(died=3 * 2 + 2 * 4)
    reasons = Counter((task["function"], task["status"], reason_of(task)) for task in found.tasks.values())
    assert reasons == {
        ("noted", "SUCCEEDED", ""): count - len(bad),
        ("exits", "FAILED", "Poison"): 2,
        ("hogs", "FAILED", "MemoryError"): 4,
        ("spins", "FAILED", "TimedOut"): 4,
    }


def reason_of(task: dict[str, str | None]) -> str:
    from rota import jsontext

    return str(jsontext.loads(task["error"])["type"]) if task["error"] else ""


@pytest.mark.short_on("sqlite")
async def test_without_a_fault_nothing_runs_twice(scene: Scene) -> None:
    await scene.fleet.coordinator()
    await scene.fleet.workers(2)
    await scene.offered()
    count = 100_000 if scene.is_long else 5_000
    for first in range(0, count, 1_000):
        await scene.submit_pieces(1_000, 0.0, first)
    found = await scene.audit()
    assert found.statuses() == {"SUCCEEDED": count}
    assert found.outcomes() == {"SUCCEEDED": count}
    assert set(found.starts.values()) == set(found.ends.values()) == {1}
    assert len(found.starts) == count
    # Submitted, started, ended: what was recorded twice would have moved on further.
    assert max(task["version"] for task in found.tasks.values()) <= 3
