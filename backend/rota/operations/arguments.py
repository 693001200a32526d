"""Checks a task's arguments against its function's JSON Schema before anything is written."""

import functools
from typing import Any

import jsonschema_rs

from rota import jsontext
from rota.domain.errors import Invalid

_Kind = jsonschema_rs.ValidationErrorKind


def check_arguments(function: str, schema_text: str, args: dict[str, Any]) -> None:
    """Raises Invalid at the first argument that the schema refuses; its path is `("args", name, ...)`."""
    validator = _validator(schema_text)
    if not validator.is_valid(args):
        raise Invalid(*_in_words(function, next(iter(validator.iter_errors(args)))))


@functools.lru_cache(maxsize=4096)
def _validator(schema_text: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(jsontext.loads(schema_text))


def _in_words(function: str, error: jsonschema_rs.ValidationError) -> tuple[str, tuple[str | int, ...]]:
    path = ("args", *error.instance_path)
    kind = error.kind
    if isinstance(kind, _Kind.Required):
        name = kind.property
        return f"{function} needs the argument {name!r}.", (*path, name)
    if isinstance(kind, _Kind.AdditionalProperties):
        name = kind.unexpected[0]
        return f"{function} takes no argument {name!r}.", (*path, name)
    return _sentence(error.message), path


def _sentence(text: str) -> str:
    short = text if len(text) <= 300 else text[:297] + "..."
    return short if short.endswith(".") else short + "."
