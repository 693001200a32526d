"""The embedded Redis: private, restarted when it dies, gone with its owner, clear when it cannot start."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from redis.asyncio import Redis

from rota.broker import embedded
from rota.broker.embedded import EmbeddedRedisError, embedded_redis, find_server
from rota.datafolder import DataFolderError, hold
from rota.processes import ChildEvent, ChildMove

pytestmark = pytest.mark.servers


async def test_it_answers_on_a_private_socket_and_on_no_port(tmp_path: Path) -> None:
    events: list[ChildEvent] = []
    async with embedded_redis(tmp_path, events.append) as url:
        async with Redis.from_url(url) as redis:
            assert await redis.config_get("port") == {"port": "0"}
            assert await redis.config_get("save") == {"save": ""}
            assert await redis.config_get("appendonly") == {"appendonly": "no"}
        socket = tmp_path / "redis.sock"
        assert url == f"unix://{socket}"
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700
        server = psutil.Process(events[0].pid)
        assert server.net_connections(kind="inet") == []
    assert not server.is_running()
    assert not socket.exists()


async def test_it_sees_no_secret_of_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ROTA_DATABASE_URL", "ROTA_ADMIN_PASSWORD", "ROTA_TOKEN", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "secret-of-the-owner")
    events: list[ChildEvent] = []
    async with embedded_redis(tmp_path, events.append):
        seen = psutil.Process(events[0].pid).environ()
    assert seen.keys() <= embedded.INHERITED
    assert "secret-of-the-owner" not in seen.values()


async def test_one_that_dies_comes_back_at_the_same_address(tmp_path: Path) -> None:
    events: asyncio.Queue[ChildEvent] = asyncio.Queue()
    async with embedded_redis(tmp_path, events.put_nowait) as url, Redis.from_url(url) as redis:
        await redis.set("a", "b")
        os.kill((await events.get()).pid, signal.SIGKILL)
        moves = [(await asyncio.wait_for(events.get(), 60)).move for _ in range(2)]
        assert moves == [ChildMove.DIED, ChildMove.STARTED]
        async with asyncio.timeout(60):
            while not await embedded._answers(redis):
                await asyncio.sleep(0)
        assert await redis.get("a") is None


async def test_a_deep_folder_gets_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    async with embedded_redis(deep) as url, Redis.from_url(url) as redis:
        assert await redis.ping()
        socket = Path(url.removeprefix("unix://"))
        assert (deep / "redis.sock").readlink() == socket
        assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
    assert not socket.parent.exists()
    assert list(deep.iterdir()) == [deep / "redis.log"]


async def test_what_a_killed_one_left_is_cleared(tmp_path: Path) -> None:
    short = tmp_path / "rota-redis-old"
    short.mkdir()
    (tmp_path / "redis.sock").symlink_to(short / "redis.sock")
    async with embedded_redis(tmp_path) as url, Redis.from_url(url) as redis:
        assert await redis.ping()
    assert not short.exists()


async def test_a_server_that_cannot_start_is_reported_with_its_last_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "server_command", lambda server, *_: (server, "--no-such-setting", "1"))
    (tmp_path / "redis.log").write_text("Bad directive\n")
    with pytest.raises(EmbeddedRedisError, match="ended at once: Bad directive"):
        async with embedded_redis(tmp_path):
            pass


def test_an_old_server_on_the_path_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "redis-server"
    old.write_text("#!/bin/sh\necho 'Redis server v=5.0.14 sha=00000000:0'\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin{os.pathsep}/usr/bin")
    assert find_server() != str(old)
    old.write_text("#!/bin/sh\necho 'Redis server v=7.4.1 sha=00000000:0'\n")
    assert find_server() == str(old)


def test_without_any_server_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_candidates", lambda: iter(()))
    with pytest.raises(EmbeddedRedisError, match="ROTA_REDIS_URL"):
        find_server()


async def test_a_killed_owner_leaves_no_redis_behind(tmp_path: Path) -> None:
    code = """
import asyncio, pathlib, sys
from rota.broker.embedded import embedded_redis
async def main():
    async with embedded_redis(pathlib.Path(sys.argv[1]), lambda event: print(event.pid, flush=True)):
        await asyncio.Event().wait()
asyncio.run(main())
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, str(tmp_path), stdout=subprocess.PIPE, env=environment
    )
    assert owner.stdout is not None
    server = psutil.Process(int(await asyncio.wait_for(owner.stdout.readline(), 60)))
    owner.kill()
    await owner.wait()
    _, alive = await asyncio.to_thread(psutil.wait_procs, [server], timeout=60)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


def test_a_folder_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with hold(folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        with pytest.raises(DataFolderError, match=rf"another Rota \(process {os.getpid()}\)"), hold(folder):
            pass
    with hold(folder):
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataFolderError, match=r"file/data.*--data-dir"), hold(tmp_path / "file" / "data"):
        pass
