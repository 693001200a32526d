"""How failures look to clients: foreseeable ones in payloads, coded ones at the top, the rest masked and logged."""

from collections.abc import Awaitable
from typing import Any, Protocol, TypeVar

import strawberry
from graphql import GraphQLError

from rota.domain.errors import InvalidId, NotAllowed, NotFound, NotSignedIn, RateLimited, RotaError, TooSlow
from rota.graphql.types.enums import ErrorCode
from rota.logs import get_logger

log = get_logger(__name__)

BAD_USER_INPUT = "BAD_USER_INPUT"
INTERNAL = "INTERNAL"
MASKED = "Something went wrong on our side. The request id finds it in the log."


class BadUserInput(RotaError):
    """A malformed cursor, page size or document: the program that asks is wrong, not its user."""

    code = BAD_USER_INPUT


# What goes to the top even from a mutation; every other RotaError there is the payload's.
TOP_LEVEL = (NotSignedIn, RateLimited, InvalidId, BadUserInput, TooSlow)


@strawberry.type(
    description='A foreseeable failure. `path` leads to the input field at fault, e.g. `["input", "priority"]`.'
)
class UserError:
    code: ErrorCode = strawberry.field(description="What kind of failure it was.")
    message: str = strawberry.field(description="What was wrong, and what is allowed, for people.")
    path: list[str] = strawberry.field(description="Leads to the input field at fault; empty where it is none.")


class Payload(Protocol):
    """A mutation's payload: a result or errors."""

    def __init__(self, *, errors: list[UserError]) -> None: ...


P = TypeVar("P", bound=Payload)


async def answered(payload: type[P], work: Awaitable[P], *under: str) -> P:
    """The payload that the work makes, or one with its foreseeable error; `under` is put before the error's path."""
    try:
        return await work
    except TOP_LEVEL:
        raise
    except RotaError as error:
        path = [*under, *map(str, error.path)] if error.path else []
        return payload(errors=[UserError(code=ErrorCode(error.code), message=error.message, path=path)])


def without_nul(name: str, text: str) -> str:
    """The text, checked for the one character that PostgreSQL does not keep. Raises BadUserInput."""
    if "\0" in text:
        raise BadUserInput(f"{name} must not contain a NUL character.")
    return text


def coded(error: GraphQLError, request_id: str) -> GraphQLError:
    """An error as a client may see it: with a code and the request's id; unexpected ones masked and logged."""
    cause = _cause(error)
    if cause is None:
        return _with(error, error.message, str((error.extensions or {}).get("code", BAD_USER_INPUT)), request_id)
    if isinstance(cause, RotaError):
        extra: dict[str, Any] = {}
        if isinstance(cause, RateLimited):
            extra["retryAfterSeconds"] = round(cause.retry_after_s, 3)
        if isinstance(cause, TooSlow):
            log.warning("a read took too long", request_id=request_id, path=error.path)
        return _with(error, cause.message, code_of(cause), request_id, **extra)
    log.error("unexpected error", request_id=request_id, path=error.path, exc_info=cause)
    return _with(error, MASKED, INTERNAL, request_id)


def code_of(error: RotaError) -> str:
    """The code under which a failure goes to the top."""
    if isinstance(error, NotSignedIn | RateLimited | NotAllowed | NotFound | TooSlow):
        return error.code
    return BAD_USER_INPUT


def _cause(error: GraphQLError) -> Exception | None:
    """What was raised, below the wrappings; None where the error is GraphQL's own."""
    cause: Exception | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _with(error: GraphQLError, message: str, code: str, request_id: str, **extra: Any) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={"code": code, "requestId": request_id, **extra},
    )


def all_coded(errors: list[GraphQLError], request_id: str) -> list[GraphQLError]:
    """These errors as a client may see them."""
    return [coded(error, request_id) for error in errors]
