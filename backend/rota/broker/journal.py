"""Reads the journal: everything that happened to tasks, in order, queue by queue."""

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

from redis.exceptions import ResponseError

from rota.broker.client import RedisClient
from rota.broker.keys import Keys
from rota.broker.values import ms_of

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
        if not positions:
            # XREAD wants a stream; who asks again and again must not keep everybody else from running.
            await asyncio.sleep(block_ms / 1000)
            return []
        starts = await self._starts(positions)
        resets = {queue for queue, (_, _, is_reset) in starts.items() if is_reset}
        streams = {self._keys.queue(queue, "journal"): after for queue, (_, after, _) in starts.items()}
        answer: Any = await self._redis.xread(streams, count=count, block=None if resets else block_ms)
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

    async def lag_ms(self, positions: Mapping[str, str]) -> int:
        """For how long the oldest entry after these positions has been there, by Redis' clock; 0 where there is none."""
        starts = await self._starts(positions)
        pipe = self._redis.pipeline(transaction=False)
        pipe.time()
        for queue, (_, after, _) in starts.items():
            pipe.xrange(self._keys.queue(queue, "journal"), min=f"({after}", count=1)
        time, *found = await pipe.execute()
        now = ms_of(time)
        return max((now - _parts(entries[0][0].decode())[0] for entries in found if entries), default=0)

    async def trim(self, queue: str, upto_id: str) -> None:
        """Forgets entries up to and including this id; they are recorded."""
        ms, _, sequence = upto_id.partition("-")
        await self._redis.xtrim(
            self._keys.queue(queue, "journal"), minid=f"{ms}-{int(sequence) + 1}", approximate=False
        )

    async def _starts(self, positions: Mapping[str, str]) -> dict[str, tuple[str, str, bool]]:
        """For each queue its epoch, the id to read after, and whether its journal is another than the position's."""
        pipe = self._redis.pipeline(transaction=False)
        for queue in positions:
            pipe.get(self._keys.queue(queue, "epoch"))
            pipe.xinfo_stream(self._keys.queue(queue, "journal"))
        answers: Any = iter(await pipe.execute(raise_on_error=False) if positions else ())
        starts = {}
        for queue, position in positions.items():
            starts[queue] = _start(position, _epoch_of(next(answers)), _last_id(next(answers)))
        return starts

    async def _epoch(self, queue: str) -> str:
        return _epoch_of(await self._redis.get(self._keys.queue(queue, "epoch")))


def _start(position: str, epoch: str, last_id: str) -> tuple[str, str, bool]:
    epoch_was, _, after = position.partition("/")
    if not position:
        return epoch, START, False
    if epoch != epoch_was or _parts(last_id) < _parts(after):  # emptied, or an older copy of Redis came back
        return epoch, START, True
    return epoch, after, False


def _epoch_of(answer: Any) -> str:
    if isinstance(answer, Exception):
        raise answer
    return answer.decode() if answer else ""


def _last_id(answer: Any) -> str:
    if isinstance(answer, Exception):
        if isinstance(answer, ResponseError) and "no such key" in str(answer):
            return START
        raise answer
    last: bytes = answer["last-generated-id"]
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
