"""What is measured, how much of it, and what was found."""

from collections.abc import Sequence
from dataclasses import dataclass, field

DATABASES = ("sqlite", "postgres")
MEASURES = ("submit", "live", "pages")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much."""

    subscribers: int = 2_000
    stalled: int = 100
    changes: int = 500  # a second
    seconds: int = 60
    rows: int = 1_000_000
    asks: int = 20  # of each page
    submits: int = 1_000
    kinds: int = 20  # of subscriptions: so often each change is executed


@dataclass(slots=True)
class Live:
    """Latencies in ms, memory in MB."""

    latency: dict[str, float]
    committed: int
    frames: int
    resets: int
    memory_before: float
    memory_watched: float
    memory: list[float] = field(default_factory=list)  # once a second while things change
    cpu: float = 0.0  # cores of the api process and the database
    frame_us: float = 0.0  # of the processors, of the api process alone: all that it does, by frame
    clients_cpu: float = 0.0  # cores of the subscribers
    stalled_closed: int = 0


@dataclass(slots=True)
class Asked:
    """One list, asked for again and again: its first page, page 1,000, and its first page with `totalCount`."""

    name: str
    first: "Took"
    far: "Took | None"
    counted: "Took"


@dataclass(slots=True)
class Took:
    """In ms: the p95 by the clock, and what it took of the processors on average, of the api and of the database."""

    p95: float
    cpu: float


@dataclass(slots=True)
class Submits:
    """One way to submit: how many a second, latencies in ms."""

    name: str
    rate: float
    latency: dict[str, float]


@dataclass(slots=True)
class Found:
    """What was found on one database."""

    database: str
    live: Live | None = None
    pages: list[Asked] = field(default_factory=list)
    submits: list[Submits] = field(default_factory=list)


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """p50, p95, p99 and the most."""
    ordered = sorted(values)
    at = lambda share: ordered[min(len(ordered) - 1, int(len(ordered) * share))]  # noqa: E731
    return {"p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "max": ordered[-1]} if ordered else {}
