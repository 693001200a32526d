"""Lists of tasks: page by page, and how many there are. What no index serves is looked through for a moment at a time."""

import asyncio
import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import NamedTuple

from rota.domain.states import LIVE, WAITING
from rota.store import counters
from rota.store.database import Connection
from rota.store.models import Task
from rota.store.selection import TAG, Place, Reach, Selection, TaskQuery

# Nobody reads so far; counting on would hold up others, on SQLite all of them.
MOST_COUNTED = 10_000
# A look at rows one by one ends about then, and is taken up again where it ended.
PATIENCE_S = 0.012
# rows; so many are looked at in any case: a small place answers whole, however busy its machine is
FIRST_LOOK = 8_000
MOST_LOOKED = 64_000
# What leads a list is counted so far; what has more is taken for so many.
FEW, MANY = 10_000, 100_000
_ASKED = {TAG: "tags", "worker_id": "worker_id", "owner_id": "owner_id", "function": "functions"}


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a page, whether more may follow, and where: after its last row, or after what was looked at in vain."""

    rows: list[Task]
    has_next: bool
    end: Place | None


class Total(NamedTuple):
    """How many match; at least so many where it is not exact."""

    amount: int
    is_exact: bool


async def page(db: Connection, wanted: TaskQuery, first: int) -> Page:
    """A keyset page: the rows after `wanted.after` in its order."""
    if await _has_none(db, wanted):
        return Page([], has_next=False, end=None)
    if wanted.is_walked:
        return await look(db, wanted, first, math.inf)
    wanted = await _narrowed(db, wanted, first)
    return _page(await _rows(db, wanted, first + 1), wanted, first)


async def look(db: Connection, wanted: TaskQuery, first: int, patience_s: float = PATIENCE_S) -> Page:
    """A page of what is looked through row by row, for a moment: it may hold fewer rows than there are, even none."""
    looks = _Looks(db, await _led(db, wanted), patience_s)
    found: list[Task] = []
    while (part := await looks.next()) is not None:
        found += await _rows(db, part.wanted, first + 1 - len(found), part.reach)
        if len(found) > first:
            return _page(found, wanted, first)
    if looks.place is None:
        return _page(found, wanted, first)
    return Page(found, has_next=True, end=looks.place)


async def count(db: Connection, wanted: TaskQuery, most: int | None = None) -> int:
    """How many match: from the counters where they know, else counted in SQL, no further than to one more than `most`."""
    known = await _counted(db, wanted)
    return await _amount(db, replace(wanted, after=None), most) if known is None else known


async def total(db: Connection, wanted: TaskQuery, most: int = MOST_COUNTED, patience_s: float = PATIENCE_S) -> Total:
    """How many match, as far as it can be counted in a moment, and no further than `most`."""
    if (known := await _counted(db, wanted)) is not None:
        return Total(known, is_exact=True)
    wanted = replace(wanted, after=None)
    if Selection(wanted, is_sqlite=db.is_sqlite).is_lead_alone:
        amount = await _amount(db, wanted, most)
        return Total(min(amount, most), amount <= most)
    looks = _Looks(db, await _led(db, wanted), patience_s)
    amount = 0
    while (part := await looks.next()) is not None:
        amount += await _amount(db, part.wanted, most - amount, part.reach)
        if amount > most:
            return Total(most, is_exact=False)
    return Total(amount, is_exact=looks.place is None)


class _Part(NamedTuple):
    wanted: TaskQuery
    reach: Reach | None


class _Looks:
    """Goes down a list part by part, each twice as long as the one before, until it ends or patience does."""

    def __init__(self, db: Connection, wanted: TaskQuery, patience_s: float) -> None:
        self._db = db
        self._wanted = wanted
        self._clock = asyncio.get_running_loop().time
        self._until = self._clock() + patience_s
        self._began = self._clock()
        self._rows = 0
        # Where the next part begins; None where the list has ended.
        self.place: Place | None = wanted.after
        self._has_ended = False

    async def next(self) -> _Part | None:
        """The next part; None where there is none, or where it would take too long."""
        if self._has_ended:
            return None
        now = self._clock()
        took_s, self._began = now - self._began, now
        # It takes twice as long as the last one did, where that was half of it.
        if self._rows and now + took_s * (2 if self._rows < MOST_LOOKED else 1) > self._until:
            return None
        self._rows = min(self._rows * 2, MOST_LOOKED) or FIRST_LOOK
        wanted = replace(self._wanted, after=self.place)
        self.place = await self._place(wanted)
        self._has_ended = self.place is None
        return _Part(wanted, None if self.place is None else Reach(self._rows, self.place))

    async def _place(self, wanted: TaskQuery) -> Place | None:
        """Where this part ends; None where the list ends before."""
        selection = Selection(wanted, is_sqlite=self._db.is_sqlite)
        found = await self._db.rows(selection.place(self._rows), *selection.args)
        return (found[0]["value"], found[0]["id"]) if found else None


def _page(found: list[Task], wanted: TaskQuery, first: int) -> Page:
    rows = found[:first]
    return Page(rows, len(found) > first, (sort_value(rows[-1], wanted.order), rows[-1].id) if rows else None)


async def _rows(db: Connection, wanted: TaskQuery, limit: int, reach: Reach | None = None) -> list[Task]:
    selection = Selection(wanted, reach, is_sqlite=db.is_sqlite)
    sql = selection.rows("tasks.*", limit)
    return [Task._init_from_db(**row) for row in await db.rows(sql, *selection.args)]  # noqa: SLF001


async def _amount(db: Connection, wanted: TaskQuery, most: int | None, reach: Reach | None = None) -> int:
    selection = Selection(wanted, reach, is_sqlite=db.is_sqlite)
    sql = selection.amount(most)
    [row] = await db.rows(sql, *selection.args)
    return int(row["n"])


async def _counted(db: Connection, wanted: TaskQuery) -> int | None:
    """What the counters know; None where they do not."""
    if not wanted.is_counted:
        return None
    statuses: Collection[str] = wanted.statuses
    if wanted.order == "NEXT_TO_RUN":
        statuses = LIVE.intersection(wanted.statuses) if wanted.statuses else WAITING
    is_any = not wanted.statuses and wanted.order != "NEXT_TO_RUN"
    return sum(
        amount
        for (queue, status, priority), amount in (await counters.totals(db)).items()
        if (is_any or status in statuses)
        and (not wanted.queues or queue in wanted.queues)
        and priority >= (wanted.priority_at_least or 0)
        and (not wanted.priorities or priority in wanted.priorities)
    )


async def _has_none(db: Connection, wanted: TaskQuery) -> bool:
    """Whether the counters know that nothing matches: found out by reading, that would take all that leads the list."""
    known = TaskQuery(
        statuses=wanted.statuses,
        queues=wanted.queues,
        priorities=wanted.priorities,
        priority_at_least=wanted.priority_at_least,
        order="NEXT_TO_RUN" if wanted.order == "NEXT_TO_RUN" else "NEWEST_FIRST",
    )
    is_led = wanted.sort_column is None and Selection(wanted, is_sqlite=db.is_sqlite).is_lead_alone
    return not is_led and known != TaskQuery() and await _counted(db, known) == 0


async def _led(db: Connection, wanted: TaskQuery) -> TaskQuery:
    """The list, led by what has the fewest tasks: where its filters have few in common, it is gone down to its end."""
    sizes = await _sizes(db, wanted)
    return replace(wanted, lead=min(sizes, key=lambda column: sizes[column])) if len(sizes) > 1 else wanted


async def _narrowed(db: Connection, wanted: TaskQuery, first: int) -> TaskQuery:
    """Led so too; and rows that do not stand in a second index are not even read, where that is less work."""
    sizes = await _sizes(db, wanted)
    if len(sizes) < 2:
        return wanted
    lead, *others = sorted(sizes, key=lambda column: sizes[column])
    wanted = replace(wanted, lead=lead)
    beside = next((column for column in others if column != TAG), None)
    if beside is None:
        return wanted
    pays = _pays_to_seek if db.is_sqlite else _pays_to_meet
    return replace(wanted, beside=beside) if await pays(db, wanted, sizes[lead], sizes[beside], first) else wanted


async def _pays_to_seek(db: Connection, _: TaskQuery, lead: int, beside: int, first: int) -> bool:
    """On SQLite: each row of what leads is sought in the other index, which costs a third of reading it."""
    return lead > first and beside * 3 < sum((await counters.totals(db)).values())


async def _pays_to_meet(db: Connection, wanted: TaskQuery, lead: int, beside: int, first: int) -> bool:
    """On PostgreSQL: all entries of both indexes are put together before a row is read; one takes an eighth of reading a row.

    What they have in common is read by its places, and sorted: some twice of that. Where nobody knows how much it is, they are not.
    """
    alone = replace(wanted, priorities=(), priority_at_least=None)
    found, shared = await _counted(db, wanted), await _counted(db, alone)
    if found is None or shared is None or {wanted.lead, "status", "queue"} != {"status", "queue"}:
        return False
    walked = lead if found <= first else lead * (first + 1) / found
    return walked > FIRST_LOOK and (lead + beside) / 8 + shared * 2 < walked


async def _sizes(db: Connection, wanted: TaskQuery) -> dict[str, int]:
    """How many tasks each of what may lead a list has; none where only one may."""
    leads = wanted.leads
    if len(leads) < 2:
        return {}
    totals = await counters.totals(db)
    sizes = {}
    for column in leads:
        if column in ("queue", "status"):
            sizes[column] = sum(n for key, n in totals.items() if leads[column] == key[column == "status"])
        else:
            found = await _amount(db, replace(TaskQuery(), **{_ASKED[column]: getattr(wanted, _ASKED[column])}), FEW)
            sizes[column] = found if found <= FEW else MANY
    return sizes


def sort_value(task: Task, order: str) -> int:
    """What a cursor keeps of a row besides its id."""
    if order == "NEXT_TO_RUN":
        return int(task.rank)
    return int(task.deadline_at or 0) if order == "DEADLINE" else 0
