"""What is asked of the large tables: the lists of the page with each filter and order that it offers, and the pages of what waits.

The documents ask what frontend/src asks: features/tasklist/documents.ts, pages/OverviewPage.tsx, pages/QueuePage.tsx.
"""

import datetime
from typing import Any, NamedTuple

# The page reads 100 at once; the aim is set for 50.
LIST = """
query TaskListPage($filter: TaskFilter, $orderBy: TaskOrder, $after: String) {
  tasks(filter: $filter, orderBy: $orderBy, first: 50, after: $after) {
    nodes {
      id title status priority isLate progress createdAt startedAt finishedAt viewerMayChange version
      queue { id name }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
COUNT = """
query TaskListCount($filter: TaskFilter, $orderBy: TaskOrder) {
  tasks(filter: $filter, orderBy: $orderBy, first: 1) { total { atLeast isExact } }
}
"""
_DEPTHS = "depthByPriority { priority depth fresh waiting atRisk oldestReadyAt isExact }"
_PERCENTILES = "waitSeconds { p50 p95 p99 } runSeconds { p50 p95 p99 }"
OVERVIEW = f"""
query Overview {{
  metrics {{
    at countsByStatus {{ status count }} activeWorkers totalSlots busySlots {_DEPTHS}
    submittedPerSecond finishedPerSecond failedPerSecond {_PERCENTILES}
  }}
  queues {{ id name kind strategy isPaused depth runningCount workers {{ id status }} {_DEPTHS} }}
  tasks(filter: {{ status: [FAILED] }}, first: 6) {{
    nodes {{ id title status finishedAt createdAt error {{ type message }} }}
  }}
}}
"""
HISTORY = f"""
query History($seconds: Int!) {{ metricsHistory(seconds: $seconds) {{ at seconds submitted finished failed {_PERCENTILES} }} }}
"""
QUEUE = """
query QueuePage($name: String!) {
  queue(name: $name) {
    id name kind isPaused strategy depth runningCount retentionDays
    workers { id name } depthByPriority { priority depth } waiting { reason count }
    limits { id function perKey maxRunning maxStarts periodSeconds runningCount heldBackCount }
  }
  functions { name queue { id name } }
}
"""
TRIVIAL = "{ __typename }"
COMMON = "customer"
IN_LINE = ["QUEUED", "ASSIGNED"]


class Wish(NamedTuple):
    """A query by its name in words; `who` is a client, None an administrator. Of a list page 1,000 and the count are asked for, too."""

    name: str
    variables: dict[str, Any]
    who: int | None = None
    document: str = LIST

    @property
    def is_short(self) -> bool:
        """Whether it is known to have no page 1,000, which the store would look through all tasks for."""
        return "search" in self.variables.get("filter", {}) and self.variables["filter"]["search"] != COMMON


def of_pages(newest: int) -> list[Wish]:
    """Of the table as a year of use leaves it; `newest` is the instant of its newest task."""
    recent, before = _before(newest, hours=24), _before(newest, days=7)
    filters: dict[str, dict[str, Any]] = {
        "everything": {},
        "status succeeded (90 %)": {"status": ["SUCCEEDED"]},
        "status failed (3 %)": {"status": ["FAILED"]},
        "status running (0.2 %)": {"status": ["RUNNING"]},
        "status failed, expired or cancelled": {"status": ["FAILED", "EXPIRED", "CANCELLED"]},
        "status running or in a lane (0.2 %)": {"status": ["RUNNING", "ASSIGNED"]},
        "a queue (70 %)": {"queue": ["default"]},
        "a queue (5 %)": {"queue": ["reports"]},
        "a function (60 %)": {"function": ["resize"]},
        "a function (1 %)": {"function": ["audit"]},
        "a tag (30 %)": {"tag": ["batch"]},
        "a tag (1 %)": {"tag": ["vip"]},
        "priority 5 (40 %)": {"priority": [5]},
        "priority 10 (3 %)": {"priority": [10]},
        "priority 8 and above": {"priorityAtLeast": 8},
        "the last 24 hours": {"createdAfter": recent},
        "before a week ago": {"createdBefore": before},
        "a week up to a day ago": {"createdAfter": before, "createdBefore": recent},
        "failed, in a queue (0.15 %)": {"status": ["FAILED"], "queue": ["reports"]},
        "failed, of a function, the last 24 hours": {
            "status": ["FAILED"],
            "function": ["resize"],
            "createdAfter": recent,
        },
        "failed, with a tag (0.03 %)": {"status": ["FAILED"], "tag": ["vip"]},
        "running, with a tag (0.06 %)": {"status": ["RUNNING"], "tag": ["batch"]},
        "a queue and priority 10 (0.15 %)": {"queue": ["reports"], "priority": [10]},
        "a function (1 %) and a queue (5 %)": {"function": ["audit"], "queue": ["reports"]},
        "failed, in a queue, priority 10 (35 tasks)": {"status": ["FAILED"], "queue": ["reports"], "priority": [10]},
        "text that all have": {"search": COMMON},
        "text that one in 5,000 has": {"search": "customer 4321"},
        "text that nothing has": {"search": "zebra"},
        "an argument, one in 50,000": {"search": "args.user.id:12345"},
        "text and a queue (5 %)": {"search": "customer 4321", "queue": ["reports"]},
    }
    of_clients: dict[str, dict[str, Any]] = {
        "": {},
        ", failed": {"status": ["FAILED"]},
        ", priority 10": {"priority": [10]},
        ", a tag (30 %)": {"tag": ["batch"]},
        ", a function (1 %)": {"function": ["audit"]},
        ", text that one in 5,000 has": {"search": "customer 4321"},
    }
    return [
        *(Wish(name, {"filter": wanted}) for name, wanted in filters.items()),
        Wish("oldest first", {"orderBy": "OLDEST_FIRST"}),
        Wish("oldest first, failed", {"orderBy": "OLDEST_FIRST", "filter": {"status": ["FAILED"]}}),
        *_by_order("DEADLINE", "by deadline"),
        *_by_order("NEXT_TO_RUN", "next to run"),
        *(
            Wish(f"a client's own ({share}){name}", {"filter": wanted}, who)
            for who, share in enumerate(("30 %", "1 %"))
            for name, wanted in of_clients.items()
        ),
        *_others(),
    ]


def of_waiting() -> list[Wish]:
    """Of the table in which all wait."""
    link = {"status": IN_LINE, "priority": [7]}
    return [
        *_by_order("NEXT_TO_RUN", "next to run"),
        Wish("next to run, as the chart links: priority 7", {"orderBy": "NEXT_TO_RUN", "filter": link}),
        Wish(
            "next to run, as the chart links: priority 7 of a queue (5 %)",
            {"orderBy": "NEXT_TO_RUN", "filter": {**link, "queue": ["reports"]}},
        ),
        Wish("next to run, a client's own (1 %)", {"orderBy": "NEXT_TO_RUN"}, 1),
        Wish("status queued (97 %)", {"filter": {"status": ["QUEUED"]}}),
        Wish("status failed (none)", {"filter": {"status": ["FAILED"]}}),
        Wish("a client's own (30 %), failed (none)", {"filter": {"status": ["FAILED"]}}, 0),
        Wish("by deadline", {"orderBy": "DEADLINE"}),
        *_others(),
    ]


def _by_order(order: str, name: str) -> list[Wish]:
    narrowed = {"": {}, ", a queue (5 %)": {"queue": ["reports"]}, ", a tag (1 %)": {"tag": ["vip"]}}
    return [Wish(f"{name}{of}", {"orderBy": order, "filter": wanted}) for of, wanted in narrowed.items()]


def _others() -> list[Wish]:
    """What other pages ask."""
    return [
        Wish("the overview", {}, None, OVERVIEW),
        Wish("its charts of 24 hours", {"seconds": 86_400}, None, HISTORY),
        Wish("a queue's page", {"name": "default"}, None, QUEUE),
    ]


def _before(instant: int, **past: float) -> str:
    at = datetime.datetime.fromtimestamp(instant / 1000, datetime.UTC) - datetime.timedelta(**past)
    return at.isoformat()
