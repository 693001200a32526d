"""A scene in which something breaks: a platform to submit by, the processes that do the work, and the audit after it."""

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rota import jsontext
from rota.domain.tasks import NewTask
from rota.store import attempts, functions
from rota.store.models import Task
from rota.wiring import open_platform
from tests.support import ledger
from tests.support.fleet import Fleet
from tests.support.rota import ALICE, Rota, SetClock, settings_for

LOOK_EVERY_S = 0.05
WITHIN_S = 60.0
FINAL = frozenset({"SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED"})
# Outcomes of attempts that say nothing of the work: their worker was gone, or gave it back.
VOID = frozenset({"LOST", "RELEASED"})

# What may stay in Redis when all tasks have ended. Everything else that lies there was left over.
#   lease, config, epoch: the last lease number, how the queue is worked, since when this journal is kept
#   journal: the stream itself, without an entry
#   idle, claims, settles, offers, wake:...: of workers that are registered
#   {_workers}, {_changes}: who is there; announcements, of bounded number
#   {_submissions}: the stream of what functions enqueue, without an entry
MAY_STAY = re.compile(
    r"rota:\{default\}:(lease|config|epoch|journal|idle|claims|settles|offers|wake:worker_\w+)"
    r"|rota:\{_workers\}:(info|seen|catalogue|desired)"
    r"|rota:\{_changes\}:(stream|epoch)"
    r"|rota:\{_submissions\}:stream"
)
OF_WORKERS = ("idle", "claims", "settles", "offers")


class Audit(NamedTuple):
    """What was found: rows by task id, and the pieces of work that the ledger has, with how often."""

    tasks: dict[str, dict[str, Any]]
    attempts: list[dict[str, Any]]
    starts: Counter[int]
    ends: Counter[int]

    def outcomes(self) -> Counter[str]:
        return Counter(attempt["outcome"] for attempt in self.attempts)

    def statuses(self) -> Counter[str]:
        return Counter(task["status"] for task in self.tasks.values())


class Scene:
    """Submits, waits and audits; `acknowledged` holds what a submit has answered for."""

    def __init__(self, rota: Rota, fleet: Fleet, *, is_long: bool) -> None:
        self.rota = rota
        self.fleet = fleet
        self.is_long = is_long
        self.acknowledged: list[str] = []
        self.cancelled = 0  # by the test
        self.pieces = 0  # given by `next_piece`
        self._within_s = WITHIN_S * (10 if is_long else 1)

    async def offered(self, name: str = "noted") -> None:
        """Waits until a worker has offered a function and SQL knows it."""

        async def is_offered() -> bool:
            async with self.rota.platform.database.read() as db:
                return await functions.get(db, name) is not None

        await self.until(is_offered, f"the offer of {name}")

    async def offered_by_one(self) -> None:
        """Lets a worker offer its functions and go again, so that what is submitted waits."""
        await self.fleet.worker("herald")
        await self.offered()
        await self.fleet.stop("herald")

    def next_piece(self) -> int:
        """A number that no piece of work has yet."""
        self.pieces += 1
        return self.pieces - 1

    async def is_registered(self, name: str) -> bool:
        """Whether a worker of this name is in the register."""
        _, registered = await self.rota.platform.workers.roll()
        return any(worker.info["name"] == name for worker in registered)

    async def submit(self, wishes: Sequence[NewTask]) -> list[Task]:
        """What comes back is accepted."""
        tasks = await self.rota.platform.submission.submit(ALICE.user_id, wishes)
        self.acknowledged += [task.id for task in tasks]
        return tasks

    async def submit_pieces(self, count: int, seconds: float = 0.01, first: int = 0) -> list[Task]:
        """Pieces of work of one length, numbered from `first`."""
        return await self.submit([piece(number, seconds) for number in range(first, first + count)])

    def ended(self) -> int:
        """How many ends the ledger has."""
        return sum(line.what == "end" for line in ledger.read(self.fleet.ledger))

    async def until_ended(self, count: int) -> None:
        async def are_ended() -> bool:
            return self.ended() >= count

        await self.until(are_ended, f"{count} ends in the ledger")

    async def live(self) -> int:
        """How many tasks have not ended."""
        final = ", ".join(f"'{status}'" for status in sorted(FINAL))
        async with self.rota.platform.database.read() as db:
            (row,) = await db.rows(f"SELECT count(*) AS n FROM tasks WHERE status NOT IN ({final})")
        return int(row["n"])

    async def until_all_done(self) -> None:
        async def are_done() -> bool:
            return await self.live() == 0

        await self.until(are_done, "the end of all tasks")

    async def until(self, condition: Callable[[], Awaitable[Any]], what: str, within_s: float | None = None) -> Any:
        """Asks again and again until the condition gives something true, and returns that."""
        within_s = within_s or self._within_s
        found: Any = None
        try:
            async with asyncio.timeout(within_s):
                while not (found := await condition()):
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            raise AssertionError(f"waited {within_s:.0f} s for: {what}\n{self.fleet.logs()}") from None
        return found

    async def audit(self, *, cancelled: int = 0, died: int = 0, more_committed: bool = False) -> Audit:
        """The promises, after every story.

        `cancelled`: how many the test has cancelled; `died`: how often a process took itself down; `more_committed`:
        a submit may have been committed whose answer was lost.
        """
        await self.until_all_done()
        found = await self._found()
        accepted = set(self.acknowledged)
        assert len(accepted) == len(self.acknowledged), "an id was given twice"
        assert accepted <= found.tasks.keys() if more_committed else accepted == found.tasks.keys()
        _check_endings(found)
        await self._check_counts(found, cancelled)
        await self.until(self._is_clean, "an empty Redis; it held: " + ", ".join(await self._left_over()))
        self._check_processes(died)
        return found

    async def _found(self) -> Audit:
        tasks = await self.rota.all_tasks()
        async with self.rota.platform.database.read() as db:
            found = await attempts.of(db, [task["id"] for task in tasks])
        lines = ledger.read(self.fleet.ledger)
        return Audit(
            {task["id"]: task for task in tasks},
            [{name: getattr(one, name) for name in one._meta.db_fields} for some in found.values() for one in some],
            Counter(line.piece for line in lines if line.what == "start"),
            Counter(line.piece for line in lines if line.what == "end"),
        )

    async def _check_counts(self, found: Audit, cancelled: int) -> None:
        await self.rota.check_counters()
        async with self.rota.platform.database.read() as db:
            (row,) = await db.rows("SELECT sum(finished) AS n FROM ticks")
        assert int(row["n"] or 0) + cancelled == len(found.tasks), "each ending is counted once"

    def _check_processes(self, died: int) -> None:
        unasked = self.fleet.deaths - self.fleet.kills
        assert unasked.total() <= died, f"processes died that nobody killed: {unasked}\n{self.fleet.logs()}"

    async def _is_clean(self) -> bool:
        return not await self._left_over()

    async def _left_over(self) -> list[str]:
        redis, left = self.rota.redis, list[str]()
        keys = sorted([key.decode() async for key in redis.scan_iter(count=1000)])
        left += [key for key in keys if not MAY_STAY.fullmatch(key)]
        _, registered = await self.rota.platform.workers.roll()
        present = {worker.id.encode() for worker in registered}
        kept = {name: set(await redis.hkeys(self.rota.key(name))) for name in OF_WORKERS}
        left += [f"{name} of workers that are gone" for name, workers in kept.items() if workers - present]
        streams = (self.rota.key("journal"), self.rota.broker.keys.submissions())
        return left + [f"entries in {stream}" for stream in streams if await redis.xlen(stream)]


def piece(number: int, seconds: float | None = 0.01, function: str = "noted", **more: Any) -> NewTask:
    """A wish for a piece of work that writes into the ledger."""
    args = {"piece": number} | ({} if seconds is None else {"seconds": seconds})
    return NewTask(function=function, args=args, **more)


def _check_endings(found: Audit) -> None:
    """Every task has one ending, at most one outcome was accepted, and what is said to be done was done."""
    outcomes: dict[str, list[str]] = {task_id: [] for task_id in found.tasks}
    for attempt in found.attempts:
        assert attempt["outcome"] != "RUNNING", f"an attempt of {attempt['task_id']} never ended"
        outcomes[attempt["task_id"]].append(attempt["outcome"])
    for task_id, task in found.tasks.items():
        assert task["status"] in FINAL, task
        assert task["finished_at"] is not None, task
        won = outcomes[task_id].count("SUCCEEDED")
        assert won == (task["status"] == "SUCCEEDED"), (task, outcomes[task_id])
        if won:
            number = jsontext.loads(task["args"])["piece"]
            assert found.ends[number] >= 1, f"{task_id} is said to be done; it never was"
            if task["function"] != "signed":
                assert int(task["result"]) == number, task


@contextlib.asynccontextmanager
async def open_scene(
    database_url: str, redis_url: str, folder: Path, *, is_long: bool = False, **more: str
) -> AsyncIterator[Scene]:
    """A scene without any process yet."""
    settings = settings_for(database_url, redis_url, folder)
    clock = SetClock()
    async with (
        Fleet(settings, folder, **more) as fleet,
        open_platform(settings, clock) as platform,
        Rota(platform, clock) as rota,
    ):
        yield Scene(rota, fleet, is_long=is_long)
