"""What Redis holds of a task: short keys, since a million of them may wait.

Args stay the JSON text that the client sent; the payload is put together as text around them.
"""

import json
from dataclasses import dataclass
from typing import Any

from rota.domain.limits import written_key
from rota.domain.rank import DEFAULT_LEVEL_MS, DEFAULT_PRIORITY
from rota.domain.retry import DEFAULT_BACKOFF, DEFAULT_MAX_ATTEMPTS, Backoff

FINISH_LATE = "FINISH_LATE"
CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Payload:
    """All that a worker needs to run a task and to place its next attempt. `args` is a JSON object as text."""

    function: str
    args: str
    created_at: int
    limit_key: str | None = None
    priority: int = DEFAULT_PRIORITY
    max_attempts: int = DEFAULT_MAX_ATTEMPTS
    timeout_ms: int | None = None
    deadline_at: int | None = None
    on_deadline: str = CANCEL
    level_ms: int = DEFAULT_LEVEL_MS
    expected_ms: int = 0
    backoff: Backoff = DEFAULT_BACKOFF


def build(payload: Payload) -> bytes:
    """The payload as JSON; what has its default value is left out. It begins with function and limit key: Lua reads them."""
    return with_args(head(payload), payload.args)


def with_args(head: bytes, args: str) -> bytes:
    """A whole payload of its head and its arguments."""
    return b"%b%b}" % (head, args.encode())


def head(payload: Payload) -> bytes:
    """What stands before the arguments: the same for all tasks that differ only in them."""
    short: dict[str, Any] = {"c": payload.created_at}
    if payload.priority != DEFAULT_PRIORITY:
        short["p"] = payload.priority
    if payload.max_attempts != DEFAULT_MAX_ATTEMPTS:
        short["m"] = payload.max_attempts
    if payload.timeout_ms is not None:
        short["t"] = payload.timeout_ms
    if payload.deadline_at is not None:
        short["d"] = payload.deadline_at
    if payload.on_deadline == FINISH_LATE:
        short["o"] = "F"
    if payload.level_ms != DEFAULT_LEVEL_MS:
        short["v"] = payload.level_ms
    if payload.expected_ms:
        short["e"] = payload.expected_ms
    if payload.backoff != DEFAULT_BACKOFF:
        short["b"] = [payload.backoff.base_ms, payload.backoff.factor, payload.backoff.cap_ms]
    name = json.dumps(payload.function, ensure_ascii=False)
    key = "" if payload.limit_key is None else f',"k":"{written_key(payload.limit_key)}"'
    rest = json.dumps(short, separators=(",", ":"), ensure_ascii=False)
    return f'{{"f":{name}{key},{rest[1:-1]},"a":'.encode()


def from_parsed(short: dict[str, Any], args: str = "") -> Payload:
    """The payload from its parsed JSON. `args` is left to the caller, who has them parsed already (`short["a"]`)."""
    backoff = short.get("b")
    return Payload(
        function=short["f"],
        args=args,
        created_at=short["c"],
        limit_key=short.get("k"),
        priority=short.get("p", DEFAULT_PRIORITY),
        max_attempts=short.get("m", DEFAULT_MAX_ATTEMPTS),
        timeout_ms=short.get("t"),
        deadline_at=short.get("d"),
        on_deadline=FINISH_LATE if short.get("o") == "F" else CANCEL,
        level_ms=short.get("v", DEFAULT_LEVEL_MS),
        expected_ms=short.get("e", 0),
        backoff=DEFAULT_BACKOFF if backoff is None else Backoff(*backoff),
    )
