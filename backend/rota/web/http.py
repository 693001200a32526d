"""GraphQL over HTTP, as the specification and its audit suite want it."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from strawberry.types.graphql import OperationType

from rota import jsontext
from rota.domain.errors import NotSignedIn
from rota.web import sessions
from rota.web.edge import Caller, Edge
from rota.web.requests import JSON, Refused, accepted, asked_of
from rota.web.shared import Answer, Runner, WrongOperation

RESULT = "application/graphql-response+json"
_BY_GET = frozenset({OperationType.QUERY})
_BY_POST = frozenset({OperationType.QUERY, OperationType.MUTATION})


class GraphQLOverHTTP:
    """The endpoint of queries and mutations."""

    def __init__(self, edge: Edge, runner: Runner) -> None:
        self._edge = edge
        self._runner = runner

    async def __call__(self, request: Request) -> Response:
        media = JSON
        try:
            media = accepted(request.headers.get("accept"), (RESULT, JSON), JSON)
            return await self._answer(request, media)
        except Refused as refused:
            return refusal(refused, request, media)

    async def _answer(self, request: Request, media: str) -> Response:
        caller = await caller_of(self._edge, request)
        asked = await asked_of(request, self._edge.persisted)
        context = self._edge.context(caller)
        try:
            answer = await self._runner.answer(asked, context, _BY_GET if request.method == "GET" else _BY_POST)
        except WrongOperation as wrong:
            raise wrong_operation(wrong) from None
        response = _written(answer.body, media, _status(answer, media))
        sessions.set_cookies(response, context, request)
        return response


async def caller_of(edge: Edge, request: Request) -> Caller:
    """Who sent a request. Raises Refused where it comes from a foreign page or with a token that is no good."""
    if not sessions.is_own_page(edge.platform.settings, request):
        raise Refused(403, "Pages of other sites may not call; ROTA_ALLOWED_ORIGINS names those that may.", "FORBIDDEN")
    try:
        signed_in = await sessions.caller_of(edge.platform, request)
    except NotSignedIn as error:
        raise Refused(401, error.message, error.code, www_authenticate="Bearer") from None
    return Caller(signed_in, request_id_of(request), sessions.address_of(request))


def wrong_operation(wrong: WrongOperation) -> Refused:
    """The refusal of an operation that came by the wrong way."""
    if wrong.kind is OperationType.SUBSCRIPTION:
        return Refused(400, "Subscribe over WebSocket (graphql-transport-ws) on /graphql, or by /graphql/stream.")
    return Refused(405, "Send mutations by POST.", allow="POST")


def refusal(refused: Refused, request: Request, media: str = JSON) -> Response:
    """A request that was not executed, in GraphQL's form."""
    extensions = {"code": refused.code, "requestId": request_id_of(request)}
    body = {"errors": [{"message": refused.message, "extensions": extensions}]}
    response = _written(body, media, refused.status)
    response.headers.update(refused.headers)
    return response


def request_id_of(request: Any) -> str:
    """The id that the log has of this request."""
    return str(request.scope["state"]["request_id"])


def _status(answer: Answer, media: str) -> int:
    # Older clients take anything but 200 for a broken connection; the newer media type says what happened.
    return 400 if answer.is_refused and media == RESULT else 200


def _written(body: Any, media: str, status: int) -> Response:
    headers = {"content-type": f"{media}; charset=utf-8", "cache-control": "no-store"}
    return Response(jsontext.dumpb(body), status, headers)
