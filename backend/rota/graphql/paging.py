"""Keyset pages after the Relay specification: opaque cursors that know the order they belong to."""

import base64
import binascii

from rota import ids, jsontext
from rota.domain.errors import InvalidId
from rota.graphql.errors import BadUserInput

MOST = 200


def page_size(first: int | None, default: int) -> int:
    """A checked page size. Raises BadUserInput."""
    if first is None:
        return default
    if not 1 <= first <= MOST:
        raise BadUserInput(f"first must be 1 to {MOST}; it is {first}.")
    return first


def cursor_of(order: str, value: int, row_id: str) -> str:
    """The cursor after a row: its order, its sort value and its id."""
    return base64.urlsafe_b64encode(jsontext.dumpb([order, value, row_id])).decode().rstrip("=")


def parse_cursor(order: str, cursor: str | None, kind: str = ids.TASK) -> tuple[int, str] | None:
    """The sort value and the id, of this kind, that a cursor of this order keeps. Raises BadUserInput."""
    if cursor is None:
        return None
    try:
        kept = jsontext.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        belongs_to, value, row_id = kept
        ids.parse_id(kind, row_id)
    except (binascii.Error, ValueError, TypeError, AttributeError, InvalidId):
        raise BadUserInput("after is no cursor of this list; take one from a page's edges or pageInfo.") from None
    if belongs_to != order:
        raise BadUserInput(f"after belongs to a list in another order than {order}.")
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**63:
        raise BadUserInput("after is no cursor of this list; take one from a page's edges or pageInfo.")
    return value, row_id
