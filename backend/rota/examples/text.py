"""Text: counting words, and what a table of comma-separated values holds."""

import collections
import csv
import io
import math
import re
import statistics
from typing import Annotated, TypedDict

from pydantic import Field

import rota

WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
MOST_COMMON = 10
MAX_COLUMNS = 200

Text = Annotated[str, Field(description="The text.", max_length=200_000)]
Table = Annotated[
    str,
    Field(description="Comma-separated values; the first line names the columns.", min_length=1, max_length=200_000),
]


class Words(TypedDict):
    """Counts of a text; `most_common` holds words in lower case with how often they occur."""

    characters: int
    lines: int
    words: int
    different_words: int
    most_common: list[tuple[str, int]]


class Column(TypedDict, total=False):
    """One column of a table; the figures are there where all of its values are numbers."""

    name: str
    kind: str
    filled: int
    empty: int
    different: int
    smallest: float
    largest: float
    mean: float
    median: float


class Summary(TypedDict):
    """A table's size and its columns."""

    rows: int
    columns: list[Column]


@rota.function(example={"text": "the quick brown fox jumps over the lazy dog"})
def word_count(text: Text) -> Words:
    """Count the characters, lines and words of a text, and name its most common words."""
    words = [word.casefold() for word in WORD.findall(text)]
    counted = collections.Counter(words)
    return Words(
        characters=len(text),
        lines=len(text.splitlines()),
        words=len(words),
        different_words=len(counted),
        most_common=sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_COMMON],
    )


@rota.function(example={"text": "city,people\nParis,2102650\nLyon,522250\nNice,348085\n"})
def csv_summary(text: Table) -> Summary:
    """Summarise a table: its rows, and for each column what it holds, with figures where it holds numbers."""
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), strict=True)
    try:
        lines = [line for line in reader if line]
    except csv.Error as error:
        raise rota.Fatal(f"line {reader.line_num} is no comma-separated text: {error}") from error
    if not lines:
        raise rota.Fatal("the table has no line")
    names, rows = lines[0], lines[1:]
    if len(names) > MAX_COLUMNS:
        raise rota.Fatal(f"the table has {len(names)} columns, the limit is {MAX_COLUMNS}")
    for number, row in enumerate(rows, start=2):
        if len(row) != len(names):
            raise rota.Fatal(f"row {number} has {len(row)} values, the first line names {len(names)} columns")
    columns = [_column(name, [row[index].strip() for row in rows]) for index, name in enumerate(names)]
    return Summary(rows=len(rows), columns=columns)


def _column(name: str, values: list[str]) -> Column:
    filled = [value for value in values if value]
    column = Column(
        name=name.strip(),
        kind="text" if filled else "empty",
        filled=len(filled),
        empty=len(values) - len(filled),
        different=len(set(filled)),
    )
    numbers = [_number(value) for value in filled]
    known = [number for number in numbers if number is not None]
    if known and len(known) == len(numbers):
        figures = Column(
            kind="number",
            smallest=min(known),
            largest=max(known),
            mean=statistics.fmean(known),
            median=statistics.median(known),
        )
        column.update(figures)
    return column


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
