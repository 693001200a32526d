"""What happened, second by second and in spans: each event in one point of a chart, whatever was added up already."""

from rota.store import ticks
from rota.store.database import Connection, Database
from rota.store.ticks import LONG_S, SHORT_S, Tally

START = 1_700_000_100  # a whole number of long spans


async def fill(db: Connection, seconds: int) -> None:
    """One task submitted and one ended by each of two writers, each second."""
    for second in range(START, START + seconds):
        tally = Tally(second, submitted=1, finished=1, failed=second % 2)
        tally.waited([100])
        tally.ran([1_000])
        await ticks.save(db, "a", tally)
        await ticks.save(db, "b", tally)


async def add_up(db: Connection, until: int) -> None:
    while await ticks.add_up(db, until):
        pass


async def test_points_are_the_same_however_much_is_added_up(database: Database) -> None:
    seconds = 2 * LONG_S + 20
    end = START + seconds
    async with database.transaction() as db:
        assert await ticks.add_up(db, end) is False
        await fill(db, seconds)
        widths = (1, SHORT_S, 4 * SHORT_S, LONG_S)
        before = [await ticks.points(db, START, end, width) for width in widths]
        for until in (START + 100, START + LONG_S + 50, end):
            await add_up(db, until)
            assert [await ticks.points(db, START, end, width) for width in widths] == before
        kept = await db.rows("SELECT width, count(*) AS n FROM tick_spans GROUP BY width ORDER BY width")
    assert [tuple(row.values()) for row in kept] == [(SHORT_S, seconds // SHORT_S), (LONG_S, 2)]
    long = before[-1]
    assert [(at - START, one.submitted, one.failed) for at, one in long.items()] == [
        (0, 600, 300),
        (LONG_S, 600, 300),
        (2 * LONG_S, 40, 20),
    ]
    assert sum(long[START].waits.values()) == sum(long[START].runs.values()) == 600


async def test_a_pause_is_no_gap(database: Database) -> None:
    async with database.transaction() as db:
        await fill(db, SHORT_S)
        await add_up(db, START + LONG_S)
        later = START + 10 * LONG_S
        await ticks.save(db, "a", Tally(later, submitted=7))
        await add_up(db, later + LONG_S)
        found = await ticks.points(db, START, later + LONG_S, LONG_S)
    assert {at: one.submitted for at, one in found.items()} == {START: 2 * SHORT_S, later: 7}


async def test_spans_end_with_what_they_were_made_of(database: Database) -> None:
    async with database.transaction() as db:
        await fill(db, LONG_S)
        await add_up(db, START + LONG_S)
        await ticks.prune(db, START + SHORT_S)
        assert min(row["second"] for row in await db.rows("SELECT second FROM tick_spans")) == START + SHORT_S
        await ticks.forget(db)
        assert await ticks.points(db, START, START + LONG_S, LONG_S) == {}
