"""The benchmark of the API: what it asks is what the schema takes, and what it found stands in the page."""

import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import DocumentNode

from bench.api import lists, report, rows, submits, subscribers
from bench.api.figures import Asked, Found, Live, Sizes, Submits, Took, Whole, found_of, percentiles
from rota import ids, jsontext
from rota.clock import SystemClock
from rota.domain.states import FINAL, TaskStatus
from rota.graphql.documents import prepared
from rota.graphql.schema import schema
from rota.store import listing
from rota.store.database import Connection, Database, open_database
from rota.store.selection import TaskQuery

PAGE = Path(__file__).resolve().parents[3] / "docs" / "benchmarks-api.md"
FOUND = Found(
    "sqlite",
    live=Live(
        percentiles([float(ms) for ms in range(1_000)]),
        committed=30_000,
        frames=1_200_000,
        resets=3,
        memory_before=100.0,
        memory_watched=200.0,
        memory=[200.0] * 30 + [210.0] * 30,
        cpu=0.5,
        frame_us=24.8,
        clients_cpu=0.25,
        stalled_closed=99,
    ),
    pages=[
        Asked("everything", Took(9.0, 12.0, 8.0), None, Took(10.0, 31.0, 9.0)),
        Asked("a text", Took(9.0, 12.0, 8.0), whole=Whole(5, 12, 0.25)),
    ],
    waiting=[Asked("next to run", Took(9.0, 12.0, 30.5), Took(1.0, 2.0, 3.0))],
    submits=[Submits("one client", 250.0, percentiles([4.0]), 1.5, 0.8, 0.5)],
)


@pytest.mark.parametrize(
    "document",
    [
        *(lists.LIST, lists.COUNT, lists.OVERVIEW, lists.HISTORY, lists.QUEUE, lists.TRIVIAL),
        *(submits.DOCUMENT, submits.MANY, subscribers.DOCUMENT),
    ],
)
def test_what_it_asks_is_taken(document: str) -> None:
    assert isinstance(prepared(schema, document), DocumentNode)


def test_what_was_found_stands_in_the_tables() -> None:
    text = report.tables([FOUND], Sizes(), "just bench-api")
    assert "| SQLite | 500 | 950 | 990 | 999 | 500 | 20,000 | 3 | 0.50 | 25 | 0.25 |" in text
    assert "| SQLite | 100 | 200 | 50 | 200 | 205 | 210 | 99 of 100 |" in text
    assert "| SQLite | one client | 250 | 4.0 | 4.0 | 4.0 | 1.50 | 0.8 | 0.50 |" in text
    assert "| everything | 9 / 12 (8) | – | 10 / **31** (9) |" in text  # what misses the aim is marked
    assert "| a text | 12 | 5 | 0.25 |" in text
    assert "### Pages where 1,000,000 tasks wait, on SQLite" in text
    assert "| next to run | 9 / 12 (**30**) | 1 / 2 (3) | – |" in text


def test_what_was_found_can_be_kept_for_a_later_run() -> None:
    assert found_of(json.loads(json.dumps(asdict(FOUND)))) == FOUND
    bare = Found("postgres")
    assert found_of(json.loads(json.dumps(asdict(bare)))) == bare


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url) as opened:
        yield opened


async def test_the_large_table_is_what_rota_would_have_written(database: Database) -> None:
    owners = (ids.new_id(ids.USER), ids.new_id(ids.USER))
    platform: Any = SimpleNamespace(
        database=database, clock=SystemClock(), settings=SimpleNamespace(level_ms=3_600_000)
    )
    async with database.read() as db:
        before = await indexes(db)
    wanted = rows.Wanted(2_000, rows.USED, owners)
    newest = await rows.do(platform, wanted)
    assert await rows.do(platform, wanted) == newest  # not twice
    async with database.read() as db:
        assert await indexes(db) == before
        found = (await listing.page(db, TaskQuery(order="OLDEST_FIRST"), 3_000)).rows
        assert await listing.count(db, TaskQuery()) == len({task.id for task in found}) == len(found) == 2_000
        for task in found:
            assert ids.made_at(ids.parse_id(ids.TASK, task.id)) == task.created_at <= newest
            assert isinstance(jsontext.loads(task.args)["user"]["id"], int)
            assert (task.finished_at is None) == (TaskStatus(task.status) not in FINAL)
        for query in (
            TaskQuery(tags=("batch",)),
            TaskQuery(statuses=("FAILED",)),
            TaskQuery(owner_id=owners[0]),
            TaskQuery(owner_id=owners[1]),
            TaskQuery(priorities=(10,)),
        ):
            assert await listing.count(db, query) == len((await listing.page(db, query, 3_000)).rows) > 0
    with pytest.raises(RuntimeError, match="has 2,000 tasks, not 3,000"):
        await rows.do(platform, rows.Wanted(3_000, rows.USED, owners))


async def indexes(db: Connection) -> set[str]:
    """How all indexes of tasks are made."""
    asked = (
        "SELECT sql FROM sqlite_master WHERE tbl_name = 'tasks' AND type = 'index'"
        if db.is_sqlite
        else "SELECT indexdef AS sql FROM pg_indexes WHERE tablename = 'tasks'"
    )
    return {str(row["sql"]) for row in await db.rows(asked)}


def test_only_its_place_in_the_page_is_written(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    text = PAGE.read_text()
    page.write_text(text)
    report.write([FOUND], Sizes(), "just bench-api", page)
    assert "everything | 9 / 12 (8)" in page.read_text()
    for number in (0, -1):
        assert page.read_text().split("<!--")[0] == text.split("<!--")[0]
        assert page.read_text().split("-->")[number] == text.split("-->")[number]
    page.write_text("mine\n")
    with pytest.raises(ValueError, match="no place for the tables"):
        report.write([FOUND], Sizes(), "just bench-api", page)
