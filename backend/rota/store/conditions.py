"""Conditions on single values of a task's arguments, for SQL and for a row at hand."""

import re
from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Any

from pypika_tortoise.context import SqlContext
from pypika_tortoise.enums import Dialects
from pypika_tortoise.terms import Criterion, Term
from tortoise.expressions import Q, ResolveContext
from tortoise.query_utils import QueryModifier

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


class ArgumentIs(Q):
    """A condition as Tortoise takes it."""

    __slots__ = ("condition",)

    def __init__(self, condition: Condition) -> None:
        super().__init__()
        self.condition = condition

    def __bool__(self) -> bool:
        return True

    def resolve(self, resolve_context: ResolveContext) -> QueryModifier:
        """The part of a WHERE."""
        return QueryModifier(where_criterion=_Criterion(resolve_context.table.args, self.condition))


class _Criterion(Criterion):
    """Compares texts: arguments are kept as `jsontext` writes them, so that digits of any number are exact.

    The texts are looked for first, which is cheap; only rows that have one of them are parsed.
    """

    def __init__(self, column: Term, condition: Condition) -> None:
        super().__init__()
        self.column = column
        self.steps, self.texts = condition

    def nodes_(self) -> Iterator[Any]:
        yield self
        yield from self.column.nodes_()

    def get_sql(self, ctx: SqlContext) -> str:
        """The condition in the dialect at hand."""
        column = self.column.get_sql(ctx)
        if ctx.dialect == Dialects.SQLITE:
            has = " OR ".join(f"instr({column}, {_param(ctx, text)}) > 0" for text in self.texts)
            path = "$" + "".join(f"[{step}]" if isinstance(step, int) else f'."{step}"' for step in self.steps)
            return f"(({has}) AND ({column} -> {_param(ctx, path)}) IN ({self._params(ctx)}))"
        has = " OR ".join(f"strpos({column}, {_param(ctx, text)}::text) > 0" for text in self.texts)
        # PostgreSQL parses no text with an escaped NUL in it; that one would end the whole search.
        parsed = rf"replace({column}, '\u0000', '\u0001')::json"
        way = "".join(f" -> {step if isinstance(step, int) else f'{_param(ctx, step)}::text'}" for step in self.steps)
        return f"(CASE WHEN {has} THEN ({parsed}{way})::text IN ({self._params(ctx, '::text')}) ELSE false END)"

    def _params(self, ctx: SqlContext, cast: str = "") -> str:
        return ", ".join(f"{_param(ctx, text)}{cast}" for text in self.texts)


def _param(ctx: SqlContext, value: str) -> str:
    if ctx.parameterizer is None:
        raise RuntimeError("a condition needs parameters")
    return ctx.parameterizer.create_param(value).get_sql(ctx)
