"""The api killed between commit and push, PostgreSQL restarted under load, SQLite's disk full: accepted means durable."""

import asyncio
import resource
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from rota.commands.client import Client
from rota.commands.connection import ClientError, Connection
from rota.domain.access import Role, Viewer
from rota.operations import accounts
from rota.store.migrate import migrate
from tests.support.faulty import VOID, Scene, open_scene, piece
from tests.support.patience import until
from tests.support.proxy import RedisProxy
from tests.support.servers import PostgresServer, RedisServer
from tests.support.whole import PASSWORD, RotaServer, free_port

SUBMIT_ONE = "mutation ($input: SubmitTaskInput!) { submitTask(input: $input) { task { id } errors { message } } }"


async def client_of(scene: Scene, port: int) -> Client:
    """A client's connection to an api of this scene."""
    platform = scene.rota.platform
    user = await accounts.register(platform, "ann", PASSWORD, None, frozenset({Role.CLIENT}), None)
    viewer = Viewer(user.id, user.username, frozenset({Role.CLIENT}))
    _, secret = await accounts.create_token(platform, viewer, "faults", None)
    return Client(Connection(f"http://127.0.0.1:{port}", secret))


def submit(client: Client, key: str, number: int) -> str:
    """Submits one piece of work; its id. Raises ClientError where there was no acknowledgement."""
    wish = {"function": "noted", "args": {"piece": number}, "idempotencyKey": key}
    payload = client.call(SUBMIT_ONE, input=wish)["submitTask"]
    if payload["errors"]:
        raise ClientError(str(payload["errors"]))
    task_id: str = payload["task"]["id"]
    return task_id


@pytest.mark.short_on("postgres")
async def test_the_api_is_killed_between_commit_and_push(scene: Scene, own_redis: RedisServer, is_long: bool) -> None:
    await scene.fleet.coordinator()
    await scene.fleet.worker()
    await scene.offered()
    port = free_port()
    async with RedisProxy(own_redis.socket) as proxy:
        await scene.fleet.api("api", port, proxy.url)
        with await client_of(scene, port) as client:
            for number in range(20 if is_long else 2):
                await answers(scene, client)
                # In turns before it is in line, and before anybody was told of it.
                script = ("push", "announce")[number % 2]
                proxy.held.add(script)
                before, told = proxy.held_back[script], await scene.rota.platform.changes.latest()
                key = f"key-{number}"
                scene.acknowledged.append(await asyncio.to_thread(submit, client, key, number))

                async def is_held_back(script: str = script, before: int = before) -> bool:
                    return proxy.held_back[script] > before

                await scene.until(is_held_back, f"{script} on its way")
                scene.fleet.kill("api")
                if script == "announce":
                    proxy.heal()
                await answers(scene, client)

                async def makes_all_read_anew(told: str = told) -> bool:
                    announced = await scene.rota.platform.changes.read(told, None)
                    return any(entry.change.is_reset for entry in announced)

                await scene.until(makes_all_read_anew, "word of what nobody told of")
                # Who asks again with the same key is given the first one.
                assert await asyncio.to_thread(submit, client, key, number) == scene.acknowledged[-1]
                proxy.heal()
            found = await scene.audit()
    assert found.outcomes() == {"SUCCEEDED": len(scene.acknowledged)}


async def answers(scene: Scene, client: Client) -> None:
    async def does() -> bool:
        try:
            return bool(await asyncio.to_thread(client.call, "{ __typename }"))
        except ClientError:
            return False

    await scene.until(does, "the api")


@pytest.fixture
async def on_own_postgres(
    servers: Path, own_redis: RedisServer, tmp_path: Path, is_long: bool
) -> AsyncIterator[tuple[Scene, PostgresServer]]:
    # What it has acknowledged must survive its end; a machine that fails is nobody's story here.
    server = PostgresServer(servers / f"own-{tmp_path.name[:20]}", {"synchronous_commit": "on"})
    EXECUTOR_CACHE.clear()
    await asyncio.to_thread(server.start)
    url = server.url(await asyncio.to_thread(server.create))
    await migrate(url)
    try:
        async with open_scene(url, own_redis.url, tmp_path, is_long=is_long) as opened:
            yield opened, server
    finally:
        server.stop()


class Load:
    """Submits all the time, and counts what was not acknowledged."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.refused = 0
        self.is_over = False

    async def run(self) -> None:
        while not self.is_over:
            try:
                await self._scene.submit([piece(self._scene.next_piece(), 0.02) for _ in range(5)])
            except Exception:  # noqa: BLE001  (whatever the driver raises: it was not acknowledged)
                self.refused += 1
            await asyncio.sleep(0.05)

    async def until_more(self, count: Callable[[], int]) -> None:
        before = count()

        async def is_more() -> bool:
            return count() > before

        await self._scene.until(is_more, "more of what is submitted to be answered")


async def test_postgres_is_restarted_under_load(on_own_postgres: tuple[Scene, PostgresServer]) -> None:
    scene, server = on_own_postgres
    await scene.fleet.coordinator()
    await scene.fleet.workers(2)
    await scene.offered()
    load = Load(scene)
    submitting = asyncio.create_task(load.run())
    for _ in range(5 if scene.is_long else 1):
        await load.until_more(lambda: len(scene.acknowledged))
        await asyncio.to_thread(server.stop)
        await load.until_more(lambda: load.refused)
        await asyncio.to_thread(server.start)
    await load.until_more(lambda: len(scene.acknowledged))
    load.is_over = True
    await submitting
    found = await scene.audit(more_committed=True)
    assert found.outcomes().keys() <= {"SUCCEEDED", *VOID}


class Disk:
    """The room that a Rota's files may take: a small file system of its own, or, without the right to mount one, a limit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
        self.is_mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
        self._ballast = folder / "ballast"

    def fill(self, server: RotaServer) -> None:
        if self.is_mounted:
            with self._ballast.open("ab", buffering=0) as file:
                while write_some(file):
                    pass
            return
        largest = max(path.stat().st_size for path in self.folder.rglob("rota.sqlite3*"))
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))

    def make_room(self, server: RotaServer) -> None:
        if self.is_mounted:
            self._ballast.unlink()
            return
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def close(self) -> None:
        if self.is_mounted:
            subprocess.run(["umount", "-l", str(self.folder)], check=True)


def write_some(file: Any) -> bool:
    try:
        return bool(file.write(b"\0" * 4096))
    except OSError:
        return False


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    made = Disk(tmp_path / "small")
    yield made
    made.close()


@pytest.fixture
def whole(disk: Disk) -> Iterator[RotaServer]:
    server = RotaServer(disk.folder, "--no-samples")
    yield server
    server.stop()


STATUS = "query ($id: ID!) { task(id: $id) { status } }"


def test_the_disk_is_full(disk: Disk, whole: RotaServer, is_long: bool) -> None:
    """SQLite: what cannot be committed is not acknowledged; when there is room again everything goes on by itself."""
    whole.start()
    accepted: list[str] = []
    with whole.client() as client:
        until(lambda: knows(client, "multiply"))
        for _ in range(5 if is_long else 1):
            accepted.append(submit_text(client, 10))
            disk.fill(whole)
            refused = 0
            # What is left in the file's last pages takes a few.
            for _ in range(200):
                try:
                    accepted.append(submit_text(client, 20_000))
                except ClientError:
                    refused += 1
                    if refused > 3:
                        break
            assert refused > 3, "the disk was never full"
            disk.make_room(whole)
            until(lambda: is_accepted(client, accepted))
        until(lambda: set(statuses(client, accepted)) == {"SUCCEEDED"})
        total = client.call("{ tasks(first: 1) { totalCount } }")["tasks"]["totalCount"]
    assert total >= len(accepted)


def submit_text(client: Client, size: int) -> str:
    wish = {"function": "word_count", "args": {"text": "a" * size}}
    payload = client.call(SUBMIT_ONE, input=wish)["submitTask"]
    if payload["errors"]:
        raise ClientError(str(payload["errors"]))
    task_id: str = payload["task"]["id"]
    return task_id


def is_accepted(client: Client, accepted: list[str]) -> bool:
    try:
        accepted.append(submit_text(client, 10))
    except ClientError:
        return False
    return True


def knows(client: Client, function: str) -> bool:
    return function in [one["name"] for one in client.call("{ functions { name } }")["functions"]]


def statuses(client: Client, ids: list[str]) -> list[str]:
    return [client.call(STATUS, id=task_id)["task"]["status"] for task_id in ids]
