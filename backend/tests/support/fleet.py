"""Coordinators, workers and apis as processes of their own, kept running by a supervisor, to be killed, stopped and continued."""

import os
import random
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path
from types import TracebackType

from rota.processes import Child, ChildEvent, ChildMove, Keeper
from rota.settings import Settings
from tests.support.ledger import LEDGER

LEASE_MS = 2_000
# Memory outlives every process that is killed here, and a disk would take most of the time.
SHARED_MEMORY = Path("/dev/shm")
WITH_LOG = 'exec "$@" >>"$0" 2>&1'


class Fleet:
    """Processes on one database and one Redis; what dies is started again by the supervisor, nobody else lends a hand."""

    def __init__(self, settings: Settings, folder: Path, **more: str) -> None:
        self.settings = settings
        self.kills: Counter[str] = Counter()
        self.deaths: Counter[str] = Counter()
        self._more = more
        self._folder = folder
        where = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else folder
        handle, name = tempfile.mkstemp(prefix="rota-ledger-", dir=where)
        os.close(handle)
        self.ledger = Path(name)
        # It waits less than ours would: the faults here come more often than in life.
        self._keeper = Keeper(self._note, first_pause_s=0.05, longest_pause_s=0.5)

    async def __aenter__(self) -> "Fleet":
        await self._keeper.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pid in self.pids.values():
            os.kill(pid, signal.SIGCONT)
        await self._keeper.__aexit__(kind, error, trace)
        self.ledger.unlink()

    @property
    def pids(self) -> dict[str, int]:
        """Process ids of all that run now, by name."""
        return self._keeper.pids

    async def coordinator(self, name: str = "coordinator") -> None:
        await self._start(name, "coordinator")

    async def worker(self, name: str = "worker", *, slots: int = 10) -> None:
        await self._start(name, "worker", "tests.support.ledger", "--slots", str(slots), "--name", name)

    async def workers(self, count: int, *, slots: int = 10) -> None:
        """Workers named worker-1, worker-2..."""
        for number in range(1, count + 1):
            await self.worker(f"worker-{number}", slots=slots)

    async def api(self, name: str, port: int, redis_url: str) -> None:
        await self._start(name, "api", "--port", str(port), ROTA_REDIS_URL=redis_url)

    async def stop(self, name: str) -> None:
        """Ends one in order."""
        await self._keeper.stop(name)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Sends a signal; a SIGKILL is remembered as ours."""
        if number is signal.SIGKILL:
            self.kills[name] += 1
        os.kill(self.pids[name], number)

    def kill(self, name: str) -> None:
        self.signal(name, signal.SIGKILL)

    def kill_one(self, dice: random.Random, part: str) -> str | None:
        """Kills one whose name begins so; None where the supervisor has none running just now."""
        running = sorted(name for name in self.pids if name.startswith(part))
        if not running:
            return None
        name = dice.choice(running)
        self.kill(name)
        return name

    def logs(self) -> str:
        """The end of what all of them have said."""
        return "\n".join(f"== {log.name}\n{log.read_text()[-4000:]}" for log in sorted(self._folder.glob("*.log")))

    def _note(self, event: ChildEvent) -> None:
        if event.move is ChildMove.DIED:
            self.deaths[event.name] += 1

    async def _start(self, name: str, *words: str, **settings: str) -> None:
        env = {
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "ROTA_DATABASE_URL": self.settings.database_url,
            "ROTA_REDIS_URL": self.settings.redis_url,
            "ROTA_DATA_DIR": str(self._folder),
            "ROTA_LEASE_MS": str(LEASE_MS),
            "ROTA_HEARTBEAT_MS": "300",
            "ROTA_DRAIN_SECONDS": "1",
            LEDGER: str(self.ledger),
            **self._more,
            **settings,
        }
        command = ("sh", "-c", WITH_LOG, str(self._folder / f"{name}.log"), sys.executable, "-m", "rota", *words)
        await self._keeper.start(Child(name, command, env, stop_s=8.0))
