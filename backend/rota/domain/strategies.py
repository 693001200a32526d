"""How a queue's tasks find their workers; the names are those of SQL, Redis and the API."""

from enum import StrEnum


class Strategy(StrEnum):
    """How a queue's tasks find their workers."""

    PRIORITY = "PRIORITY"  # the only one without lanes
    ROUND_ROBIN = "ROUND_ROBIN"
    LEAST_LOADED = "LEAST_LOADED"


def has_lanes(strategy: str) -> bool:
    """Whether tasks are assigned to workers before they start, under this strategy's name."""
    return strategy != Strategy.PRIORITY
