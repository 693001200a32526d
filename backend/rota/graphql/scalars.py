"""The two scalars: instants as RFC 3339 in UTC, and JSON that passes through as the text it came as."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, NewType

import strawberry
from graphql import GraphQLError, ValueNode, value_from_ast_untyped
from strawberry.types.scalar import ScalarDefinition

from rota import jsontext

# An instant in ms since the epoch, shown as RFC 3339.
Instant = NewType("Instant", int)
# A JSON value: parsed on the way in; on the way out `jsontext.Raw`, or a plain value.
Json = NewType("Json", object)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_EXAMPLE = "2026-11-25T09:30:00.000Z"


def instant_text(at: int) -> str:
    """An instant (ms since the epoch) as RFC 3339 in UTC, to the millisecond."""
    return (_EPOCH + timedelta(milliseconds=at)).isoformat(timespec="milliseconds")[:-6] + "Z"


def parse_instant(value: Any) -> Instant:
    """RFC 3339 text as ms since the epoch; finer fractions are cut off. Raises GraphQLError."""
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        shown = jsontext.dumps(value) if isinstance(value, str | int | float) else type(value).__name__
        raise GraphQLError(
            f"{shown[:60]} is no instant: write RFC 3339 with seconds and an offset, like {_EXAMPLE!r}.",
            extensions={"code": "BAD_USER_INPUT"},
        )
    try:
        return Instant((datetime.fromisoformat(value.upper()) - _EPOCH) // _MILLISECOND)
    except (ValueError, OverflowError) as error:
        raise GraphQLError(
            f"{value!r} is no instant: {error}.", extensions={"code": "BAD_USER_INPUT"}, original_error=None
        ) from None


def as_json(text: str | None) -> Json | None:
    """Kept JSON text as a value that is written untouched; None stays None."""
    return None if text is None else Json(jsontext.raw(text))


def _json_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> Any:
    value = value_from_ast_untyped(node, variables)
    if odd := jsontext.not_finite(value):
        raise GraphQLError(
            f"{odd} cannot be kept as JSON: a number must be within the range of a 64-bit float.",
            extensions={"code": "BAD_USER_INPUT"},
        )
    return value


SCALARS: dict[object, ScalarDefinition] = {
    Instant: strawberry.scalar(
        name="DateTime",
        description=f"RFC 3339 instant in UTC, to the millisecond, like `{_EXAMPLE}`. Input may carry any offset.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=instant_text,
        parse_value=parse_instant,
    ),
    Json: strawberry.scalar(
        name="JSON",
        description="Any JSON value. Integers of any size stay exact.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
        serialize=lambda value: value,
        parse_value=lambda value: value,
        parse_literal=_json_literal,
    ),
}
