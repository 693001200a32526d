"""What is measured, how much of it, and what was found."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

DATABASES = ("sqlite", "postgres")
MEASURES = ("submit", "live", "pages", "waiting")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much."""

    subscribers: int = 2_000
    stalled: int = 100
    changes: int = 500  # a second
    seconds: int = 60
    rows: int = 1_000_000
    asks: int = 30  # of each page
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
class Took:
    """In ms: by the clock, and what it took of the processors on average, of the api and of the database."""

    p50: float
    p95: float
    cpu: float


@dataclass(slots=True)
class Whole:
    """A page that is looked for, until it is full or the list has ended."""

    requests: int
    rows: int
    seconds: float


@dataclass(slots=True)
class Asked:
    """One page, asked for again and again. Of a list its first page, page 1,000, and how many it has."""

    name: str
    first: Took
    far: Took | None = None
    counted: Took | None = None
    whole: Whole | None = None


@dataclass(slots=True)
class Submits:
    """One way to submit: tasks a second, latencies of a request in ms; then what a task took of the processors, in ms.

    Beside it a query that does nothing: its p50 in ms, and how many requests came through for one of those.
    """

    name: str
    rate: float
    latency: dict[str, float]
    cpu: float
    trivial: float
    ratio: float


@dataclass(slots=True)
class Found:
    """What was found on one database."""

    database: str
    live: Live | None = None
    pages: list[Asked] = field(default_factory=list)
    waiting: list[Asked] = field(default_factory=list)
    submits: list[Submits] = field(default_factory=list)


def found_of(kept: dict[str, Any]) -> Found:
    """What was found, from the JSON that it was kept as."""
    return Found(
        kept["database"],
        Live(**kept["live"]) if kept["live"] else None,
        [_asked_of(one) for one in kept["pages"]],
        [_asked_of(one) for one in kept["waiting"]],
        [Submits(**one) for one in kept["submits"]],
    )


def _asked_of(kept: dict[str, Any]) -> Asked:
    took = {name: Took(**kept[name]) if kept[name] else None for name in ("far", "counted")}
    whole = Whole(**kept["whole"]) if kept["whole"] else None
    return Asked(kept["name"], Took(**kept["first"]), took["far"], took["counted"], whole)


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """p50, p95, p99 and the most."""
    ordered = sorted(values)
    at = lambda share: ordered[min(len(ordered) - 1, int(len(ordered) * share))]  # noqa: E731
    return {"p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "max": ordered[-1]} if ordered else {}
