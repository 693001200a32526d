"""The one JSON codec: fast where it can be, exact for integers of any size.

orjson is quick but turns integers beyond 64 bits into floats on the way in and refuses them on the way out;
those texts take the standard library's way.
"""

import dataclasses
import datetime
import decimal
import enum
import json
import math
import re
import uuid
from pathlib import PurePath
from typing import Any

import orjson

# 19 digits may overflow 64 bits; shorter runs never do. Looked for in a text of which only the digits are left, as zeros:
# twenty times as fast as a regular expression.
_DIGITS_ONLY = bytes(ord("0") if chr(code).isdecimal() and code < 128 else ord(" ") for code in range(256))
_LONG_NUMBER = b"0" * 19
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"')
_NO_BRACKETS = bytes(code for code in range(256) if code not in b"[]{}")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_OPTIONS = orjson.OPT_NON_STR_KEYS
# How deep lists and objects may stand in each other: orjson's own bound, for the standard library's way, too. Its bound hangs on
# how deep the caller stands: what a worker could write, the recorder might not read.
DEEPEST = 254


class Raw:
    """A value that is written as this JSON text, untouched."""

    __slots__ = ("text",)

    def __init__(self, text: str | bytes) -> None:
        self.text = text


def loads(text: str | bytes) -> Any:
    """Parses JSON text. Raises ValueError where it is not JSON (NaN and Infinity are not)."""
    data = text.encode() if isinstance(text, str) else text
    if _LONG_NUMBER not in data.translate(_DIGITS_ONLY):
        return orjson.loads(data)
    try:
        value = json.loads(data, parse_constant=_refuse_constant, parse_float=_finite)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if _SURROGATE.search(data):
        # Half a character, which no UTF-8 can hold: orjson refuses it, the standard library lets it through.
        json.dumps(value, ensure_ascii=False).encode()
    return value


def dumpb(value: Any) -> bytes:
    """JSON bytes of a value. Raises TypeError where it has no JSON form."""
    try:
        return orjson.dumps(value, default=_plain, option=_OPTIONS)
    except TypeError as error:
        if "64-bit" not in str(error):
            raise TypeError(str(error.__cause__ or error)) from None
    try:
        text = json.dumps(value, default=_plain_or_text, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    except RecursionError:
        raise TypeError("it is nested too deeply") from None
    data = text.encode()
    if _depth(data) > DEEPEST:
        raise TypeError("it is nested too deeply")
    return data


def dumps(value: Any) -> str:
    """JSON text of a value. Raises TypeError where it has no JSON form."""
    return dumpb(value).decode()


def _depth(data: bytes) -> int:
    """How deep lists and objects stand in each other in JSON text."""
    depth = deepest = 0
    for bracket in _TEXT.sub(b"", data).translate(None, _NO_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def not_finite(value: Any) -> str | None:
    """The first NaN or infinite number in a value that `dumps` takes, and where: `NaN at scores[2]`; None where there is none.

    `dumps` writes those as null, which JSON has in their place.
    """
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        where, one = waiting.pop()
        if isinstance(one, float):
            if not math.isfinite(one):
                return _named(one) + (f" at {where.removeprefix('.')}" if where else "")
        else:
            waiting.extend(reversed(_parts(where, one)))
    return None


def _parts(where: str, value: Any) -> list[tuple[str, Any]]:
    """What is inside a value, each with its place."""
    if hasattr(value, "model_dump"):
        value = value.model_dump()  # not as JSON: that has null for them already
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    elif isinstance(value, enum.Enum):
        return [(where, value.value)]
    if isinstance(value, dict):
        keys = [(f"a key of {where or 'it'}", key) for key in value if isinstance(key, float)]
        return keys + [(f"{where}.{key}", part) for key, part in value.items()]
    if isinstance(value, list | tuple | set | frozenset):
        return [(f"{where}[{index}]", part) for index, part in enumerate(value)]
    return []


def _named(number: float) -> str:
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def raw(text: str | bytes) -> Raw:
    """A value that is written as this JSON text, untouched."""
    return Raw(text)


def _plain(value: Any) -> Any:
    if isinstance(value, Raw):
        return orjson.Fragment(value.text)
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, decimal.Decimal | PurePath):
        return str(value)
    if isinstance(value, set | frozenset):
        return list(value)
    if isinstance(value, bytes):
        return value.decode()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _plain_or_text(value: Any) -> Any:
    """What orjson does by itself and the standard library does not."""
    if isinstance(value, Raw):
        return loads(value.text)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, uuid.UUID):
        return str(value)
    return _plain(value)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is beyond what a number holds")
    return number


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
