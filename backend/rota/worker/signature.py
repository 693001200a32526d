"""A function's signature as JSON Schema of named arguments, and the check of a task's arguments against it."""

import inspect
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Annotated, Any, NotRequired, Required

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError
from pydantic.json_schema import PydanticJsonSchemaWarning
from typing_extensions import TypedDict  # pydantic takes no other before Python 3.12

from rota.domain.lines import plain

SHOWN_FAULTS = 3
_KINDS = inspect.Parameter
_ARGS_SECTION = re.compile(r"^(?:Args|Arguments|Parameters):\s*$", re.MULTILINE)
_OTHER_SECTION = re.compile(r"^(?:Returns|Raises|Yields|Examples?|Notes?):\s*$", re.MULTILINE)
_ARG_LINE = re.compile(r"^\s+(\w+)(?:\s*\([^)]*\))?:\s*(.+)$")


class BadSignature(Exception):
    """A function that cannot be called with named JSON arguments; the text says why."""


class BadArguments(Exception):
    """Arguments that the function does not take; another attempt would not take them either."""


class Signature:
    """What a function takes, without its context."""

    def __init__(self, call: Callable[..., Any], *, takes_ctx: bool | None = None) -> None:
        """`takes_ctx` None: it does where its first parameter is named `ctx`. Raises BadSignature."""
        parameters = _parameters(call)
        if takes_ctx is None:
            takes_ctx = bool(parameters) and parameters[0].name == "ctx"
        if takes_ctx and not parameters:
            raise BadSignature("it takes no context; the first parameter of an arq function is ctx")
        self.takes_ctx = takes_ctx
        named = parameters[1:] if takes_ctx else parameters
        self.description, described = _described(call)
        self._positional = [one.name for one in named if one.kind is _KINDS.POSITIONAL_ONLY]
        self.names = [one.name for one in named if one.kind in (_KINDS.POSITIONAL_ONLY, _KINDS.POSITIONAL_OR_KEYWORD)]
        self._adapter = _adapter(call, named, described)
        self._validate = self._adapter.validator.validate_python
        self.schema = _schema(self._adapter)

    def bind(self, args: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """Positional and named arguments for the call, converted to the types that it names. Raises BadArguments."""
        try:
            named = self._validate(args)
        except ValidationError as error:
            raise BadArguments(_in_words(error)) from None
        if not self._positional:
            return [], named
        given = [name for name in self._positional if name in named]
        return [named.pop(name) for name in given], named

    def name_args(self, positional: tuple[Any, ...], named: Mapping[str, Any]) -> dict[str, Any]:
        """All arguments by name. Raises BadArguments where there are more than parameters, or one is given twice."""
        return name_args(self.names, positional, named)


def name_args(names: list[str], positional: tuple[Any, ...], named: Mapping[str, Any]) -> dict[str, Any]:
    """Positional arguments by the names of their parameters, with the named ones. Raises BadArguments."""
    if len(positional) > len(names):
        raise BadArguments(f"takes {len(names)} positional arguments, {len(positional)} were given")
    taken = dict(zip(names, positional, strict=False))
    twice = taken.keys() & named.keys()
    if twice:
        raise BadArguments(f"the argument {min(twice)!r} was given twice")
    return {**taken, **named}


def _parameters(call: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(call, eval_str=True).parameters.values())
    except NameError as error:
        raise BadSignature(f"an annotation names what is not defined: {error}") from error
    except (ValueError, TypeError, AttributeError, SyntaxError) as error:
        raise BadSignature(f"its signature cannot be read: {error}") from error


def _adapter(
    call: Callable[..., Any], parameters: list[inspect.Parameter], described: dict[str, str]
) -> TypeAdapter[dict[str, Any]]:
    fields: dict[str, Any] = {}
    extra = "forbid"
    for one in parameters:
        if one.kind is _KINDS.VAR_POSITIONAL:
            raise BadSignature(f"it takes *{one.name}; Rota calls functions with named arguments")
        if one.kind is _KINDS.VAR_KEYWORD:
            extra = "allow"
            continue
        fields[one.name] = _field(one, described.get(one.name))
    name = getattr(call, "__name__", type(call).__name__)
    shape = TypedDict(name, fields)  # type: ignore[misc]  # its fields are known only here
    shape.__pydantic_config__ = ConfigDict(extra=extra)  # type: ignore[attr-defined,typeddict-item]
    try:
        return TypeAdapter(shape)  # type: ignore[arg-type]
    except PydanticUserError as error:
        raise BadSignature(f"an argument's type has no JSON form: {str(error).splitlines()[0]}") from error
    except TypeError as error:
        raise BadSignature(f"an annotation is no type: {error}") from error


def _field(one: inspect.Parameter, description: str | None) -> Any:
    annotation = Any if one.annotation is _KINDS.empty else one.annotation
    if description and not _has_description(annotation):
        annotation = Annotated[annotation, Field(description=description)]
    if one.default is _KINDS.empty:
        return Required[annotation]
    if isinstance(one.default, str | int | float | bool | None):
        annotation = Annotated[annotation, Field(json_schema_extra={"default": one.default})]
    return NotRequired[annotation]


def _has_description(annotation: Any) -> bool:
    return any(getattr(extra, "description", None) for extra in getattr(annotation, "__metadata__", ()))


def _schema(adapter: TypeAdapter[dict[str, Any]]) -> dict[str, Any]:
    with warnings.catch_warnings():
        # A default without JSON form is only left out of what people see.
        warnings.simplefilter("ignore", PydanticJsonSchemaWarning)
        try:
            schema = adapter.json_schema()
        except PydanticUserError as error:
            raise BadSignature(f"an argument's type has no JSON Schema: {str(error).splitlines()[0]}") from error
    schema.setdefault("properties", {})
    return schema


def _described(call: Callable[..., Any]) -> tuple[str | None, dict[str, str]]:
    """The docstring without its sections, and what its `Args:` section says of each argument."""
    # A docstring that is not raw may hold a NUL by mistake.
    text = plain(inspect.getdoc(call) or "")
    if not text:
        return None, {}
    sections = _ARGS_SECTION.split(text, maxsplit=1)
    described: dict[str, str] = {}
    if len(sections) == 2:
        for line in _OTHER_SECTION.split(sections[1])[0].splitlines():
            found = _ARG_LINE.match(line)
            if found:
                described[found[1]] = found[2].strip()
    return _OTHER_SECTION.split(sections[0])[0].strip() or None, described


def _in_words(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    shown = [_fault(fault["loc"], fault["type"], fault["msg"]) for fault in faults[:SHOWN_FAULTS]]
    if len(faults) > SHOWN_FAULTS:
        shown.append(f"and {len(faults) - SHOWN_FAULTS} more")
    return "; ".join(shown)


def _fault(place: tuple[int | str, ...], kind: str, message: str) -> str:
    name = ".".join(str(part) for part in place) or "args"
    if kind == "missing":
        return f"the argument {name!r} is missing"
    if kind == "extra_forbidden":
        return f"it takes no argument {name!r}"
    return f"{name}: {message}"
