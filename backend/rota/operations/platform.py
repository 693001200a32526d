"""What operations work with; `rota/wiring.py` puts it together."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rota.broker.changes import Changes
from rota.broker.journal import Journal
from rota.broker.pools import Pools
from rota.broker.scripts import Broker
from rota.broker.workers import Workers
from rota.clock import Clock
from rota.operations.doors import Doors
from rota.operations.passwords import Passwords
from rota.settings import Settings
from rota.store.database import Database

if TYPE_CHECKING:
    from rota.operations.announcements import Announcer
    from rota.operations.backlog import Backlogs
    from rota.operations.catalogue import Catalogue
    from rota.operations.submission import Submission
    from rota.operations.trail import Trail


@dataclass(slots=True)
class Platform:
    """The parts of one process. `shard` names this process among those that write counters."""

    settings: Settings
    clock: Clock
    shard: str
    database: Database
    broker: Broker
    journal: Journal
    changes: Changes
    workers: Workers
    pools: Pools
    announcer: "Announcer"
    catalogue: "Catalogue"
    submission: "Submission"
    trail: "Trail"
    backlogs: "Backlogs"
    doors: Doors
    passwords: Passwords = field(default_factory=Passwords)
