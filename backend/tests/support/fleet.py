"""Coordinators and workers as processes of their own, to be killed, stopped and continued."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from rota.settings import Settings
from rota.tether import tethered
from tests.support.ledger import LEDGER

END_S = 20.0


class Fleet:
    """Processes on one database and one Redis; all that are left end with the block."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.ledger = folder / "ledger"
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Fleet":
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait(END_S)

    def coordinator(self) -> subprocess.Popen[bytes]:
        return self._start("coordinator")

    def worker(self, *, slots: int = 10) -> subprocess.Popen[bytes]:
        return self._start("worker", "tests.support.ledger", "--slots", str(slots))

    def logs(self) -> str:
        """The end of what all of them have said."""
        return "\n".join(f"== {log.name}\n{log.read_text()[-4000:]}" for log in sorted(self._folder.glob("*.log")))

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ROTA_")},
            "PYTHONPATH": os.pathsep.join(sys.path),
            "ROTA_DATABASE_URL": self.settings.database_url,
            "ROTA_REDIS_URL": self.settings.redis_url,
            "ROTA_DATA_DIR": str(self._folder),
            "ROTA_LEASE_MS": "2000",
            "ROTA_HEARTBEAT_MS": "300",
            LEDGER: str(self.ledger),
        }
        with (self._folder / f"{len(self._processes)}-{words[0]}.log").open("ab") as log:
            process = subprocess.Popen(
                tethered([sys.executable, "-m", "rota", *words]),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._processes.append(process)
        return process
