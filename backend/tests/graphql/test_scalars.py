"""Instants to the millisecond both ways, and JSON that is not touched."""

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from rota import jsontext
from rota.graphql.scalars import as_json, instant_text, parse_instant


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.001Z", 1),
        ("1970-01-01T00:00:00.0019Z", 1),  # finer fractions are cut off
        ("1970-01-01T00:00:00.123456789Z", 123),
        ("1970-01-01t01:00:00.5+01:00", 500),
        ("1969-12-31T23:59:59.999Z", -1),
        ("2026-11-25T09:30:00-00:30", 1_795_600_800_000),
    ],
)
def test_instants_are_read(text: str, at: int) -> None:
    assert parse_instant(text) == at


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "2026-11-25",
        "2026-11-25T09:30:00",  # which of the world's half past nines?
        "2026-11-25T09:30Z",
        "2026-11-25 09:30:00Z",
        "2026-02-30T00:00:00Z",
        "2026-11-25T24:00:01Z",
        "2026-11-25T09:30:60Z",
        "0000-01-01T00:00:00Z",
        "2026-11-25T09:30:00+99:00",
        "２026-11-25T09:30:00Z",
        1_795_600_800_000,
        1.5,
        True,
        [],
        {},
    ],
)
def test_what_is_no_instant_is_refused_with_an_example(value: object) -> None:
    with pytest.raises(GraphQLError, match="is no instant"):
        parse_instant(value)


@given(st.integers(min_value=-62_135_596_800_000, max_value=253_402_300_799_999))
def test_what_is_written_is_read_as_the_same(at: int) -> None:
    text = instant_text(at)
    assert len(text) == len("2026-11-25T09:30:00.000Z")
    assert parse_instant(text) == at


def test_json_is_written_as_the_text_that_was_kept() -> None:
    text = '{"b":1e5,"a":[12345678901234567890123],"c":0.10}'
    assert jsontext.dumps({"args": as_json(text)}) == f'{{"args":{text}}}'
    assert as_json(None) is None
