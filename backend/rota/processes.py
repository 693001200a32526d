"""Child processes: started, named, started again when they die unasked, and ended in time."""

import asyncio
import contextlib
import gc
import os
import signal
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

import setproctitle

from rota.tether import tethered

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 15.0
# One that ran this long was sound: its next death is a first one again.
SOUND_AFTER_S = 30.0
# From so many deaths in a row on it is said to be failing: starting it again will hardly cure it.
FAILING_FROM = 3
_COLLECT_AFTER = (50_000, 20, 20)


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep running. `stop_s` is the time from SIGTERM to SIGKILL.

    It inherits this process' environment, but for `without` (names in capitals; theirs in other letters go too), or of it
    only `only`, where that is given.
    """

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    only: frozenset[str] | None = None
    stop_s: float = 10.0
    on_orphaned: signal.Signals = signal.SIGKILL
    # A variable whose value is made anew with each start, and what makes it: it tells one incarnation from the next.
    incarnation: tuple[str, Callable[[], str]] | None = None


class ChildMove(StrEnum):
    STARTED = "STARTED"
    DIED = "DIED"
    STOPPED = "STOPPED"
    KILLED = "KILLED"


@dataclass(frozen=True, slots=True)
class ChildEvent:
    """What became of a child. `status` is as `subprocess` has it (-9: killed); `pause_s` comes before the next start.

    `incarnation` is the value that was made for this start; `deaths` counts those in a row, with no sound run between.
    """

    name: str
    move: ChildMove
    pid: int
    status: int | None = None
    pause_s: float = 0.0
    incarnation: str = ""
    deaths: int = 0

    @property
    def is_failing(self) -> bool:
        """Whether it has died again and again."""
        return self.deaths >= FAILING_FROM


def name_process(title: str) -> None:
    """Sets what `ps` shows of this process, e.g. `rota api`."""
    setproctitle.setproctitle(title)


def collect_rarely() -> None:
    """Keeps the garbage collector from walking again and again what is loaded by now, and stays.

    A batch makes tens of thousands of objects that live for its time and form no cycles: they are looked through in vain.
    """
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


class Keeper:
    """Keeps children running until told otherwise. Use it as an async context manager: leaving it stops them all.

    `on_event` is called in the loop and must not raise. Each child leads a process group of its own: a Ctrl-C in the terminal reaches this process alone, which then ends its
    children in order, and what a child left behind goes with it. Children end with this process even if it is killed.
    """

    def __init__(
        self,
        on_event: Callable[[ChildEvent], None],
        *,
        first_pause_s: float = FIRST_PAUSE_S,
        longest_pause_s: float = LONGEST_PAUSE_S,
    ) -> None:
        self._listeners = [on_event]
        self._first_pause_s = first_pause_s
        self._longest_pause_s = longest_pause_s
        self._kept: dict[str, _Kept] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop_all()

    def tell(self, listener: Callable[[ChildEvent], None]) -> None:
        """Has this called with each event, too; it is called in the loop and must not raise."""
        self._listeners.append(listener)

    @property
    def failing(self) -> dict[str, int]:
        """Of those children that have died again and again and not run soundly since: the last exit status, by name."""
        return {name: kept.status for name, kept in self._kept.items() if kept.is_failing}

    @property
    def names(self) -> set[str]:
        """Names in use: of children that run, wait to be started again, or have been told to end."""
        return set(self._kept)

    @property
    def pids(self) -> dict[str, int]:
        """Process ids of the children that run now, by name."""
        return {name: kept.process.pid for name, kept in self._kept.items() if kept.process.returncode is None}

    async def start(self, child: Child) -> int:
        """Starts the child and keeps it; its process id. Raises ValueError when the name is in use, OSError when it cannot."""
        if child.name in self._kept:
            raise ValueError(f"a child named {child.name!r} is kept already")
        kept = _Kept(child, *await _spawn(child))
        self._kept[child.name] = kept
        self._tell(kept, ChildMove.STARTED)
        kept.keeping = asyncio.create_task(self._keep(kept), name=f"keep {child.name}")
        return kept.process.pid

    async def stop(self, name: str) -> None:
        """SIGTERM, then SIGKILL after the child's grace time; returns when it has ended. Does nothing for an unknown name."""
        kept = self._kept.get(name)
        if kept is None:
            return
        kept.is_stopping.set()
        if kept.keeping is not None:
            await kept.keeping
        self._kept.pop(name, None)

    async def retire(self, name: str, by: signal.Signals) -> None:
        """Signals a child to end when it is done, however long that takes, and starts it no more; `stop` still ends it in time.

        Does not wait for its end, nor does anything for an unknown name. Until it has ended its name stays in use.
        """
        kept = self._kept.get(name)
        if kept is None or kept.is_retired:
            return
        if kept.process.returncode is not None:  # it has died and waits to be started again
            await self.stop(name)
            return
        kept.is_retired = True
        with contextlib.suppress(ProcessLookupError):
            kept.process.send_signal(by)

    async def stop_all(self) -> None:
        """Stops all children at the same time."""
        await asyncio.gather(*(self.stop(name) for name in list(self._kept)))

    async def _keep(self, kept: "_Kept") -> None:
        pause_s = self._first_pause_s
        while True:
            await _first_of(kept.process.wait(), kept.is_stopping.wait())
            if kept.is_stopping.is_set():
                return await self._end(kept)
            _sweep_group(kept.process.pid)
            if kept.is_retired:
                self._kept.pop(kept.child.name, None)
                return self._tell(kept, ChildMove.STOPPED, kept.process.returncode)
            if kept.is_sound:
                pause_s, kept.deaths = self._first_pause_s, 0
            pause_s = await self._start_again(kept, pause_s)

    async def _start_again(self, kept: "_Kept", pause_s: float) -> float:
        """Tries until the child runs or is told to stop; the pause that its next death shall cost."""
        status = kept.process.returncode
        kept.status = status or 0
        while not kept.is_stopping.is_set():
            kept.deaths += 1
            self._tell(kept, ChildMove.DIED, status, pause_s)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(kept.is_stopping.wait(), pause_s)
                break
            pause_s = min(pause_s * 2, self._longest_pause_s)
            try:
                kept.begin(*await _spawn(kept.child))
            except OSError:
                # Out of processes or memory: as any other death it is tried again, more and more rarely.
                continue
            self._tell(kept, ChildMove.STARTED)
            break
        return pause_s

    async def _end(self, kept: "_Kept") -> None:
        process = kept.process
        if process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        move = ChildMove.STOPPED
        try:
            await asyncio.wait_for(process.wait(), kept.child.stop_s)
        except TimeoutError:
            move = ChildMove.KILLED
        # Also after an orderly end: what the child left behind goes with it.
        _sweep_group(process.pid)
        self._tell(kept, move, await process.wait())

    def _tell(self, kept: "_Kept", move: ChildMove, status: int | None = None, pause_s: float = 0.0) -> None:
        event = ChildEvent(kept.child.name, move, kept.process.pid, status, pause_s, kept.incarnation, kept.deaths)
        for listener in self._listeners:
            listener(event)


class _Kept:
    """One child and where it stands."""

    def __init__(self, child: Child, process: asyncio.subprocess.Process, incarnation: str) -> None:
        self.child = child
        self.begin(process, incarnation)
        self.keeping: asyncio.Task[None] | None = None
        self.is_stopping = asyncio.Event()
        self.is_retired = False
        self.deaths = 0  # in a row
        self.status = 0  # of the last of them

    def begin(self, process: asyncio.subprocess.Process, incarnation: str) -> None:
        self.process = process
        self.incarnation = incarnation
        self._started_at = time.monotonic()

    @property
    def is_sound(self) -> bool:
        return time.monotonic() - self._started_at >= SOUND_AFTER_S

    @property
    def is_failing(self) -> bool:
        return self.deaths >= FAILING_FROM and (self.process.returncode is not None or not self.is_sound)


async def _first_of(*waits: Coroutine[Any, Any, object]) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


async def _spawn(child: Child) -> tuple[asyncio.subprocess.Process, str]:
    """The process, and what tells this start from others. Raises OSError."""
    variable, make = child.incarnation or ("", str)
    incarnation = make()
    process = await asyncio.create_subprocess_exec(
        *tethered(child.command, on_orphaned=child.on_orphaned),
        stdin=asyncio.subprocess.DEVNULL,
        env={**_inherited(child), **child.env, **({variable: incarnation} if variable else {})},
        # uvloop knows no process_group; a session of its own is one too.
        start_new_session=True,
    )
    return process, incarnation


def _inherited(child: Child) -> dict[str, str]:
    return {
        name: text
        for name, text in os.environ.items()
        if name.upper() not in child.without and (child.only is None or name in child.only)
    }


def _sweep_group(group: int) -> None:
    """Kills what is left in the child's process group; the child itself may have ended."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
