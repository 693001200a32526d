"""Identifiers: UUIDv7 shown as TypeIDs, so that ids of a kind sort by the instant they were made."""

import uuid

import uuid_utils
from typeid import TypeID
from typeid.errors import TypeIDException

from rota.domain.errors import InvalidId

TASK = "task"
ATTEMPT = "attempt"
WORKER = "worker"
POOL = "pool"
SUPERVISOR = "supervisor"
QUEUE = "queue"
USER = "user"
TOKEN = "token"
SCHEDULE = "schedule"
LIMIT = "limit"
BULK = "bulk"
ENTRY = "entry"

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in _DIGITS for second in _DIGITS]


def new_id(kind: str) -> str:
    """A new id of this kind, e.g. `task_01h455vb4pex5vsknk084sn02q`."""
    # As TypeID writes it, in half of its time: a submit of many makes tens of thousands a second.
    n, two = uuid_utils.uuid7().int, _PAIRS
    return (
        f"{kind}_{two[n >> 120]}{two[n >> 110 & 1023]}{two[n >> 100 & 1023]}{two[n >> 90 & 1023]}{two[n >> 80 & 1023]}"
        f"{two[n >> 70 & 1023]}{two[n >> 60 & 1023]}{two[n >> 50 & 1023]}{two[n >> 40 & 1023]}{two[n >> 30 & 1023]}"
        f"{two[n >> 20 & 1023]}{two[n >> 10 & 1023]}{two[n & 1023]}"
    )


def first_of(kind: str, at: int) -> str:
    """What no id of this kind that was made at or after this instant (ms since the epoch) sorts below."""
    return str(TypeID.from_uuid(uuid.UUID(int=max(at, 0) << 80), kind))  # type: ignore[arg-type]


def made_at(text: str) -> int:
    """When an id was made, ms since the epoch, by the clock of the machine that made it."""
    return TypeID.from_string(text).uuid.int >> 80


def attempt_id(task_id: str, number: int) -> str:
    """The id of a task's attempt: its suffix and the attempt's number."""
    return f"{ATTEMPT}_{task_id.partition('_')[2]}_{number}"


def kind_of(text: str) -> str:
    """The kind in front of an id. Raises InvalidId where the text is no id at all."""
    kind, _, rest = text.partition("_")
    if kind == ATTEMPT and rest.count("_") == 1:
        suffix, _, number = rest.partition("_")
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            raise InvalidId(text)
        _checked(f"{ATTEMPT}_{suffix}", text)
        return ATTEMPT
    return _checked(text, text)


def parse_id(kind: str, text: str) -> str:
    """The id, checked to be of this kind. Raises InvalidId."""
    if kind_of(text) != kind:
        raise InvalidId(text, kind)
    return text


def _checked(text: str, shown: str) -> str:
    try:
        return TypeID.from_string(text).prefix
    except TypeIDException as error:
        raise InvalidId(shown) from error
