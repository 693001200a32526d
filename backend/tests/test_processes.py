"""Children are kept, ended in time, and never outlive the process that started them."""

import asyncio
import os
import select
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from rota.processes import Child, ChildEvent, ChildMove, Keeper
from rota.tether import tethered

TETHER = Path(sys.modules["rota.tether"].__file__ or "")


class Heard:
    """The events of a keeper, one after the other."""

    def __init__(self) -> None:
        self._events: asyncio.Queue[ChildEvent] = asyncio.Queue()

    def __call__(self, event: ChildEvent) -> None:
        self._events.put_nowait(event)

    async def next(self) -> ChildEvent:
        return await asyncio.wait_for(self._events.get(), 60)

    async def moves(self, count: int) -> list[ChildMove]:
        return [(await self.next()).move for _ in range(count)]


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
async def keeper(heard: Heard) -> AsyncIterator[Keeper]:
    async with Keeper(heard, first_pause_s=0.01, longest_pause_s=0.04) as keeper:
        yield keeper


def python(code: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-S", "-c", code, *arguments)


async def gone(pid: int) -> bool:
    """Waits until a process that is not our child has ended, be it reaped or not."""
    try:
        process = psutil.Process(pid)
        while process.status() != psutil.STATUS_ZOMBIE:
            await asyncio.to_thread(wait_for_end, pid)
    except (psutil.NoSuchProcess, ProcessLookupError):
        return True
    return True


def wait_for_end(pid: int) -> None:
    if not hasattr(os, "pidfd_open"):
        psutil.Process(pid).wait(60)
        return
    handle = os.pidfd_open(pid)
    try:
        assert select.select([handle], [], [], 10)[0], f"process {pid} is still there after 10 s"
    finally:
        os.close(handle)


async def test_a_child_that_dies_is_started_again(keeper: Keeper, heard: Heard) -> None:
    first = await keeper.start(Child("sleeper", ("sleep", "60")))
    assert (await heard.next()).move is ChildMove.STARTED
    os.kill(first, signal.SIGKILL)
    died = await heard.next()
    assert (died.move, died.pid, died.status) == (ChildMove.DIED, first, -signal.SIGKILL)
    again = await heard.next()
    assert again.move is ChildMove.STARTED
    assert again.pid != first
    assert keeper.pids == {"sleeper": again.pid}


async def test_one_that_keeps_dying_is_started_ever_more_rarely(keeper: Keeper, heard: Heard) -> None:
    await keeper.start(Child("short", ("false",)))
    pauses: list[float] = []
    while len(pauses) < 4:
        event = await heard.next()
        if event.move is ChildMove.DIED:
            assert event.status == 1
            pauses.append(event.pause_s)
    assert pauses == [0.01, 0.02, 0.04, 0.04]


async def test_each_start_has_a_name_of_its_own(keeper: Keeper, heard: Heard, tmp_path: Path) -> None:
    names = iter(("first", "second", "third"))
    told = tmp_path / "told"
    command = ("sh", "-c", f"echo $NAME >> {told}; exit 3")
    await keeper.start(Child("short", command, incarnation=("NAME", lambda: next(names))))
    events = [await heard.next() for _ in range(4)]
    assert [(event.move, event.incarnation) for event in events] == [
        (ChildMove.STARTED, "first"),
        (ChildMove.DIED, "first"),
        (ChildMove.STARTED, "second"),
        (ChildMove.DIED, "second"),
    ]
    await keeper.stop("short")
    assert told.read_text().split()[:2] == ["first", "second"]


async def test_one_that_dies_again_and_again_is_failing(keeper: Keeper, heard: Heard) -> None:
    others: list[ChildEvent] = []
    keeper.tell(others.append)
    await keeper.start(Child("sound", ("sleep", "60")))
    await keeper.start(Child("short", ("sh", "-c", "exit 3")))
    deaths: list[tuple[int, bool]] = []
    while len(deaths) < 3:
        event = await heard.next()
        if event.move is ChildMove.DIED:
            deaths.append((event.deaths, event.is_failing))
    assert deaths == [(1, False), (2, False), (3, True)]
    assert keeper.failing == {"short": 3}
    assert [event.deaths for event in others if event.move is ChildMove.DIED][:3] == [1, 2, 3]


async def test_stopping_ends_it_in_order(keeper: Keeper, heard: Heard) -> None:
    pid = await keeper.start(Child("sleeper", ("sleep", "60")))
    await keeper.stop("sleeper")
    assert await heard.moves(2) == [ChildMove.STARTED, ChildMove.STOPPED]
    assert not psutil.pid_exists(pid)
    assert keeper.pids == {}


async def test_one_that_ignores_sigterm_is_killed(keeper: Keeper, heard: Heard, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    os.mkfifo(ready)
    code = "import sys, signal, time; signal.signal(15, signal.SIG_IGN); open(sys.argv[1], 'w').close(); time.sleep(60)"
    pid = await keeper.start(Child("stubborn", python(code, str(ready)), stop_s=0.1))
    await asyncio.to_thread(ready.read_bytes)
    await keeper.stop("stubborn")
    assert await heard.moves(2) == [ChildMove.STARTED, ChildMove.KILLED]
    assert not psutil.pid_exists(pid)


async def test_what_a_child_leaves_behind_goes_with_it(keeper: Keeper, heard: Heard, tmp_path: Path) -> None:
    told = tmp_path / "pid"
    os.mkfifo(told)
    await keeper.start(Child("parent", ("sh", "-c", f"sleep 60 & echo $! > {told}; wait")))
    grandchild = int(await asyncio.to_thread(told.read_text))
    await keeper.stop("parent")
    assert await gone(grandchild)


async def test_stopping_during_a_pause_starts_nothing(heard: Heard) -> None:
    async with Keeper(heard, first_pause_s=60) as keeper:
        await keeper.start(Child("short", ("false",)))
        assert await heard.moves(2) == [ChildMove.STARTED, ChildMove.DIED]
    assert keeper.pids == {}


async def test_a_name_is_used_once(keeper: Keeper) -> None:
    await keeper.start(Child("sleeper", ("sleep", "60")))
    with pytest.raises(ValueError, match="sleeper"):
        await keeper.start(Child("sleeper", ("sleep", "60")))


async def test_a_program_that_is_not_there_ends_with_127(keeper: Keeper, heard: Heard) -> None:
    await keeper.start(Child("nothing", ("no-such-program-here",)))
    await heard.next()
    assert (await heard.next()).status == 127


@pytest.mark.parametrize("platform", ["linux", "darwin"])
async def test_a_killed_parent_takes_its_children_along(platform: str) -> None:
    """On Linux by the kernel's death signal; elsewhere by a watcher, made to run here by naming another platform."""
    if platform == "linux" and not sys.platform.startswith("linux"):
        pytest.skip("the kernel's death signal is Linux's")
    code = """
import os, subprocess, sys
tether, platform = sys.argv[1:3]
run = f"import sys, runpy; sys.platform = {platform!r}; sys.argv[:1] = []; runpy.run_path({tether!r}, run_name='__main__')"
child = subprocess.Popen([sys.executable, "-c", run, tether, str(os.getpid()), "9", "-", "sh", "-c", "echo $$; exec sleep 60"])
child.wait()
"""
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, str(TETHER), platform, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    child = int(await asyncio.wait_for(parent.stdout.readline(), 60))
    assert psutil.pid_exists(child)
    parent.kill()
    await parent.wait()
    assert await gone(child)


def test_the_tether_passes_the_status_and_the_environment_on() -> None:
    ended = subprocess.run(tethered(["sh", "-c", 'exit "$STATUS"']), env={**os.environ, "STATUS": "7"}, check=False)
    assert ended.returncode == 7


def test_a_parent_that_has_gone_already_ends_the_child_at_once() -> None:
    command = tethered(["sleep", "60"])
    command[4] = "1" if os.getpid() != 1 else "2"
    assert subprocess.run(command, check=False, timeout=60).returncode == -signal.SIGKILL


ON_SIGNAL = (
    "import signal, sys; signal.signal(10, lambda *_: sys.exit(3)); open(sys.argv[1], 'w').close(); signal.pause()"
)


async def test_one_that_retires_ends_when_it_is_done_and_is_not_started_again(
    keeper: Keeper, heard: Heard, tmp_path: Path
) -> None:
    ready = tmp_path / "ready"
    os.mkfifo(ready)
    await keeper.start(Child("old", python(ON_SIGNAL, str(ready))))
    await asyncio.to_thread(ready.read_bytes)
    await keeper.retire("old", signal.SIGUSR1)
    assert await heard.moves(2) == [ChildMove.STARTED, ChildMove.STOPPED]
    assert keeper.names == set()


async def test_one_that_retires_and_takes_too_long_is_stopped_with_the_others(heard: Heard, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    os.mkfifo(ready)
    async with Keeper(heard) as keeper:
        code = ON_SIGNAL.replace("sys.exit(3)", "None").replace("signal.pause()", "[signal.pause() for _ in '123']")
        pid = await keeper.start(Child("slow", python(code, str(ready))))
        await asyncio.to_thread(ready.read_bytes)
        await keeper.retire("slow", signal.SIGUSR1)
        assert keeper.pids == {"slow": pid}
        assert keeper.names == {"slow"}
    assert await heard.moves(2) == [ChildMove.STARTED, ChildMove.STOPPED]


async def test_one_that_waits_to_be_started_again_retires_at_once(heard: Heard) -> None:
    async with Keeper(heard, first_pause_s=60) as keeper:
        await keeper.start(Child("short", ("false",)))
        assert await heard.moves(2) == [ChildMove.STARTED, ChildMove.DIED]
        await keeper.retire("short", signal.SIGUSR1)
        assert keeper.names == set()
