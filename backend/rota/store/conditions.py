"""Conditions on single values of a task's arguments, for SQL and for a row at hand."""

import re
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from rota import jsontext

# The way to a value (names of keys, places in lists), and the JSON texts of which it must be one.
# Plain tuples: an action on many tasks keeps its filter as JSON.
Condition = tuple[tuple[str | int, ...], tuple[str, ...]]

MOST_STEPS = 10
EXACT_FLOATS = 2**53
_STEP = r'(?:[^\s.:"\\\[\]]+|"[^"\\]+")(?:\[[0-9]{1,6}\])*'
PATH = rf"{_STEP}(?:\.{_STEP})*"
_PATH = re.compile(PATH)
_PART = re.compile(r'"([^"]+)"|\[([0-9]+)\]|([^.\[\]"]+)')


def steps_of(path: str) -> tuple[str | int, ...]:
    """`items[0].sku` as ("items", 0, "sku"); a key with a dot in it stands in quotes. Raises ValueError where it is no path."""
    if not _PATH.fullmatch(path):
        raise ValueError(f'{path!r} is no path to an argument; write user.id, items[0].sku, or "a.b" for such a key')
    steps = tuple(
        int(place) if place else quoted or word
        for quoted, place, word in (match.groups() for match in _PART.finditer(path))
    )
    if len(steps) > MOST_STEPS:
        raise ValueError(f"a path to an argument has at most {MOST_STEPS} steps; this has {len(steps)}")
    return steps


def texts_of(value: Any) -> tuple[str, ...]:
    """The JSON texts that mean a plain value: 2 is also 2.0. Raises ValueError for a list or an object."""
    if value is not None and not isinstance(value, str | int | float):
        raise ValueError("an argument is compared with a text, a number, true, false or null")
    text = jsontext.dumps(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) >= EXACT_FLOATS:
        return (text,)
    if isinstance(value, int):
        return (text, f"{text}.0")
    return (text, str(int(value))) if value.is_integer() else (text,)


def holds(args: str, conditions: Sequence[Condition]) -> bool:
    """Whether arguments, as JSON text, meet all conditions."""
    return not conditions or _holds(jsontext.loads(args), conditions)


def _holds(args: Any, conditions: Sequence[Condition]) -> bool:
    for steps, texts in conditions:
        try:
            value = reduce(_inside, steps, args)
        except LookupError:
            return False
        if isinstance(value, dict | list) or jsontext.dumps(value) not in texts:
            return False
    return True


def _inside(value: Any, step: str | int) -> Any:
    if isinstance(step, int):
        if isinstance(value, list):
            return value[step]
    elif isinstance(value, dict):
        return value[step]
    raise KeyError(step)


def sql(condition: Condition, column: str, param: Callable[[str], str], *, is_sqlite: bool) -> str:
    """The condition on a column of arguments; `param` keeps a parameter and answers its placeholder.

    Compares texts: arguments are kept as `jsontext` writes them, so that digits of any number are exact. The texts are
    looked for first, which is cheap; only rows that have one of them are parsed.
    """
    steps, texts = condition
    marks = [param(text) for text in texts]
    if is_sqlite:
        has = " OR ".join(f"instr({column}, {mark}) > 0" for mark in marks)
        path = "$" + "".join(f"[{step}]" if isinstance(step, int) else f'."{step}"' for step in steps)
        return f"(({has}) AND ({column} -> {param(path)}) IN ({', '.join(marks)}))"
    has = " OR ".join(f"strpos({column}, {mark}::text) > 0" for mark in marks)
    # PostgreSQL parses no text with an escaped NUL in it; that one would end the whole search.
    parsed = rf"replace({column}, '\u0000', '\u0001')::json"
    way = "".join(f" -> {step if isinstance(step, int) else f'{param(step)}::text'}" for step in steps)
    among = ", ".join(f"{mark}::text" for mark in marks)
    return f"(CASE WHEN {has} THEN ({parsed}{way})::text IN ({among}) ELSE false END)"
