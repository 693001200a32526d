"""Tasks that functions enqueue from inside a worker: from their stream through the same submit as all others."""

import asyncio
from typing import Any

from rota import jsontext
from rota.domain.errors import RateLimited, RotaError
from rota.domain.tasks import NewTask
from rota.logs import get_logger
from rota.operations.platform import Platform

log = get_logger(__name__)

BLOCK_MS = 1_000
AT_ONCE = 500
# What a worker of another make may have sent. The others' tasks must not wait for it for ever.
_SENSELESS = (AttributeError, KeyError, TypeError, ValueError)


class Submissions:
    """Runs in the leader only. An entry is removed after its commit; its id is the idempotency key, so a second look at it adds nothing."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._stream = platform.broker.keys.submissions()

    async def run(self) -> None:
        """Submits until it is cancelled."""
        redis = self._platform.broker.redis
        while True:
            answer: Any = await redis.xread({self._stream: "0-0"}, count=AT_ONCE, block=BLOCK_MS)
            for entry_id, fields in answer[0][1] if answer else []:
                await self._submit(entry_id.decode(), fields)
                await redis.xdel(self._stream, entry_id)

    async def _submit(self, entry_id: str, fields: dict[bytes, bytes]) -> None:
        try:
            owner, wish = _wish(entry_id, fields)
        except _SENSELESS as error:
            # Its kind only: the message may hold what was sent.
            log.error("an entry that makes no sense is left out", entry=entry_id, error=type(error).__name__)
            return
        try:
            await self._taken(owner, wish)
        except RotaError as error:
            # Where it is at fault and not the message, which may hold the argument.
            at = ".".join(map(str, error.path))
            log.error("a function enqueued what cannot be taken", function=wish.function, error=error.code, at=at)

    async def _taken(self, owner: str | None, wish: NewTask) -> None:
        """Submits it; where too many others wait, as soon as they do not. Raises RotaError."""
        while True:
            try:
                await self._platform.submission.submit(owner, [wish])
            except RateLimited as error:
                log.warning("what a function enqueued waits for other submits", function=wish.function)
                await asyncio.sleep(error.retry_after_s)
            else:
                return


def _wish(entry_id: str, fields: dict[bytes, bytes]) -> tuple[str | None, NewTask]:
    """Whose task an entry asks for, and which. Raises what reading nonsense raises."""
    wish = jsontext.loads(fields[b"b"])
    run_at = wish.get("run_at")
    if not isinstance(run_at, int | None):
        raise TypeError("run_at")
    return _text(wish, "owner"), NewTask(
        function=str(wish["function"]),
        args=dict(wish.get("args") or {}),
        queue=_text(wish, "queue"),
        run_at=run_at,
        idempotency_key=_text(wish, "key") or f"submission:{entry_id}",
    )


def _text(wish: dict[str, Any], name: str) -> str | None:
    value = wish.get(name)
    if not isinstance(value, str | None):
        raise TypeError(name)
    return value
