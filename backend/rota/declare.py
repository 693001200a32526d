"""What a module says of its functions: the decorator `@rota.function` and the error that is not retried."""

import datetime
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, overload

from rota.domain.rank import DEFAULT_PRIORITY, PRIORITIES
from rota.domain.retry import DEFAULT_MAX_ATTEMPTS, Backoff

Executor = Literal["async", "thread", "process"]
DEFAULT_QUEUE = "default"
MARK = "__rota_function__"

F = TypeVar("F", bound=Callable[..., Any])


class Fatal(Exception):
    """Raised by a function whose failure another attempt would not cure: the task FAILED at once."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A function as its module declared it; `timeout_ms` None means unbounded."""

    name: str
    call: Callable[..., Any]
    queue: str
    priority: int
    max_attempts: int
    timeout_ms: int | None
    executor: Executor
    backoff: Backoff | None
    example: Mapping[str, Any] | None


@overload
def function(call: F, /) -> F: ...


@overload
def function(
    *,
    name: str | None = None,
    queue: str = DEFAULT_QUEUE,
    priority: int = DEFAULT_PRIORITY,
    max_attempts: int = DEFAULT_MAX_ATTEMPTS,
    timeout: float | datetime.timedelta | None = None,
    executor: Executor | None = None,
    backoff: tuple[float, float, float] | None = None,
    example: Mapping[str, Any] | None = None,
) -> Callable[[F], F]: ...


def function(
    call: F | None = None,
    /,
    *,
    name: str | None = None,
    queue: str = DEFAULT_QUEUE,
    priority: int = DEFAULT_PRIORITY,
    max_attempts: int = DEFAULT_MAX_ATTEMPTS,
    timeout: float | datetime.timedelta | None = None,
    executor: Executor | None = None,
    backoff: tuple[float, float, float] | None = None,
    example: Mapping[str, Any] | None = None,
) -> F | Callable[[F], F]:
    """Marks a function so that `rota worker` offers it; called directly it stays what it was.

    Its signature gives the arguments' JSON Schema, its docstring the description; a first parameter named `ctx` is
    handed the context and is no argument. `timeout` bounds one attempt, in seconds. `executor` is where it runs:
    `async def` in the loop, `def` in a thread, or `"process"` in a process of its own, for work that needs the CPU.
    `backoff` is (base seconds, factor, cap seconds) of the wait before the next attempt. Raises ValueError.
    """

    def mark(target: F) -> F:
        where = executor or ("async" if inspect.iscoroutinefunction(target) else "thread")
        declared = Declared(
            name=name or target.__name__,
            call=target,
            queue=queue,
            priority=priority,
            max_attempts=max_attempts,
            timeout_ms=_ms(timeout),
            executor=where,
            backoff=None if backoff is None else Backoff(int(backoff[0] * 1000), backoff[1], int(backoff[2] * 1000)),
            example=example,
        )
        _check(declared)
        setattr(target, MARK, declared)
        return target

    return mark if call is None else mark(call)


def _ms(timeout: float | datetime.timedelta | None) -> int | None:
    if timeout is None:
        return None
    seconds = timeout.total_seconds() if isinstance(timeout, datetime.timedelta) else timeout
    return int(seconds * 1000)


def _check(declared: Declared) -> None:
    is_async = inspect.iscoroutinefunction(declared.call)
    rules = {
        f"priority must be {PRIORITIES[0]} to {PRIORITIES[-1]}": declared.priority in PRIORITIES,
        "max_attempts must be 1 to 100": 1 <= declared.max_attempts <= 100,
        "timeout must be above 0": declared.timeout_ms is None or declared.timeout_ms > 0,
        "executor must be 'async', 'thread' or 'process'": declared.executor in ("async", "thread", "process"),
        "executor='async' needs an async def": declared.executor != "async" or is_async,
        "executor='thread' is for a plain def": declared.executor != "thread" or not is_async,
    }
    for rule, holds in rules.items():
        if not holds:
            raise ValueError(f"function {declared.name}: {rule}")
