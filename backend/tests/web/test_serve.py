"""`rota api` and `rota coordinator` as processes: what they say when they cannot start, and that they end in time."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psutil
import pytest

from rota.tether import tethered
from rota.web.server import CannotListen, bind
from tests.support.patience import until
from tests.support.whole import free_port

pytestmark = pytest.mark.processes
END_S = 60


@contextmanager
def rota(part: str, database_url: str, redis_url: str, *options: str) -> Iterator["subprocess.Popen[str]"]:
    env = {
        **os.environ,
        "ROTA_DATABASE_URL": database_url,
        "ROTA_REDIS_URL": redis_url,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "ROTA_LOG_FORMAT": "console",
        "NO_COLOR": "1",
    }
    command = tethered([sys.executable, "-m", "rota", part, *options])
    process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def said(process: "subprocess.Popen[str]") -> str:
    return process.communicate(timeout=120)[1]


def test_a_taken_port_is_one_clear_line(sqlite_url: str, redis_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with rota("api", sqlite_url, redis_url, "--port", str(port)) as api:
            text = said(api)
    assert api.returncode == 1
    (line,) = [line for line in text.splitlines() if "rota api:" in line]
    assert f"port {port}" in line
    assert "--port" in line
    assert "Traceback" not in text


@pytest.mark.parametrize("part", ["api", "coordinator"])
def test_what_is_missing_is_one_clear_line(
    sqlite_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory, part: str
) -> None:
    empty = f"sqlite:///{tmp_path_factory.mktemp('empty') / 'rota.sqlite3'}"
    for database_url, redis, words in ((sqlite_url, "", "ROTA_REDIS_URL"), (empty, redis_url, "rota migrate")):
        with rota(part, database_url, redis) as process:
            text = said(process)
        assert process.returncode == 1
        assert words in text
        assert f"rota {part}:" in text
        assert "Traceback" not in text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_api_ends_in_time_with_open_streams(sqlite_url: str, redis_url: str, number: signal.Signals) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with (
        rota("api", sqlite_url, redis_url, "--port", str(port)) as api,
        httpx.Client(base_url=url, trust_env=False, timeout=60) as client,
    ):
        until(lambda: answers(client))
        # The tether starts the process under the same id, as its title tells.
        titles = {" ".join(process.cmdline()) for process in family(api.pid)}
        assert any(title.startswith("rota api") for title in titles), titles
        with client.stream("GET", "/graphql/stream", params={"query": "subscription { tasksChanged { cursor } }"}):
            api.send_signal(number)
            assert api.wait(END_S) == 0
        assert api.stderr is not None
        text = api.stderr.read()
    assert f"Rota listens on {url}" in text
    assert "Traceback" not in text


def test_a_coordinator_leads_until_it_is_told_to_end(sqlite_url: str, redis_url: str) -> None:
    port = free_port()
    with (
        rota("coordinator", sqlite_url, redis_url) as coordinator,
        rota("api", sqlite_url, redis_url, "--port", str(port)),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as client,
    ):
        until(lambda: answers(client) and client.get("/readyz").json()["ready"])
        coordinator.send_signal(signal.SIGTERM)
        assert coordinator.wait(END_S) == 0
        until(lambda: not client.get("/readyz").json()["ready"])


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_what_is_written_in_two_parts_goes_out_at_once(host: str) -> None:
    """With Nagle's algorithm the second part waits for the client to have taken the first, which it tells 40 ms later."""
    taken: asyncio.Future[socket.socket] = asyncio.get_running_loop().create_future()
    try:
        bound = bind(host, 0)
    except CannotListen:
        pytest.skip(f"this machine has no {host}")

    class Taking(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            taken.set_result(transport.get_extra_info("socket"))

    server = await asyncio.get_running_loop().create_server(Taking, sock=bound)
    try:
        _, writer = await asyncio.open_connection(*bound.getsockname()[:2])
        assert (await taken).getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
        writer.close()
        await writer.wait_closed()
    finally:
        server.close()
        await server.wait_closed()
