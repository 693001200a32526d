"""Tasks that functions enqueue from inside a worker: from their stream through the same submit as all others."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from rota import jsontext
from rota.domain.errors import RateLimited, RotaError, UnknownFunction, UnknownQueue
from rota.domain.tasks import NewTask
from rota.logs import get_logger
from rota.operations.platform import Platform
from rota.store.database import is_unkept

log = get_logger(__name__)

BLOCK_MS = 1_000
AT_ONCE = 500
# How long an entry waits for its function and queue: a worker enqueues (a cron line's first tick, say) before the roll call has
# recorded what it offers, and one that is deployed together with another may be up before it.
PATIENCE_S = 60.0
AGAIN_S = 0.5
MOST_EARLY = 10_000  # entries that wait so, in memory; one more is not waited for
# What a worker of another make may have sent. The others' tasks must not wait for it for ever.
_SENSELESS = (AttributeError, KeyError, TypeError, ValueError)

Entry = tuple[bytes, dict[bytes, bytes]]


class _Early(NamedTuple):
    """An entry whose function or queue nobody has offered yet."""

    fields: dict[bytes, bytes]
    wants: tuple[str, str | None]  # function and queue
    since: float  # s, monotonic

    @property
    def is_over(self) -> bool:
        """Whether it has waited for long enough."""
        return time.monotonic() - self.since >= PATIENCE_S


class Submissions:
    """Runs in the leader only. An entry is removed after its commit; its id is the idempotency key, so a second look at it adds nothing."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._stream = platform.broker.keys.submissions()
        self._after: bytes = b"0-0"
        self._early: dict[bytes, _Early] = {}

    async def run(self) -> None:
        """Submits until it is cancelled."""
        self._after, self._early = b"0-0", {}
        again_at = 0.0
        while True:
            await self.take(BLOCK_MS)
            if time.monotonic() >= again_at:
                await self.again()
                again_at = time.monotonic() + AGAIN_S

    async def again(self) -> None:
        """Looks once more at those whose function was not known: once for each function, not for each of thousands."""
        wanted = {early.wants for early in self._early.values()}
        known = {wants for wants in wanted if await self._is_known(*wants)}
        due = [
            (entry_id, early.fields) for entry_id, early in self._early.items() if early.wants in known or early.is_over
        ]
        for start in range(0, len(due), AT_ONCE):
            await self._submit_all(due[start : start + AT_ONCE])

    async def _is_known(self, function: str, queue: str | None) -> bool:
        try:
            found = await self._platform.catalogue.function(function)
            await self._platform.catalogue.queue(queue or found.queue)
        except (UnknownFunction, UnknownQueue):
            return False
        return True

    async def take(self, block_ms: int | None = None) -> None:
        """Submits what has come since the last look; where nothing has, waits for it up to `block_ms`."""
        redis = self._platform.broker.redis
        answer: Any = await redis.xread({self._stream: self._after}, count=AT_ONCE, block=block_ms)
        entries: list[Entry] = answer[0][1] if answer else []
        await self._submit_all(entries)
        if entries:
            self._after = entries[-1][0]

    async def _submit_all(self, entries: Sequence[Entry]) -> None:
        """Side by side, so that they share a transaction. Those that were taken or cannot be leave the stream, whatever befell another."""
        done = await asyncio.gather(*(self._submit(*entry) for entry in entries), return_exceptions=True)
        settled = [entry_id for (entry_id, _), is_settled in zip(entries, done, strict=True) if is_settled is True]
        if settled:
            await self._platform.broker.redis.xdel(self._stream, *settled)
        for entry_id in settled:
            self._early.pop(entry_id, None)
        for fault in done:
            if isinstance(fault, BaseException):
                raise fault

    async def _submit(self, entry_id: bytes, fields: dict[bytes, bytes]) -> bool:
        """Whether nothing more is to be done for the entry; it is kept where its function may yet be offered."""
        entry = entry_id.decode()
        try:
            owner, wish = _wish(entry, fields)
        except _SENSELESS as error:
            # Its kind only: the message may hold what was sent.
            log.error("an entry that makes no sense is left out", entry=entry, error=type(error).__name__)
            return True
        try:
            await self._taken(owner, wish)
        except (UnknownFunction, UnknownQueue) as error:
            if self._may_become_known(entry_id, fields, wish):
                return False
            _left_out(wish, error)
        except RotaError as error:
            _left_out(wish, error)
        except Exception as error:
            if not is_unkept(error):
                raise
            # Asked again and again it would keep the others waiting.
            log.error("a function enqueued what cannot be kept", function=wish.function, error=type(error).__name__)
        return True

    def _may_become_known(self, entry_id: bytes, fields: dict[bytes, bytes], wish: NewTask) -> bool:
        if early := self._early.get(entry_id):
            return not early.is_over
        if len(self._early) >= MOST_EARLY:
            return False
        self._early[entry_id] = _Early(fields, (wish.function or "", wish.queue), time.monotonic())
        return True

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


def _left_out(wish: NewTask, error: RotaError) -> None:
    # Where it is at fault and not the message, which may hold the argument.
    at = ".".join(map(str, error.path))
    log.error("a function enqueued what cannot be taken", function=wish.function, error=error.code, at=at)


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
