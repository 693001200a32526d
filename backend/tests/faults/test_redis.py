"""Redis killed, emptied, restored from an old copy, away for long, and replies that are lost: nothing accepted is."""

import asyncio
import random
import shutil
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from rota.clock import now_ms
from rota.operations import tasks as operations
from tests.support.faulty import VOID, Scene, piece
from tests.support.fleet import LEASE_MS
from tests.support.proxy import RedisProxy
from tests.support.rota import ALICE
from tests.support.servers import RedisServer


@pytest.mark.short_on("sqlite")
async def test_redis_is_killed_and_comes_back_empty(scene: Scene, own_redis: RedisServer) -> None:
    await scene.fleet.coordinator()
    await scene.fleet.workers(2)
    await scene.offered()
    count = 10_000 if scene.is_long else 600
    await scene.submit_pieces(count)
    await scene.until_ended(count // 3)
    own_redis.stop(signal.SIGKILL)
    own_redis.start()
    found = await scene.audit()
    assert found.statuses() == {"SUCCEEDED": count}
    assert found.outcomes().keys() <= {"SUCCEEDED", *VOID}


@pytest.mark.short_on("postgres")
async def test_what_runs_when_redis_is_killed_goes_on_and_runs_once(scene: Scene, own_redis: RedisServer) -> None:
    """Some of it ends while Redis is away or still empty, some long after it was told what runs."""
    await scene.fleet.coordinator()
    await scene.fleet.workers(2)
    await scene.offered()
    count = 16
    await scene.submit([piece(number, 0.5 + number * LEASE_MS / 4_000) for number in range(count)])

    async def do_run() -> bool:
        return "QUEUED" not in {task["status"] for task in await scene.rota.all_tasks()}

    await scene.until(do_run, "all of them to run")
    assert scene.ended() < count // 2
    own_redis.stop(signal.SIGKILL)
    own_redis.start()
    found = await scene.audit()
    assert found.statuses() == {"SUCCEEDED": count}
    assert found.outcomes() == {"SUCCEEDED": count}
    assert set(found.starts.values()) == {1}


@pytest.mark.short_on("postgres")
async def test_redis_is_killed_and_comes_back_with_an_old_copy(scene: Scene, own_redis: RedisServer) -> None:
    """The copy holds tasks that have ended since and leases that were given anew; it lacks what was submitted later."""
    await scene.fleet.coordinator()
    await scene.fleet.workers(2)
    await scene.offered()
    half = 5_000 if scene.is_long else 300
    await scene.submit_pieces(half)
    await scene.until_ended(half // 3)
    await scene.rota.redis.save()
    await scene.submit_pieces(half, first=half)
    await scene.until_ended(half)
    own_redis.stop(signal.SIGKILL)
    own_redis.start()
    found = await scene.audit()
    assert found.statuses() == {"SUCCEEDED": 2 * half}
    # What ran when the copy was made has ended since: its next run is begun in vain, and cancelled.
    assert found.outcomes().keys() <= {"SUCCEEDED", "CANCELLED", *VOID}
    won = {attempt["task_id"]: attempt["number"] for attempt in found.attempts if attempt["outcome"] == "SUCCEEDED"}
    in_vain = [attempt for attempt in found.attempts if attempt["outcome"] == "CANCELLED"]
    assert all(attempt["number"] > won[attempt["task_id"]] for attempt in in_vain)


@pytest.mark.short_on("postgres")
async def test_an_older_copy_still_comes_back_later(scene: Scene, own_redis: RedisServer, tmp_path: Path) -> None:
    """Saved while Redis held everything, restored when all of it has ended: nothing may end twice."""
    await scene.fleet.coordinator()
    await scene.offered_by_one()
    count = 2_000 if scene.is_long else 100
    await scene.submit_pieces(count)
    await scene.rota.redis.save()
    shutil.copy(own_redis.socket.parent / "dump.rdb", tmp_path)
    await scene.fleet.worker()
    before = await scene.audit()
    own_redis.stop(signal.SIGKILL)
    shutil.copy(tmp_path / "dump.rdb", own_redis.socket.parent)
    own_redis.start()
    await scene.submit_pieces(10, first=count)
    after = await scene.audit()
    for task_id, task in before.tasks.items():
        moved = {name for name in task if task[name] != after.tasks[task_id][name]}
        # A worker may have claimed it before it was dropped: that is seen, and changes nothing of its ending.
        assert moved <= {"number", "lease", "version", "changed_at"}, moved


@pytest.mark.short_on("sqlite")
async def test_redis_is_away_while_submits_go_on(scene: Scene, own_redis: RedisServer) -> None:
    await scene.fleet.coordinator()
    await scene.fleet.worker()
    await scene.offered()
    await scene.submit_pieces(50, 0.05)
    await scene.until_ended(10)
    own_redis.stop(signal.SIGKILL)
    end, number = time.monotonic() + (60.0 if scene.is_long else 6.0), 50
    while time.monotonic() < end:
        await scene.submit_pieces(5, first=number)
        number += 5
        await asyncio.sleep(0.1)
    own_redis.start()
    found = await scene.audit()
    assert found.statuses() == {"SUCCEEDED": number}


# Returns what is to be done after the reply was lost.
Act = Callable[[Scene], Awaitable[Callable[[], Awaitable[None]] | None]]


async def nothing(_: Scene) -> None:
    """What calls the script does so by itself, or with any task."""


async def cancel_one(scene: Scene) -> None:
    (task,) = await scene.submit([piece(90_000, run_at=now_ms() + 3_600_000)])
    await operations.cancel(scene.rota.platform, ALICE, task.id)
    scene.cancelled += 1


async def move_one(scene: Scene) -> None:
    (task,) = await scene.submit([piece(scene.next_piece(), run_at=now_ms() + 3_600_000)])
    await operations.reschedule(scene.rota.platform, ALICE, task.id, run_at=now_ms() + 200)


async def worker_comes_and_goes(scene: Scene) -> None:
    await scene.fleet.worker("passing")
    await scene.until(lambda: scene.is_registered("passing"), "the passing worker's entry")
    await scene.fleet.stop("passing")


async def tell_progress(scene: Scene) -> None:
    await scene.submit([piece(scene.next_piece(), 0.9, "told")])


async def one_is_old(scene: Scene) -> Callable[[], Awaitable[None]]:
    """The reconciler looks for tasks that have not changed for five seconds. This one waits until it is moved."""
    scene.rota.clock.ahead_ms = -10_000
    (task,) = await scene.submit([piece(scene.next_piece(), run_at=now_ms() + 3_600_000)])
    scene.rota.clock.ahead_ms = 0

    async def move() -> None:
        await operations.reschedule(scene.rota.platform, ALICE, task.id, run_at=now_ms() + 200)

    return move


# Every script that acts, with what makes somebody call it.
SCRIPTS: dict[str, Act] = {
    "push": nothing,
    "claim": nothing,
    "settle": nothing,
    "renew": nothing,
    "sweep": nothing,
    "beat": nothing,
    "announce": nothing,
    "configure": nothing,
    "missing": one_is_old,
    "register": worker_comes_and_goes,
    "forget": worker_comes_and_goes,
    "leave": worker_comes_and_goes,
    "progress": tell_progress,
    "drop": cancel_one,
    "move": move_one,
}


@pytest.mark.short_on("postgres")
async def test_a_reply_is_lost_at_each_script_in_turn(behind: Scene, proxy: RedisProxy) -> None:
    """Nobody dies here, so no attempt may be lost, and nothing may run twice: what was done is only answered again."""
    scene = behind
    await scene.fleet.coordinator()
    await scene.fleet.workers(2)
    await scene.offered("told")
    times = 20 if scene.is_long else 2
    for script, act in SCRIPTS.items():
        for _ in range(times):
            wanted = proxy.dropped[script] + 1
            proxy.drop(script)
            # Some outlast a heartbeat, so that leases are renewed.
            await scene.submit([piece(scene.next_piece(), seconds) for seconds in (0.0, 0.0, 0.02, 0.5)])
            finish = await act(scene)
            await lost(scene, proxy, script, wanted)
            if finish is not None:
                await finish()
    found = await scene.audit(cancelled=scene.cancelled)
    assert found.outcomes().keys() == {"SUCCEEDED"}
    assert set(found.starts.values()) == {1}
    assert found.statuses() == {"SUCCEEDED": len(found.tasks) - scene.cancelled} | (
        {"CANCELLED": scene.cancelled} if scene.cancelled else {}
    )


async def lost(scene: Scene, proxy: RedisProxy, script: str, count: int) -> None:
    async def is_lost() -> bool:
        return proxy.dropped[script] >= count

    await scene.until(is_lost, f"a lost reply of {script}")


@pytest.mark.short_on("sqlite")
async def test_replies_are_lost_at_random(behind: Scene, proxy: RedisProxy) -> None:
    scene, dice = behind, random.Random(3)
    await scene.fleet.coordinator()
    await scene.fleet.workers(2)
    await scene.offered()
    count = 10_000 if scene.is_long else 500
    for _ in range(count // 50):
        for script in ("claim", "settle", "push"):
            proxy.drop(script, dice.randint(0, 2))
        await scene.submit([piece(scene.next_piece(), dice.choice((0.0, 0.01, 0.05))) for _ in range(50)])
        await asyncio.sleep(0.05)
    found = await scene.audit()
    assert min(proxy.dropped[script] for script in ("claim", "settle", "push")) >= 1, proxy.dropped
    assert found.outcomes() == {"SUCCEEDED": count}
    assert set(found.starts.values()) == {1}


@pytest.mark.short_on("postgres")
async def test_the_way_to_redis_is_slow_half_open_and_cut(behind: Scene, proxy: RedisProxy) -> None:
    scene = behind
    await scene.fleet.coordinator()
    await scene.fleet.workers(2)
    await scene.offered()
    for spell in ("slow", "half-open", "cut"):
        await scene.submit([piece(scene.next_piece(), 0.02) for _ in range(50)])
        await scene.until_ended(scene.pieces - 40)
        if spell == "slow":
            proxy.delay_s = 0.1
        elif spell == "half-open":
            proxy.half_open()
        else:
            proxy.cut()
        await scene.submit([piece(scene.next_piece(), 0.02) for _ in range(50)])
        await asyncio.sleep(10.0 if scene.is_long else 1.0)
        proxy.heal()
    found = await scene.audit()
    assert found.statuses() == {"SUCCEEDED": scene.pieces}
