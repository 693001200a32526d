"""The one JSON codec."""

import dataclasses
import datetime
import decimal
import enum
import json
import math
import uuid
from typing import Any

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota import jsontext

BIG = 123456789012345678901234567890
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_everything_comes_back_exact(value: Any) -> None:
    assert jsontext.loads(jsontext.dumps(value)) == value


@pytest.mark.parametrize(
    "text", ["NaN", "[Infinity]", '{"a":', "", "[NaN, 1234567890123456789]", "1e999", "[1e999, 1234567890123456789]"]
)
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (two codecs, two messages)
        jsontext.loads(text)


@pytest.mark.parametrize("inside", ["", str(BIG)])  # both codecs
def test_what_is_nested_too_deeply_is_refused(inside: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (two codecs, two messages)
        jsontext.loads("[" * 5_000 + inside + "]" * 5_000)
    value: Any = BIG if inside else 1
    for _ in range(5_000):
        value = [value]
    with pytest.raises(TypeError):
        jsontext.dumps(value)


def test_both_codecs_take_the_same_depth() -> None:
    deepest: Any = []
    for _ in range(jsontext.DEEPEST - 2):
        deepest = [deepest]
    for first in (1, BIG):
        # Lists at the side, and what looks like some within a text, add nothing.
        value = [first, [], {"[[[[": ']\\"[['}, deepest]
        assert jsontext.loads(jsontext.dumps(value)) == value
        with pytest.raises(TypeError):
            jsontext.dumps([first, [deepest]])


def test_raw_text_is_written_untouched_beside_big_integers() -> None:
    assert jsontext.dumps({"a": jsontext.raw("1.0"), "b": 1}) == '{"a":1.0,"b":1}'
    assert json.loads(jsontext.dumps({"a": jsontext.raw(str(BIG)), "b": BIG})) == {"a": BIG, "b": BIG}


@dataclasses.dataclass
class Point:
    x: int
    when: datetime.date


@pytest.mark.parametrize("big", [1, BIG])  # both codecs
def test_common_values_have_a_form(big: int) -> None:
    value = {
        "point": Point(big, datetime.date(2026, 1, 2)),
        "price": decimal.Decimal("1.50"),
        "id": uuid.UUID(int=1),
        "tags": {"a"},
        "bytes": b"text",
    }
    assert jsontext.loads(jsontext.dumps(value)) == {
        "point": {"x": big, "when": "2026-01-02"},
        "price": "1.50",
        "id": str(uuid.UUID(int=1)),
        "tags": ["a"],
        "bytes": "text",
    }


def test_what_has_no_form_is_named() -> None:
    with pytest.raises(TypeError, match="object has no JSON form"):
        jsontext.dumps({"a": object()})


@pytest.mark.parametrize(
    "text", ['["\\ud800"]', '["\\uDC00", 12345678901234567890]', '{"\\ud800x": 12345678901234567890}']
)
def test_half_a_character_is_no_text(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (whichever codec's)
        jsontext.loads(text)


def test_a_character_of_two_halves_is_whole() -> None:
    assert jsontext.loads('["\\ud83d\\ude00", 12345678901234567890]') == ["😀", 12345678901234567890]


class Measured(pydantic.BaseModel):
    value: float


class Size(enum.Enum):
    ENDLESS = math.inf


@dataclasses.dataclass
class Reading:
    values: list[float]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (math.nan, "NaN"),
        ({"scores": [1.0, -math.inf, math.nan]}, "-Infinity at scores[1]"),
        ([{"a": (None, math.inf)}], "Infinity at [0].a[1]"),
        (Reading([math.nan]), "NaN at values[0]"),
        (Measured(value=math.nan), "NaN at value"),
        ({"size": Size.ENDLESS}, "Infinity at size"),
        ({math.nan: 1}, "NaN at a key of it"),
        ([None, 1.5, "NaN", {"a": Measured(value=1)}], None),
    ],
)
def test_what_is_no_number_is_found(value: object, words: str | None) -> None:
    assert jsontext.not_finite(value) == words
    # What is found would be null, without a word.
    assert "null" in jsontext.dumps(value)
