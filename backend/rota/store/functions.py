"""The catalogue: functions that workers have offered."""

from collections.abc import Sequence
from typing import Any

from rota import jsontext
from rota.store.database import Connection
from rota.store.models import Function

# What a worker says of a function; the estimate of its run time is SQL's own.
_OFFERED = (
    "description",
    "args_schema",
    "example",
    "queue",
    "default_priority",
    "max_attempts",
    "timeout_ms",
    "executor",
    "backoff",
)


async def all_functions(db: Connection) -> list[Function]:
    """All functions, by name."""
    return await Function.all().using_db(db.client).order_by("name")


async def get(db: Connection, name: str) -> Function | None:
    """One function."""
    return await Function.get_or_none(name=name, using_db=db.client)


async def offer(db: Connection, offers: Sequence[dict[str, Any]], at: int) -> int:
    """Takes what a worker offers into the catalogue. Returns how many are new or changed.

    An offer is `{name, description, args_schema, example, queue, default_priority, max_attempts, timeout_ms, executor,
    backoff}`; schema, example and backoff are JSON values.
    """
    known = {function.name: function for function in await all_functions(db)}
    changed = 0
    for offered in offers:
        values = {name: _kept(name, offered.get(name)) for name in _OFFERED}
        function = known.get(offered["name"])
        if function is None:
            await Function.create(using_db=db.client, name=offered["name"], updated_at=at, **values)
        elif any(getattr(function, name) != value for name, value in values.items()):
            await Function.filter(name=offered["name"]).using_db(db.client).update(updated_at=at, **values)
        else:
            continue
        changed += 1
    return changed


def _kept(name: str, value: Any) -> Any:
    if name in ("args_schema", "example", "backoff") and value is not None:
        return jsontext.dumps(value)
    return value
