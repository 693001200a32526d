"""Conditions on arguments: their paths, their values, and what they hold of."""

from typing import Any

import pytest

from rota import jsontext
from rota.store.conditions import holds, steps_of, texts_of


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("user.id", ("user", "id")),
        ("items[0].sku", ("items", 0, "sku")),
        ("grid[1][22]", ("grid", 1, 22)),
        ('"a.b"."c d"[3]', ("a.b", "c d", 3)),
        ("items.0", ("items", "0")),
    ],
)
def test_a_path_has_steps(path: str, steps: tuple[str | int, ...]) -> None:
    assert steps_of(path) == steps


@pytest.mark.parametrize("path", ["", ".", "a.", "a..b", "[0]", "a[x]", "a b", 'a"b', "a[", ".".join("abcdefghijk")])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        steps_of(path)


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        (True, ("true",)),
        (None, ("null",)),
        (2, ("2", "2.0")),
        (2.0, ("2.0", "2")),
        (2.5, ("2.5",)),
        (2**53, ("9007199254740992",)),
        (10**30, ("1" + "0" * 30,)),
        ("2", ('"2"',)),
    ],
)
def test_a_value_has_texts(value: Any, texts: tuple[str, ...]) -> None:
    assert texts_of(value) == texts


@pytest.mark.parametrize("value", [[1], {"a": 1}])
def test_lists_and_objects_are_no_values(value: Any) -> None:
    with pytest.raises(ValueError, match="compared"):
        texts_of(value)


ARGS = jsontext.dumps({"user": {"id": 123}, "items": [{"sku": "x"}], "big": 10**30, "share": 2.0})


@pytest.mark.parametrize(
    ("path", "value", "is_held"),
    [
        ("user.id", 123, True),
        ("user.id", "123", False),
        ("user", 123, False),
        ("items[0].sku", "x", True),
        ("items[1].sku", "x", False),
        ("items.0.sku", "x", False),
        ("user[0]", 1, False),
        ("big", 10**30, True),
        ("big", 10**30 + 1, False),
        ("share", 2, True),
    ],
)
def test_it_holds_of_a_row_at_hand(path: str, value: Any, is_held: bool) -> None:
    assert holds(ARGS, [(steps_of(path), texts_of(value))]) is is_held
    assert holds(ARGS, [(steps_of("user.id"), ("123",)), (steps_of(path), texts_of(value))]) is is_held
