"""One row for each second and writer: how much was submitted and ended, how long it waited and ran."""

from dataclasses import dataclass, field, replace

from rota import jsontext
from rota.domain.histogram import bucket_of
from rota.store.database import Connection

_COLUMNS = {
    "id": "text",
    "second": "bigint",
    "submitted": "int",
    "finished": "int",
    "failed": "int",
    "waits": "text",
    "runs": "text",
}
KEPT_S = 25 * 3600


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

    def waited(self, ms: int) -> None:
        bucket = bucket_of(ms)
        self.waits[bucket] = self.waits.get(bucket, 0) + 1

    def ran(self, ms: int) -> None:
        bucket = bucket_of(ms)
        self.runs[bucket] = self.runs.get(bucket, 0) + 1


async def save(db: Connection, shard: str, tally: Tally) -> None:
    """Writes a second as it stands; its writer keeps the whole of it in memory, so that this replaces."""
    row = (
        f"{tally.second}|{shard}",
        tally.second,
        tally.submitted,
        tally.finished,
        tally.failed,
        jsontext.dumps(tally.waits),
        jsontext.dumps(tally.runs),
    )
    sets = ", ".join(f"{name} = excluded.{name}" for name in ("submitted", "finished", "failed", "waits", "runs"))
    await db.insert("ticks", _COLUMNS, [row], f"ON CONFLICT (id) DO UPDATE SET {sets}")


async def add_submitted(db: Connection, shard: str, second: int, count: int) -> None:
    """Adds to what was submitted in a second, where nobody keeps it in memory; the shard must be written by this alone."""
    row = (f"{second}|{shard}", second, count, 0, 0, "{}", "{}")
    tail = "ON CONFLICT (id) DO UPDATE SET submitted = ticks.submitted + excluded.submitted"
    await db.insert("ticks", _COLUMNS, [row], tail)


async def since(db: Connection, second: int) -> list[Tally]:
    """All seconds from one on; several rows of a second where several processes wrote."""
    rows = await db.rows(
        "SELECT second, submitted, finished, failed, waits, runs FROM ticks WHERE second >= $1", second
    )
    return [
        Tally(
            row["second"],
            row["submitted"],
            row["finished"],
            row["failed"],
            _numbers(row["waits"]),
            _numbers(row["runs"]),
        )
        for row in rows
    ]


async def forget(db: Connection) -> None:
    """Forgets all of them."""
    await db.run("DELETE FROM ticks")


async def prune(db: Connection, before: int) -> None:
    """Forgets seconds before one."""
    await db.run("DELETE FROM ticks WHERE second < $1", before)


def _numbers(text: str) -> dict[int, int]:
    return {int(bucket): count for bucket, count in jsontext.loads(text).items()}
