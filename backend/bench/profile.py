"""Where the time of a drain goes: py-spy looks into the worker and into the process that records."""

import asyncio
import signal
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench import environment
from bench.contenders import Contender, Part
from bench.measure import DRAIN_TIMEOUT_S, driver_of, workers_of
from bench.servers import Servers

PY_SPY = environment.HOME / "python" / "bin" / "py-spy"
PER_SECOND = 400


@dataclass(frozen=True, slots=True)
class Profile:
    """Samples of one process while it was busy: by the function itself, and with all that it called."""

    title: str
    samples: int
    own: Counter[str]
    whole: Counter[str]

    def lines(self, most: int = 40) -> list[str]:
        """A table in Markdown, the largest shares first."""
        rows = [
            f"| {100 * count / self.samples:.0f} % | {100 * self.own[name] / self.samples:.0f} % | `{name}` |"
            for name, count in self.whole.most_common()
            # What is under nearly everything (the loop, the command line) says nothing.
            if count >= self.samples * 0.02 and (count < self.samples * 0.85 or self.own[name] >= self.samples * 0.02)
        ]
        return [
            f"{self.title}, {self.samples:,} samples",
            "",
            "| with what it calls | itself | where |",
            "|--:|--:|---|",
            *rows[:most],
        ]


async def profile(contender: Contender, servers: Servers, tasks: int) -> list[Profile]:
    """Profiles one drain by one worker. Raises FailedError, or OSError where py-spy is not there."""
    async with driver_of(contender, servers) as (driver, env):
        await driver.ask("hold")
        await driver.ask("submit", count=tasks, mode="bulk")
        async with workers_of(contender, servers, driver, env, 1) as workers:
            recorder = _recorder(driver)
            spies = [
                _spy(pid, servers.folder / f"{name}.stacks")
                for name, pid in (("worker", workers[0].pid), ("recorder", recorder))
            ]
            await driver.ask("drained", total=tasks, until=tasks, timeout_s=DRAIN_TIMEOUT_S)
            for spy in spies:
                spy.send_signal(signal.SIGINT)
                await asyncio.to_thread(spy.wait)
    return [
        _read(servers.folder / f"{name}.stacks", f"{contender.label}, the {title}")
        for name, title in (("worker", "worker"), ("recorder", "process that records"))
    ]


def _recorder(driver: Part) -> int:
    """The coordinator, where it is a process of its own."""
    children = [
        child
        for child in psutil.Process(driver.pid).children()
        if "coordinator" in child.name() + " ".join(child.cmdline())
    ]
    return children[0].pid if children else driver.pid


def _spy(pid: int, into: Path) -> subprocess.Popen[bytes]:
    command = [
        str(PY_SPY),
        "record",
        "--pid",
        str(pid),
        "--format",
        "raw",
        "--rate",
        str(PER_SECOND),
        "--output",
        str(into),
    ]
    return subprocess.Popen(
        [*command, "--duration", "600", "--nonblocking"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _read(stacks: Path, title: str) -> Profile:
    own: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    samples = 0
    for line in stacks.read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        frames = [_short(frame) for frame in stack.split(";")]
        samples += int(count)
        own[frames[-1]] += int(count)
        for frame in set(frames):
            whole[frame] += int(count)
    return Profile(title, samples, own, whole)


def _short(frame: str) -> str:
    """`function (path:line)` with the path from the package on, and without the line: one function is one row."""
    function, _, place = frame.partition(" (")
    path = place.rstrip(")").rpartition(":")[0]
    for root in ("backend/", "site-packages/", "python3.11/"):
        if root in path:
            path = path.split(root)[-1]
    return f"{path} {function}"
