"""The benchmark of the API: what it asks is what the schema takes, and what it found stands in the page."""

from pathlib import Path

import pytest
from graphql import DocumentNode

from bench.api import pages, report, submits, subscribers
from bench.api.figures import Asked, Found, Live, Sizes, Submits, Took, percentiles
from rota.graphql.documents import prepared
from rota.graphql.schema import schema

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
    pages=[Asked("everything", Took(12.0, 8.0), None, Took(31.0, 9.0))],
    submits=[Submits("one at a time", 250.0, percentiles([4.0]))],
)


@pytest.mark.parametrize("document", [pages.LIST, pages.COUNTED, pages.HOPS, submits.DOCUMENT, subscribers.DOCUMENT])
def test_what_it_asks_is_taken(document: str) -> None:
    assert isinstance(prepared(schema, document), DocumentNode)


def test_what_was_found_stands_in_the_tables() -> None:
    text = report.tables([FOUND], Sizes(), "just bench-api")
    assert "| SQLite | 500 | 950 | 990 | 999 | 500 | 20,000 | 3 | 0.50 | 25 | 0.25 |" in text
    assert "| SQLite | 100 | 200 | 50 | 200 | 205 | 210 | 99 of 100 |" in text
    assert "| SQLite | one at a time | 250 | 4.0 | 4.0 | 4.0 |" in text
    assert "| everything | 12 (8) | – | **31** (9) |" in text  # what misses the aim is marked


def test_only_its_place_in_the_page_is_written(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    text = PAGE.read_text()
    page.write_text(text)
    report.write([FOUND], Sizes(), "just bench-api", page)
    assert "everything | 12 (8)" in page.read_text()
    for number in (0, -1):
        assert page.read_text().split("<!--")[0] == text.split("<!--")[0]
        assert page.read_text().split("-->")[number] == text.split("-->")[number]
    page.write_text("mine\n")
    with pytest.raises(ValueError, match="no place for the tables"):
        report.write([FOUND], Sizes(), "just bench-api", page)
