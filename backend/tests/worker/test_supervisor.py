"""A supervisor follows what it is assigned: it starts, retires and replaces; the workers here only sleep."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rota.broker.client import connect
from rota.broker.pools import Pools, Share
from rota.processes import ChildEvent, ChildMove, Keeper
from rota.settings import load_settings
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
