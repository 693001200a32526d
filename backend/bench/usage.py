"""What processes and Redis have used: CPU seconds, memory, commands, bytes."""

from collections.abc import Iterable
from dataclasses import dataclass

import psutil

from rota.broker.client import RedisClient


@dataclass(frozen=True, slots=True)
class Usage:
    """Totals at one instant; subtract two to get what lies between."""

    worker_cpu_s: float
    server_cpu_s: float
    commands: int
    bytes: int

    def __sub__(self, other: "Usage") -> "Usage":
        return Usage(
            self.worker_cpu_s - other.worker_cpu_s,
            self.server_cpu_s - other.server_cpu_s,
            self.commands - other.commands,
            self.bytes - other.bytes,
        )


def usage(client: RedisClient, workers: Iterable[int], servers: Iterable[int]) -> Usage:
    """What has been used until now by these processes and those that they started, and by Redis' clients."""
    info = client.info("stats")
    return Usage(
        cpu_s(workers),
        cpu_s(servers),
        info["total_commands_processed"],
        info["total_net_input_bytes"] + info["total_net_output_bytes"],
    )


def cpu_s(pids: Iterable[int]) -> float:
    """CPU seconds of these processes, with all below them that live."""
    total = 0.0
    for process in _family(pids):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def memory_mb(pids: Iterable[int]) -> float:
    """Resident megabytes of these processes, with all below them."""
    total = 0
    for process in _family(pids):
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total / 1e6


def _family(pids: Iterable[int]) -> list[psutil.Process]:
    found: list[psutil.Process] = []
    for pid in pids:
        try:
            process = psutil.Process(pid)
            found += [process, *process.children(recursive=True)]
        except psutil.NoSuchProcess:
            continue
    return found
