"""A whole Rota: `rota up` on a free port with a data folder of its own, as a user starts it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil

from rota.commands.client import Client
from rota.commands.connection import load_connection
from rota.tether import tethered

START_S = 180.0
END_S = 90.0
LOOK_EVERY_S = 0.05
READY = "Ctrl-C ends it."
ADMIN = "admin"
PASSWORD = "correct horse battery staple"


class RotaServer:
    """Started, ended in order or killed, and started again at the same address with the same data."""

    def __init__(self, folder: Path, *options: str, **settings: str) -> None:
        self.data_dir = folder / "data"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = folder / "rota.log"
        self._options = options
        self._settings = {
            "ROTA_DATA_DIR": str(self.data_dir),
            "ROTA_ADMIN_USERNAME": ADMIN,
            "ROTA_ADMIN_PASSWORD": PASSWORD,
            "ROTA_WORKERS": "1",
            "ROTA_LEASE_MS": "3000",
            "ROTA_HEARTBEAT_MS": "500",
            "PYTHONPATH": os.pathsep.join(sys.path),
            **settings,
        }
        self.under: tuple[str, ...] = ()  # a program and its arguments that is to start it
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, "Rota is not running"
        return self._process.pid

    def start(self) -> None:
        """Returns when it has printed its address; fails with its log when it ends or takes too long."""
        process, begin = self.launch()
        until = time.monotonic() + START_S
        while READY not in self.log()[begin:]:
            is_over = process.poll() is not None or time.monotonic() > until
            assert not is_over, f"Rota did not start:\n{self.log()}"
            time.sleep(LOOK_EVERY_S)

    def change(self, *options: str, **settings: str) -> None:
        """For its next start: other options, if any are given, and these settings besides."""
        self._options = options or self._options
        self._settings |= settings

    def launch(self) -> tuple[subprocess.Popen[bytes], int]:
        """Starts it and waits for nothing; the process, and where its log begins."""
        assert self._process is None, "Rota is running"
        command = [*self.under, sys.executable, "-m", "rota", "up", "--port", str(self.port), *self._options]
        begin = len(self.log())
        with self._log.open("ab") as log:
            # When the tests are killed it ends in order, and what it has started ends with it.
            self._process = subprocess.Popen(
                tethered(command, on_orphaned=signal.SIGTERM),
                env={**_environment(), **self._settings},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return self._process, begin

    def family(self) -> list[psutil.Process]:
        """It and all that it has started."""
        itself = psutil.Process(self.pid)
        return [itself, *itself.children(recursive=True)]

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Ends it: in order with SIGTERM, at once with SIGKILL. Returns its exit status."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(by)
        try:
            return process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise AssertionError(f"Rota did not end within {END_S:.0f} s:\n{self.log()}") from None

    def wait(self) -> int:
        """Its exit status when it has ended by itself."""
        assert self._process is not None, "Rota is not running"
        return self._process.wait(END_S)

    def log(self) -> str:
        """All that it has said."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def client(self) -> Client:
        """The administrator's, with the token that `rota up` keeps for commands on this machine."""
        connection = load_connection(self.data_dir)
        assert connection is not None, f"no connection is kept in {self.data_dir}"
        return Client(connection)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _environment() -> dict[str, str]:
    """This machine's own settings of Rota must not reach the tests' one."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ROTA_")}


def command_of(process: psutil.Process) -> str:
    """Its command line; nothing where it has just ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # also a zombie
        return ""
