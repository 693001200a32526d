"""`ctx["redis"]`: arq's client, whose `enqueue_job` submits a task of Rota."""

import inspect
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from arq.connections import ArqRedis
from arq.utils import to_ms, to_unix_ms

from rota import jsontext
from rota.broker.client import connections
from rota.broker.keys import Keys
from rota.broker.values import ms_of
from rota.declare import DEFAULT_QUEUE
from rota.worker.catalogue import Catalogue
from rota.worker.signature import BadArguments, name_args
from rota.worker.targets import ARQ_QUEUE


class Enqueued(NamedTuple):
    """What was submitted. The task's own id is made when the coordinator takes it."""

    job_id: str


class TaskRedis(ArqRedis):
    """Redis for functions. Jobs become tasks of Rota; all other commands are Redis' own."""

    @classmethod
    def connected(cls, url: str, namespace: str, catalogue: Catalogue) -> "TaskRedis":
        """A client for this address; it opens connections as needed."""
        client = cls(connections(url), default_queue_name=DEFAULT_QUEUE)
        client._keys = Keys(namespace)
        client._catalogue = catalogue
        return client

    _keys: Keys
    _catalogue: Catalogue

    async def enqueue_job(  # type: ignore[override]  # arq's Job reads pickled keys that Rota does not write
        self,
        function: str,
        *args: Any,
        _job_id: str | None = None,
        _queue_name: str | None = None,
        _defer_until: datetime | None = None,
        _defer_by: int | float | timedelta | None = None,
        _expires: int | float | timedelta | None = None,
        _job_try: int | None = None,
        **kwargs: Any,
    ) -> Enqueued:
        """Submits a task: durable when this returns, as far as Redis keeps it; in SQL a moment later.

        Positional arguments are named by the function's signature. `_job_id` is the idempotency key: the same one
        again adds nothing. `_expires` and `_job_try` have no meaning here. Raises ValueError where arguments cannot
        be named or hold NaN or Infinity, RuntimeError where two instants are given.
        """
        if _defer_until is not None and _defer_by is not None:
            raise RuntimeError("use either '_defer_until' or '_defer_by' or neither, not both")
        run_at = None
        if _defer_until is not None:
            run_at = to_unix_ms(_defer_until)
        elif _defer_by is not None:
            # By Redis' clock: this machine's may be off.
            run_at = ms_of(await self.time()) + (to_ms(_defer_by) or 0)
        # arq takes whatever can be put into a key.
        job_id = str(_job_id) if _job_id else None
        named = await self._named(function, args, kwargs)
        wish = {
            "function": function,
            "args": named,
            "queue": None if _queue_name in (None, ARQ_QUEUE) else _queue_name,
            "run_at": run_at,
            "key": job_id,
            "owner": None,
        }
        body = jsontext.dumpb(wish)
        if odd := jsontext.not_finite(named):
            raise ValueError(f"{function}: the arguments cannot be kept as JSON: {odd}")
        entry_id = await self.xadd(self._keys.submissions(), {"b": body})
        return Enqueued(job_id or entry_id.decode())

    async def _named(self, function: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        if not args:
            return dict(kwargs)
        entry = self._catalogue.get(function)
        names = entry.signature.names if entry else await self._names_elsewhere(function)
        if names is None:
            raise ValueError(f"no worker offers {function!r} now: give its arguments by name")
        try:
            return name_args(names, args, kwargs)
        except BadArguments as error:
            raise ValueError(f"{function}: {error}") from None

    async def _names_elsewhere(self, function: str) -> list[str] | None:
        """The parameters' names as another worker offers them; a schema keeps their order."""
        found = self.hvals(self._keys.workers("catalogue"))
        for text in await found if inspect.isawaitable(found) else found:
            for offer in jsontext.loads(text):
                if offer["name"] == function:
                    return list(offer["args_schema"]["properties"])
        return None
