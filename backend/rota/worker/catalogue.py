"""The functions that a worker offers: each with its signature, where it runs, and the offer that it makes."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from arq.cron import CronJob
from arq.worker import Function

from rota import jsontext
from rota.declare import Declared
from rota.domain.rank import DEFAULT_PRIORITY
from rota.domain.retry import Backoff
from rota.domain.tasks import MAX_ATTEMPTS
from rota.worker.signature import BadArguments, BadSignature, Signature

LONGEST_NAME = 200


class BadTarget(Exception):
    """Something that the command line named and that cannot be worked for; the text is one line for people."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One function. `executor` is `async`, `thread` or `process`; `origin` is `module:qualified.name`."""

    name: str
    call: Callable[..., Any]
    signature: Signature
    queue: str
    priority: int
    max_attempts: int
    timeout_ms: int | None
    executor: str
    backoff: Backoff | None
    example: Mapping[str, Any] | None
    origin: str

    def offer(self) -> dict[str, Any]:
        """What the register keeps of it; `store/functions.py` reads it."""
        backoff = self.backoff
        return {
            "name": self.name,
            "description": self.signature.description,
            "args_schema": self.signature.schema,
            "example": None if self.example is None else dict(self.example),
            "queue": self.queue,
            "default_priority": self.priority,
            "max_attempts": self.max_attempts,
            "timeout_ms": self.timeout_ms,
            "executor": self.executor.upper(),
            "backoff": None if backoff is None else [backoff.base_ms, backoff.factor, backoff.cap_ms],
        }


Catalogue = dict[str, Entry]


def declared_entry(declared: Declared) -> Entry:
    """A function that was declared with `@rota.function`. Raises BadTarget."""
    origin = _origin(declared.call)
    if declared.executor == "process" and "<locals>" in origin:
        raise BadTarget(
            f"function {declared.name}: executor='process' needs a function of a module, not one inside another"
        )
    entry = Entry(
        name=declared.name,
        call=declared.call,
        signature=_signature(declared.name, declared.call, takes_ctx=None),
        queue=declared.queue,
        priority=declared.priority,
        max_attempts=declared.max_attempts,
        timeout_ms=declared.timeout_ms,
        executor=declared.executor,
        backoff=declared.backoff,
        example=declared.example,
        origin=origin,
    )
    if entry.example is not None:
        try:
            entry.signature.bind(entry.example)
        except BadArguments as error:
            raise BadTarget(f"function {entry.name}: its example does not fit: {error}") from error
    return entry


def arq_entry(function: Function | CronJob, queue: str, max_tries: int, timeout_s: float | None) -> Entry:
    """An ordinary arq function or cron job, with the defaults of its settings. Raises BadTarget."""
    bound = timeout_s if function.timeout_s is None else function.timeout_s
    return Entry(
        name=function.name,
        call=function.coroutine,
        signature=_signature(function.name, function.coroutine, takes_ctx=True),
        queue=queue,
        priority=DEFAULT_PRIORITY,
        # Who means "for ever" says so with a number of any size.
        max_attempts=min(max(function.max_tries or max_tries, MAX_ATTEMPTS[0]), MAX_ATTEMPTS[-1]),
        timeout_ms=None if bound is None else int(bound * 1000),
        executor="async",
        backoff=None,
        example=None,
        origin=_origin(function.coroutine),
    )


def catalogue_of(entries: Iterable[Entry]) -> Catalogue:
    """The entries by name. Raises BadTarget where two share one."""
    catalogue: Catalogue = {}
    for entry in entries:
        first = catalogue.setdefault(entry.name, entry)
        if first.call is not entry.call:
            raise BadTarget(f"two functions are named {entry.name}: {first.origin} and {entry.origin}")
        if not entry.name.strip() or len(entry.name) > LONGEST_NAME:
            raise BadTarget(f"a function's name has 1 to {LONGEST_NAME} characters: {entry.origin}")
    return catalogue


def offers(catalogue: Catalogue) -> list[dict[str, Any]]:
    """All offers, by name."""
    return [catalogue[name].offer() for name in sorted(catalogue)]


def catalogue_hash(catalogue: Catalogue) -> str:
    """Tells one set of offers from another."""
    return hashlib.sha256(jsontext.dumpb(offers(catalogue))).hexdigest()[:16]


def _signature(name: str, call: Callable[..., Any], *, takes_ctx: bool | None) -> Signature:
    try:
        return Signature(call, takes_ctx=takes_ctx)
    except BadSignature as error:
        raise BadTarget(f"function {name} ({_origin(call)}): {error}") from error


def _origin(call: Callable[..., Any]) -> str:
    return f"{getattr(call, '__module__', '?')}:{getattr(call, '__qualname__', type(call).__qualname__)}"
