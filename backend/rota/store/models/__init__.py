"""The tables, one file a noun. Instants are BIGINT, ms since the epoch; JSON is kept as the text that came."""

from rota.store.models.accounts import ApiToken, Session, User
from rota.store.models.audit import AuditEntry
from rota.store.models.bookkeeping import Counter, Leader, Position, Tick, TickSpan, Total
from rota.store.models.bulk import BulkAction, BulkMark
from rota.store.models.catalogue import Function, Queue
from rota.store.models.limits import Limit
from rota.store.models.lines import LogLine, LogTotal
from rota.store.models.pools import Pool, ScalingDecision
from rota.store.models.schedules import Schedule, ScheduleRun
from rota.store.models.tasks import Attempt, Dependency, Task, TaskTag
from rota.store.models.workers import Worker

__all__ = [
    "ApiToken",
    "Attempt",
    "AuditEntry",
    "BulkAction",
    "BulkMark",
    "Counter",
    "Dependency",
    "Function",
    "Leader",
    "Limit",
    "LogLine",
    "LogTotal",
    "Pool",
    "Position",
    "Queue",
    "ScalingDecision",
    "Schedule",
    "ScheduleRun",
    "Session",
    "Task",
    "TaskTag",
    "Tick",
    "TickSpan",
    "Total",
    "User",
    "Worker",
]
