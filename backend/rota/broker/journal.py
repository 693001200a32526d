"""Reads the journal: everything that happened to tasks, in order, queue by queue."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from rota.broker.client import RedisClient
from rota.broker.keys import Keys

START = "0-0"


class Entry(NamedTuple):
    """One entry; docs/architecture.md gives each kind's body."""

    id: str
    kind: str
    at: int
    worker: str
    lease: int
    body: bytes


class Batch(NamedTuple):
    """Entries of one queue. `is_reset`: the position did not fit this journal, it was read from its start."""

    queue: str
    epoch: str
    entries: list[Entry]
    is_reset: bool


class Journal:
    """The journals of all queues; positions are `epoch/stream-id`, empty at first."""

    def __init__(self, redis: RedisClient, namespace: str) -> None:
        self._redis = redis
        self._keys = Keys(namespace)

    async def read(self, positions: Mapping[str, str], block_ms: int, count: int) -> list[Batch]:
        """Entries after these positions, at most `count` a queue; waits up to `block_ms` for the first.

        A queue whose journal began anew is given with `is_reset` even where it has no entries yet.
        """
        starts = {queue: await self._start(queue, position) for queue, position in positions.items()}
        resets = {queue for queue, (_, _, is_reset) in starts.items() if is_reset}
        streams = {self._keys.queue(queue, "journal"): after for queue, (_, after, _) in starts.items()}
        answer: Any = (
            await self._redis.xread(streams, count=count, block=None if resets else block_ms) if streams else []
        )
        found = {key.decode(): entries for key, entries in answer}
        batches = []
        for queue in positions:
            entries = found.get(self._keys.queue(queue, "journal"), [])
            if entries or queue in resets:
                # Asked after the read: entries of a younger epoch than the position must not count as the older's.
                epoch = await self._epoch(queue)
                if starts[queue][0] in ("", epoch):
                    batches.append(Batch(queue, epoch, [_entry(*entry) for entry in entries], queue in resets))
        return batches

    async def trim(self, queue: str, upto_id: str) -> None:
        """Forgets entries up to and including this id; they are recorded."""
        ms, _, sequence = upto_id.partition("-")
        await self._redis.xtrim(
            self._keys.queue(queue, "journal"), minid=f"{ms}-{int(sequence) + 1}", approximate=False
        )

    async def _start(self, queue: str, position: str) -> tuple[str, str, bool]:
        epoch_was, _, after = position.partition("/")
        epoch = await self._epoch(queue)
        if not position:
            return epoch, START, False
        if epoch != epoch_was:
            return epoch, START, True
        if _parts(await self._last_id(queue)) < _parts(after):  # an older copy of Redis came back
            return epoch, START, True
        return epoch, after, False

    async def _epoch(self, queue: str) -> str:
        value = await self._redis.get(self._keys.queue(queue, "epoch"))
        return value.decode() if value else ""

    async def _last_id(self, queue: str) -> str:
        key = self._keys.queue(queue, "journal")
        if not await self._redis.exists(key):
            return START
        info: Any = await self._redis.xinfo_stream(key)
        last: bytes = info["last-generated-id"]
        return last.decode()


def _parts(stream_id: str) -> tuple[int, int]:
    ms, _, sequence = stream_id.partition("-")
    return int(ms), int(sequence or 0)


def _entry(entry_id: bytes, fields: dict[bytes, bytes]) -> Entry:
    return Entry(
        entry_id.decode(),
        fields[b"k"].decode(),
        int(fields[b"at"]),
        fields[b"w"].decode(),
        int(fields[b"l"]),
        fields[b"b"],
    )
