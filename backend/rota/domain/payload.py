"""What Redis holds of a task: short keys, since a million of them may wait.

Args stay the JSON text that the client sent; the payload is put together as text around them.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
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
    key = "" if payload.limit_key is None else f',"k":"{written_key(payload.limit_key)}"'
    rest = _rest(
        payload.priority,
        payload.max_attempts,
        payload.timeout_ms,
        payload.deadline_at,
        payload.on_deadline,
        payload.level_ms,
        payload.expected_ms,
        payload.backoff,
    )
    return f'{{"f":{_name(payload.function)}{key},"c":{payload.created_at}{rest},"a":'.encode()


def written_name(function: str) -> str:
    """A function's name as it stands in a payload, where Lua reads it."""
    return _name(function)[1:-1]


@lru_cache(maxsize=1024)
def _name(function: str) -> str:
    return json.dumps(function, ensure_ascii=False)


@lru_cache(maxsize=1024)
def _rest(
    priority: int,
    max_attempts: int,
    timeout_ms: int | None,
    deadline_at: int | None,
    on_deadline: str,
    level_ms: int,
    expected_ms: int,
    backoff: Backoff,
) -> str:
    """What has not its default value. Kept: where a million are pushed again, few of these differ."""
    short: dict[str, Any] = {}
    if priority != DEFAULT_PRIORITY:
        short["p"] = priority
    if max_attempts != DEFAULT_MAX_ATTEMPTS:
        short["m"] = max_attempts
    if timeout_ms is not None:
        short["t"] = timeout_ms
    if deadline_at is not None:
        short["d"] = deadline_at
    if on_deadline == FINISH_LATE:
        short["o"] = "F"
    if level_ms != DEFAULT_LEVEL_MS:
        short["v"] = level_ms
    if expected_ms:
        short["e"] = expected_ms
    if backoff != DEFAULT_BACKOFF:
        short["b"] = [backoff.base_ms, backoff.factor, backoff.cap_ms]
    return f",{json.dumps(short, separators=(',', ':'))[1:-1]}" if short else ""


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
