"""A supervisor follows what it is assigned: it starts, retires and replaces; the workers here only sleep."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rota import ids
from rota.broker.client import connect
from rota.broker.pools import Pools, Share
from rota.broker.scripts import Broker, Push
from rota.broker.workers import Workers
from rota.processes import ChildEvent, ChildMove, Keeper
from rota.settings import load_settings
from rota.worker.burials import Burials
from rota.worker.supervisor import Supervisor
from tests.support.working import until


class Sleepers(Supervisor):
    """Its workers are programs that end at any signal."""

    def _command(self, name: str, share: Share) -> tuple[str, ...]:  # noqa: ARG002  (what it overrides has them)
        return ("sleep", "60")


@pytest.fixture
async def keeper() -> AsyncIterator[Keeper]:
    async with Keeper(lambda _: None) as keeper:
        yield keeper


def share(workers: int, **more: object) -> Share:
    return Share("pool_1", "default", (), 5, True, workers)._replace(**more)  # type: ignore[arg-type]


async def names(keeper: Keeper, *wanted: str) -> None:
    await until(lambda: keeper.names == set(wanted))


async def test_it_starts_and_retires_the_youngest(redis_url: str, keeper: Keeper) -> None:
    supervisor = Sleepers(load_settings(redis_url=redis_url), ["mine"], keeper)
    await supervisor.follow([share(2), share(1, pool="pool_2", name="mail")])
    await names(keeper, "worker-1", "worker-2", "mail-1")
    before = keeper.pids
    await supervisor.follow([share(1), share(1, pool="pool_2", name="mail")])
    await names(keeper, "worker-1", "mail-1")
    await supervisor.follow([share(1), share(1, pool="pool_2", name="post")])  # its name alone is no reason
    assert {name: before[name] for name in keeper.names} == keeper.pids
    await supervisor.follow([])
    await names(keeper)


async def test_what_is_changed_is_replaced(redis_url: str, keeper: Keeper) -> None:
    supervisor = Sleepers(load_settings(redis_url=redis_url), ["mine"], keeper, label="host")
    await supervisor.follow([share(1)])
    assert set(keeper.pids) == {"default-host-1"}
    for changed in (
        share(1, slots=6),
        share(1, slots=6, queues=("q",)),
        share(1, slots=6, queues=("q",), stealing=False),
    ):
        before = set(keeper.pids.values())
        await supervisor.follow([changed])
        await until(lambda before=before: len(keeper.pids) == 1 and before.isdisjoint(keeper.pids.values()))  # type: ignore[misc]


async def test_it_runs_no_more_than_it_can(redis_url: str, keeper: Keeper) -> None:
    supervisor = Sleepers(load_settings(redis_url=redis_url), ["mine"], keeper, capacity=3)
    await supervisor.follow([share(2), share(5, pool="pool_2", name="mail")])
    assert keeper.names == {"worker-1", "worker-2", "mail-1"}


async def test_it_says_what_each_worker_is_to_be(redis_url: str, keeper: Keeper) -> None:
    supervisor = Supervisor(load_settings(redis_url=redis_url, namespace="other"), ["mine", "yours"], keeper)
    wanted = share(1, queues=("a", "b"), stealing=False)
    assert supervisor._command("n", wanted)[3:] == (
        *("worker", "mine", "yours", "--name", "n", "--pool", "pool_1", "--no-stealing"),
        *("--queue", "a", "--queue", "b"),
    )
    environment = supervisor._environment(wanted)
    assert (environment["ROTA_SLOTS"], environment["ROTA_NAMESPACE"]) == ("5", "other")


async def test_it_follows_the_register_and_leaves_it(redis_url: str) -> None:
    moves: list[ChildEvent] = []
    redis = connect(redis_url)
    pools = Pools(redis, "rota")
    async with Keeper(moves.append) as keeper:
        supervisor = Sleepers(load_settings(redis_url=redis_url), ["mine"], keeper, queues=["mail"])
        running = asyncio.create_task(supervisor.run())
        await supervisor.follow([share(1)])

        async def is_there() -> bool:
            return [one.id for one in (await pools.roll())[1]] == [supervisor.id]

        await until(is_there)
        assert (await pools.roll())[1][0].info["queues"] == ["mail"]
        # Nobody has assigned anything yet: what it began with goes on.
        assert keeper.names == {"worker-1"}
        await pools.assign(supervisor.id, [share(2)])
        await until(lambda: len(keeper.pids) == 2)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert (await pools.roll())[1] == []
        assert len(keeper.pids) == 2
    assert [event.move for event in moves].count(ChildMove.STOPPED) == 2
    await redis.aclose()


async def test_workers_do_not_get_what_opens_the_rest(
    redis_url: str, keeper: Keeper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "environment"

    class Tells(Supervisor):
        def _command(self, name: str, share: Share) -> tuple[str, ...]:  # noqa: ARG002  (what it overrides has them)
            return ("sh", "-c", f"env > {told}.part; mv {told}.part {told}; sleep 60")

    monkeypatch.setenv("ROTA_DATABASE_URL", "postgres://ada:secret@host/rota")
    monkeypatch.setenv("rota_admin_password", "correct horse")
    monkeypatch.setenv("MY_OWN", "is kept")
    await Tells(load_settings(redis_url=redis_url), ["mine"], keeper).follow([share(1)])
    await until(told.exists)
    seen = dict(line.partition("=")[::2] for line in told.read_text().splitlines())
    assert seen["MY_OWN"] == "is kept"
    assert seen["ROTA_REDIS_URL"] == redis_url
    assert not {"ROTA_DATABASE_URL", "ROTA_ADMIN_PASSWORD"} & {name.upper() for name in seen}


async def held_by(redis_url: str, worker: str) -> tuple[Broker, Workers, str]:
    """A worker that is registered and holds a task."""
    redis = connect(redis_url)
    broker, workers = Broker(redis, "rota"), Workers(redis, "rota")
    await workers.register(worker, {"name": worker, "queues": ["default"]}, [], 60_000)
    task_id = ids.new_id(ids.TASK)
    await broker.push("default", [Push(task_id, b'{"f":"multiply","c":1,"a":{}}', 1)])
    claimed = await broker.claim("default", worker, "1", 1, 60_000)
    assert [task.id for task in claimed.tasks] == [task_id]
    return broker, workers, task_id


async def test_what_a_worker_held_that_died_is_free_at_once(redis_url: str, keeper: Keeper) -> None:
    """And only that: what another worker holds stays where it is. The next process of that name has another id."""
    started: list[ChildEvent] = []
    keeper.tell(started.append)
    supervisor = Sleepers(load_settings(redis_url=redis_url), ["mine"], keeper)
    running = asyncio.create_task(supervisor.run())
    await supervisor.follow([share(1)])
    died = started[0].incarnation
    broker, workers, task_id = await held_by(redis_url, died)
    other, _, _ = await held_by(redis_url, "worker_other")
    await other.redis.aclose()
    os.kill(keeper.pids["worker-1"], signal.SIGKILL)

    async def is_lost() -> bool:
        now, registered = await workers.roll()
        return {one.id for one in registered if one.seen_until <= now} == {died}

    await until(is_lost)

    async def is_free() -> bool:
        return await broker.places("default", [task_id]) == [0]

    await until(is_free)
    assert await broker.holders("default") == {"worker_other"}
    await until(lambda: len(keeper.pids) == 1 and started[-1].move is ChildMove.STARTED)
    assert started[-1].incarnation not in ("", died)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await broker.redis.aclose()
    await keeper.stop_all()


async def test_what_was_on_its_way_when_the_worker_died_is_taken_back_too(redis_url: str) -> None:
    """A second look finds a claim that Redis took after the first."""
    broker, _, _ = await held_by(redis_url, "worker_1")
    burials = Burials(broker.redis, "rota")
    assert burials.note(ChildEvent("w", ChildMove.DIED, 1, -9, incarnation="worker_1"), ())
    await burials.report()
    assert await broker.holders("default") == set()
    assert len((await broker.claim("default", "worker_1", "2", 1, 60_000)).tasks) == 1
    await burials.report()
    assert await broker.holders("default") == set()
    await broker.claim("default", "worker_2", "1", 1, 60_000)
    await burials.report()  # that is over
    assert await broker.holders("default") == {"worker_2"}
    await broker.redis.aclose()


async def test_who_ended_in_order_is_not_reported(redis_url: str) -> None:
    broker, _, _ = await held_by(redis_url, "worker_1")
    burials = Burials(broker.redis, "rota")
    for move, status, incarnation in (
        (ChildMove.STOPPED, 0, "worker_1"),
        (ChildMove.STARTED, None, "worker_1"),
        (ChildMove.DIED, -9, ""),
    ):
        assert not burials.note(ChildEvent("w", move, 1, status, incarnation=incarnation), ())
    await burials.report()
    assert await broker.holders("default") == {"worker_1"}
    await broker.redis.aclose()


async def test_it_says_which_pools_workers_do_not_live(redis_url: str) -> None:
    class Dying(Supervisor):
        def _command(self, name: str, share: Share) -> tuple[str, ...]:  # noqa: ARG002  (what it overrides has them)
            return ("sh", "-c", "exit 3") if share.pool == "pool_1" else ("sleep", "60")

    async with Keeper(lambda _: None, first_pause_s=0.01, longest_pause_s=0.01) as keeper:
        supervisor = Dying(load_settings(redis_url=redis_url), ["mine"], keeper)
        await supervisor.follow([share(2), share(1, pool="pool_2", name="mail")])
        await until(lambda: supervisor._info()["failing"] == {"pool_1": 3})
