"""Announcements after commits, and reading them from a cursor without a gap or a double."""

import zlib
from typing import Any, NamedTuple

from rota import jsontext
from rota.broker.client import RedisClient
from rota.broker.keys import Keys
from rota.broker.loading import load_scripts
from rota.domain.events import LISTS, Change

# Announcements; a reader that was away longer is told to read anew. Fewer where one is long, so that the room that they
# take is bounded too: some 20 MB. Who missed more than MOST_TOLD tasks reads anew anyway.
KEPT, KEPT_LONG = 20_000, 2_000
SQUEEZED_FROM = 500  # bytes: long. Ids of one moment begin alike, so that many of them shrink to a quarter


class CursorLost(Exception):
    """What came after this cursor is not kept any more: read anew."""


class Announced(NamedTuple):
    """A change and the cursor after it."""

    cursor: str
    change: Change


class Changes:
    """The stream of announcements; a cursor is `epoch.stream-id`."""

    def __init__(self, redis: RedisClient, namespace: str) -> None:
        keys = Keys(namespace)
        self._redis = redis
        self._stream = keys.changes("stream")
        self._epoch_key = keys.changes("epoch")
        self._announce = redis.register_script(load_scripts()["announce"].source)

    async def announce(self, change: Change) -> str:
        """Tells all api processes. Returns the cursor after it."""
        body = {"t": list(change.task_ids)}
        for name in LISTS:
            if getattr(change, name):
                body[name[0]] = [""]
        text, kept = jsontext.dumpb(body), KEPT
        if len(text) >= SQUEEZED_FROM:
            text, kept = zlib.compress(text, 1), KEPT_LONG
        epoch, entry_id = await self._announce([self._stream, self._epoch_key], [text, kept])
        return f"{epoch.decode()}.{entry_id.decode()}"

    async def latest(self) -> str:
        """The cursor after the last announcement."""
        epoch, last = await self._announce([self._stream, self._epoch_key], ["", KEPT])
        return f"{epoch.decode()}.{last.decode()}"

    async def read(self, after: str, block_ms: int | None, count: int = 1000) -> list[Announced]:
        """Announcements after a cursor; waits up to `block_ms` for the first (None: does not wait). Raises CursorLost."""
        epoch, _, position = after.partition(".")
        answer: Any = await self._redis.xread({self._stream: position}, count=count, block=block_ms)
        if await self._is_lost(epoch, position):
            raise CursorLost(after)
        entries = answer[0][1] if answer else []
        return [Announced(f"{epoch}.{entry_id.decode()}", _change(fields[b"b"])) for entry_id, fields in entries]

    async def _is_lost(self, epoch: str, position: str) -> bool:
        now = await self._redis.get(self._epoch_key)
        if now is None or now.decode() != epoch:
            return True
        info: Any = await self._redis.xinfo_stream(self._stream)
        if _parts(position) > _parts(info["last-generated-id"].decode()):
            return True  # an older copy of Redis came back
        if position == "0-0" or not info["first-entry"]:
            return False
        oldest = info["first-entry"][0].decode()
        # Trimmed past the cursor: its own entry is gone and something that followed it may be too.
        return info["length"] >= KEPT_LONG and _parts(position) < _parts(oldest)


def _parts(stream_id: str) -> tuple[int, int]:
    ms, _, sequence = stream_id.partition("-")
    return int(ms), int(sequence or 0)


def _change(body: bytes) -> Change:
    fields = jsontext.loads(body if body.startswith(b"{") else zlib.decompress(body))
    return Change(tuple(fields["t"]), **{name: name[0] in fields for name in LISTS})
