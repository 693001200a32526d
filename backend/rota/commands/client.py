"""A small GraphQL client for the command line: one call, or one stream of server-sent events."""

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any, Self

import httpx

from rota import jsontext
from rota.commands.connection import ClientError, Connection
from rota.domain.hints import there_are

# The server says something at least each 12 s; one that is silent for longer is gone without a word.
LIVE = httpx.Timeout(40, connect=5)


class Unreachable(ClientError):
    """The server does not answer, or stopped in the middle; it may be back in a moment."""


class Client:
    """Calls one Rota server; use as a context manager."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._http = httpx.Client(
            base_url=connection.url,
            headers={"Authorization": f"Bearer {connection.token}"},
            timeout=httpx.Timeout(30, connect=5),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def call(self, document: str, **variables: Any) -> dict[str, Any]:
        """The `data` of one operation. Raises ClientError with the server's words."""
        with self._words_for_faults():
            response = self._http.post(
                "/graphql",
                content=jsontext.dumpb({"query": document, "variables": variables}),
                headers={"Content-Type": "application/json", "Accept": "application/graphql-response+json"},
            )
        return _data(response.content)

    def stream(self, document: str, **variables: Any) -> Iterator[dict[str, Any]]:
        """The `data` of each event of a subscription, until the server completes it."""
        body = jsontext.dumpb({"query": document, "variables": variables})
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
        with (
            self._words_for_faults(),
            self._http.stream("POST", "/graphql/stream", content=body, headers=headers, timeout=LIVE) as response,
        ):
            if response.status_code != httpx.codes.OK:
                _data(response.read())
            yield from _events(response.iter_lines())

    @contextlib.contextmanager
    def _words_for_faults(self) -> Iterator[None]:
        try:
            yield
        except httpx.HTTPError as error:
            raise Unreachable(f"Rota at {self._connection.url} does not answer ({error}); is it running?") from error


def _events(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    event, data = "", ""
    for line in lines:
        if line.startswith("event:"):
            event = line[6:].strip()
        elif line.startswith("data:"):
            data += line[5:].strip()
        elif not line:
            if event == "complete":
                return
            if event == "next":
                yield _data(data)
            event, data = "", ""


def _data(body: str | bytes) -> dict[str, Any]:
    try:
        answer = jsontext.loads(body)
    except ValueError as error:
        raise ClientError("That address answers, but not as Rota does.") from error
    if answer.get("errors"):
        raise ClientError("; ".join(error.get("message", "?") for error in answer["errors"]))
    data: dict[str, Any] = answer["data"]
    return data


def raise_for(payload: dict[str, Any]) -> None:
    """Raises ClientError where a mutation's payload carries errors."""
    errors = payload.get("errors") or []
    if errors:
        raise ClientError("; ".join(_placed(error) for error in errors))


def choice(what: str, given: str, allowed: Iterable[str]) -> str:
    """One of the words that are allowed, given in any case, with dashes or underscores. Raises ClientError."""
    word = given.strip().upper().replace("-", "_")
    if word not in (known := list(map(str, allowed))):
        raise ClientError(f"There is no {what} {given!r}; {there_are(word, known)}")
    return word


def _placed(error: dict[str, Any]) -> str:
    place = ".".join(part for part in error.get("path", []) if part != "input")
    message = str(error["message"])
    # Most messages begin with the field that is wrong.
    return f"{place}: {message}" if place and not message.startswith(f"{place} ") else message
