"""Tasks that functions enqueue from inside a worker: from their stream through the same submit as all others."""

from typing import Any

from rota import jsontext
from rota.domain.errors import RotaError
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
            await self._platform.submission.submit(owner, [wish])
        except RotaError as error:
            # Where it is at fault and not the message, which may hold the argument.
            at = ".".join(map(str, error.path))
            log.error("a function enqueued what cannot be taken", function=wish.function, error=error.code, at=at)


def _wish(entry_id: str, fields: dict[bytes, bytes]) -> tuple[str | None, NewTask]:
    """Whose task an entry asks for, and which. Raises what reading nonsense raises."""
    wish = jsontext.loads(fields[b"b"])
    return wish.get("owner"), NewTask(
        function=str(wish["function"]),
        args=dict(wish.get("args") or {}),
        queue=wish.get("queue"),
        run_at=wish.get("run_at"),
        idempotency_key=wish.get("key") or f"submission:{entry_id}",
    )
