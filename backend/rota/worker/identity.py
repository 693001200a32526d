"""Who a worker is, as the register shows it."""

import os
import socket
from dataclasses import dataclass, field
from typing import Any

from rota import ids
from rota.clock import now_ms
from rota.domain.lines import plain

# Set by who keeps the process: the id that this one start of it is to have, so that its end can be reported under it.
INCARNATION = "ROTA_INCARNATION"


@dataclass(frozen=True, slots=True)
class Identity:
    """What does not change while it lives. `name` is for people, `id` is new with each start."""

    name: str
    queues: tuple[str, ...]
    slots: int
    catalogue_hash: str
    id: str = field(default_factory=lambda: ids.new_id(ids.WORKER))
    host: str = field(default_factory=lambda: plain(socket.gethostname()))
    pid: int = field(default_factory=os.getpid)
    started_at: int = field(default_factory=now_ms)
    pool: str | None = None
    stealing: bool = True

    def info(self, *, status: str, running_count: int, is_stuck: bool) -> dict[str, Any]:
        """A heartbeat's content; its shape is given at the end of docs/architecture.md."""
        return {
            "name": plain(self.name),  # a command line may hold what is no text
            "kind": "POOL",
            "status": status,
            "queues": list(self.queues),
            "slots": self.slots,
            "running_count": running_count,
            "stealing": self.stealing,
            "is_stuck": is_stuck,
            "pool": self.pool,
            "host": self.host,
            "pid": self.pid,
            "started_at": self.started_at,
            "at": now_ms(),
            "catalogue_hash": self.catalogue_hash,
        }


def incarnation() -> str:
    """The id that this process was given, else a new one. It is taken out of the environment: no child is this worker."""
    return os.environ.pop(INCARNATION, "") or ids.new_id(ids.WORKER)


def default_name() -> str:
    """Host and process."""
    return f"{socket.gethostname()}-{os.getpid()}"
