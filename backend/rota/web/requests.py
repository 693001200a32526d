"""What a request asks for: a GraphQL operation out of a body or a query string, or a clear refusal."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from starlette.requests import ClientDisconnect, Request

from rota import jsontext
from rota.web.persisted import NotPersisted, Persisted

MAX_BODY = 1024 * 1024  # bytes
MOST_DISCARDED = 8 * MAX_BODY
JSON = "application/json"
CLIENT_LEFT = 499  # what nginx writes into its log


class Asked(NamedTuple):
    """One operation as a client sent it."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None


class Refused(Exception):
    """A request that is not executed; `code` is the error's `extensions.code`."""

    def __init__(self, status: int, message: str, code: str = "BAD_USER_INPUT", **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class NoDocument(Refused):
    """A sound message whose document cannot be had by its hash. Where a connection carries more it is this operation's error."""


async def asked_of(request: Request, persisted: Persisted) -> Asked:
    """The operation of a GET or POST. Raises Refused."""
    if request.method == "GET":
        return asked_in(_from_query(request.query_params), persisted)
    _check_content_type(request.headers.get("content-type", ""))
    body = await _body(request)
    try:
        found = jsontext.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, "The body is not JSON.") from None
    if isinstance(found, list):
        raise Refused(
            400, "Batches are not taken: send one operation a request; submitTasks submits many tasks at once."
        )
    if not isinstance(found, dict):
        raise Refused(400, 'The body must be a JSON object: {"query": "...", "variables": {...}}.')
    return asked_in(found, persisted)


def asked_in(fields: Mapping[str, Any], persisted: Persisted) -> Asked:
    """The operation of a JSON object, whatever brought it. Raises Refused."""
    try:
        fields = persisted.completed(fields)
    except NotPersisted:
        # Clients go by these words, and take a status other than 200 for a broken connection.
        raise NoDocument(200, "PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND") from None
    except ValueError as error:
        raise NoDocument(400, str(error)) from None
    query, name = fields.get("query"), fields.get("operationName")
    variables, extensions = fields.get("variables"), fields.get("extensions")
    if not isinstance(query, str) or not query.strip():
        raise Refused(400, "query must be the text of a GraphQL document.")
    if name is not None and not isinstance(name, str):
        raise Refused(400, "operationName must be text or null.")
    for key, value in (("variables", variables), ("extensions", extensions)):
        if value is not None and not isinstance(value, dict):
            raise Refused(400, f"{key} must be an object or null.")
    return Asked(query, variables, name or None)


def accepted(header: str | None, offered: tuple[str, ...], default: str) -> str:
    """The offered media type that the Accept header likes best; `default` where it likes all the same. Raises Refused (406)."""
    if not header:
        return default
    best, best_quality = "", 0.0
    for part in header.split(","):
        media, *parameters = (word.strip().lower() for word in part.split(";"))
        quality = _quality(parameters)
        found = default if media in ("*/*", "application/*") and default in offered else media
        if found in offered and quality > best_quality:
            best, best_quality = found, quality
    if not best:
        raise Refused(406, f"The answer can be {' or '.join(offered)}.")
    return best


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _check_content_type(header: str) -> None:
    media, *parameters = (word.strip().lower() for word in header.split(";"))
    # Anything else a form on another site could send; this needs that site to be allowed first.
    if media != JSON:
        raise Refused(415, f"Send the operation as {JSON}.", accept=JSON)
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "charset" and value.strip('"') not in ("utf-8", "utf8"):
            raise Refused(415, "Send the body in UTF-8.", accept=f"{JSON}; charset=utf-8")


async def _body(request: Request) -> bytes:
    parts, size = [], 0
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > MOST_DISCARDED:
        raise _too_large()
    try:
        async for part in request.stream():
            size += len(part)
            if size > MOST_DISCARDED:
                raise _too_large()
            if size <= MAX_BODY:
                parts.append(part)
    except ClientDisconnect:
        # Nobody hears this; a page does so for each question that is open when its reader goes on.
        raise Refused(CLIENT_LEFT, "The client left before its request was there.") from None
    # What is somewhat too large is read to its end: a client that is still sending would not hear the answer.
    if size > MAX_BODY:
        raise _too_large()
    return b"".join(parts)


def _too_large() -> Refused:
    # The rest of the body may be unread: the connection cannot be used again.
    return Refused(413, f"The body is larger than {MAX_BODY // 1024} KiB.", connection="close")


def _from_query(query: Mapping[str, str]) -> dict[str, Any]:
    fields: dict[str, Any] = dict(query)
    for name in ("variables", "extensions"):
        if fields.get(name):
            try:
                fields[name] = jsontext.loads(fields[name])
            except ValueError:
                raise Refused(400, f"{name} is not JSON.") from None
        else:
            fields.pop(name, None)
    return fields
