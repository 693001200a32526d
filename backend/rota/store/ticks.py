"""One row for each second and writer: how much was submitted and ended, how long it waited and ran."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from rota import jsontext
from rota.domain.histogram import bucket_of
from rota.store.database import Connection

_VALUES = {
    "second": "bigint",
    "submitted": "int",
    "finished": "int",
    "failed": "int",
    "waits": "text",
    "runs": "text",
}
_COLUMNS = {"id": "text", **_VALUES}
KEPT_S = 25 * 3600
# Seconds are added up into spans of these lengths, so that no chart reads more than some hundred rows.
SHORT_S, LONG_S = 15, 300
ADDED_AT_ONCE = 60  # spans in one transaction
_TALLY = "second, submitted, finished, failed, waits, runs"
_SECONDS = f"SELECT {_TALLY} FROM ticks WHERE second >= $1 AND second < $2"
_SPANS = f"SELECT {_TALLY} FROM tick_spans WHERE width = $3 AND second >= $1 AND second < $2"


@dataclass(slots=True)
class Tally:
    """What one writer counted in one second; histograms by bucket."""

    second: int
    submitted: int = 0
    finished: int = 0
    failed: int = 0
    waits: dict[int, int] = field(default_factory=dict)
    runs: dict[int, int] = field(default_factory=dict)

    def copy(self) -> "Tally":
        """One that counts on without touching this one."""
        return replace(self, waits=dict(self.waits), runs=dict(self.runs))

    def waited(self, durations: Iterable[int]) -> None:
        """Counts waits, in ms."""
        _count(durations, self.waits)

    def ran(self, durations: Iterable[int]) -> None:
        """Counts runs, in ms."""
        _count(durations, self.runs)


def _count(durations: Iterable[int], into: dict[int, int]) -> None:
    # In a burst many are alike.
    for ms, amount in Counter(durations).items():
        bucket = bucket_of(ms)
        into[bucket] = into.get(bucket, 0) + amount


async def save(db: Connection, shard: str, tally: Tally) -> None:
    """Writes a second as it stands; its writer keeps the whole of it in memory, so that this replaces."""
    row = (f"{tally.second}|{shard}", *_values(tally))
    sets = ", ".join(f"{name} = excluded.{name}" for name in ("submitted", "finished", "failed", "waits", "runs"))
    await db.insert("ticks", _COLUMNS, [row], f"ON CONFLICT (id) DO UPDATE SET {sets}")


async def add_submitted(db: Connection, shard: str, second: int, count: int) -> None:
    """Adds to what was submitted in a second, where nobody keeps it in memory; the shard must be written by this alone."""
    row = (f"{second}|{shard}", second, count, 0, 0, "{}", "{}")
    tail = "ON CONFLICT (id) DO UPDATE SET submitted = ticks.submitted + excluded.submitted"
    await db.insert("ticks", _COLUMNS, [row], tail)


async def since(db: Connection, second: int) -> list[Tally]:
    """All seconds from one on; several rows of a second where several processes wrote."""
    return await _tallies(db, _SECONDS, second, 2**62)


async def points(db: Connection, first: int, end: int, width: int) -> dict[int, Tally]:
    """What happened from one second to another (not included), added up by `width` seconds; by the second that each begins with.

    `first` must be a multiple of `width`. Widths of whole spans are read from spans. Where nothing happened there is none.
    """
    found: list[Tally] = []
    at = first
    # The longest that fit, then shorter ones for what is not added up yet.
    for span in (LONG_S, SHORT_S):
        if width % span == 0:
            spans = await _tallies(db, _SPANS, at, end, span)
            found += spans
            at = max((tally.second + span for tally in spans), default=at)
    return _added(found + await _tallies(db, _SECONDS, at, end), width)


async def add_up(db: Connection, until: int) -> bool:
    """Adds up spans that ended before a second and are not added up yet. Returns whether there are more."""
    return await _add_up(db, SHORT_S, until) or await _add_up(db, LONG_S, until)


async def _add_up(db: Connection, width: int, until: int) -> bool:
    done = await db.rows("SELECT max(second) AS last FROM tick_spans WHERE width = $1", width)
    start = 0 if done[0]["last"] is None else done[0]["last"] + width
    if width == SHORT_S:
        left = await db.rows("SELECT min(second) AS first FROM ticks WHERE second >= $1", start)
    else:
        left = await db.rows(
            "SELECT min(second) AS first FROM tick_spans WHERE width = $2 AND second >= $1", start, SHORT_S
        )
    if left[0]["first"] is None:
        return False
    begin, last = left[0]["first"] // width * width, until // width * width
    end = min(begin + ADDED_AT_ONCE * width, last)
    if width == SHORT_S:
        found = await _tallies(db, _SECONDS, begin, end)
    else:
        found = await _tallies(db, _SPANS, begin, end, SHORT_S)
    rows = [(f"{width}|{second}", width, *_values(tally)) for second, tally in _added(found, width).items()]
    await db.insert("tick_spans", {"id": "text", "width": "int", **_VALUES}, rows, "ON CONFLICT (id) DO NOTHING")
    return bool(begin < end < last)


async def _tallies(db: Connection, sql: str, *args: int) -> list[Tally]:
    return [
        Tally(
            row["second"],
            row["submitted"],
            row["finished"],
            row["failed"],
            _numbers(row["waits"]),
            _numbers(row["runs"]),
        )
        for row in await db.rows(sql, *args)
    ]


def _added(tallies: Iterable[Tally], width: int) -> dict[int, Tally]:
    found: dict[int, Tally] = {}
    for tally in tallies:
        second = tally.second // width * width
        sum_ = found.setdefault(second, Tally(second))
        sum_.submitted += tally.submitted
        sum_.finished += tally.finished
        sum_.failed += tally.failed
        for into, counts in ((sum_.waits, tally.waits), (sum_.runs, tally.runs)):
            for bucket, count in counts.items():
                into[bucket] = into.get(bucket, 0) + count
    return found


def _values(tally: Tally) -> tuple[int | str, ...]:
    waits, runs = jsontext.dumps(tally.waits), jsontext.dumps(tally.runs)
    return tally.second, tally.submitted, tally.finished, tally.failed, waits, runs


async def forget(db: Connection) -> None:
    """Forgets all of them."""
    await db.run("DELETE FROM ticks")
    await db.run("DELETE FROM tick_spans")


async def prune(db: Connection, before: int) -> None:
    """Forgets seconds before one."""
    await db.run("DELETE FROM ticks WHERE second < $1", before)
    await db.run("DELETE FROM tick_spans WHERE second < $1", before)


def _numbers(text: str) -> dict[int, int]:
    return {int(bucket): count for bucket, count in jsontext.loads(text).items()}
