"""The answer where nothing stands: to a browser the page, which says so in its words; to a program what there is instead."""

import re

from starlette.requests import Request
from starlette.responses import Response

from rota import jsontext
from rota.web.http import request_id_of
from rota.web.requests import JSON

READS = ("GET", "HEAD")
# What stands at other paths, and by which methods: a route that takes any would take theirs too.
API = {
    "graphql": "GET, HEAD, POST",
    "graphql/stream": "GET, HEAD, POST",
    "healthz": "GET, HEAD",
    "readyz": "GET, HEAD",
    "metrics": "GET, HEAD",
}
# What people try before they have read anything; a browser that is led there is shown the same.
_API_LIKE = re.compile(
    r"(api|rest|rpc|v\d+|query|queries|graphql|subscriptions|openapi|swagger|health|healthcheck|livez|ready|status)\b",
    re.IGNORECASE,
)
_LIKE_AN_ID = re.compile(r"[A-Za-z0-9_-]{1,60}", re.ASCII)
INSTEAD = (
    "Rota's API is GraphQL, all of it, and there is no REST: queries and mutations by POST /graphql, subscriptions over "
    "WebSocket on /graphql or as server-sent events from /graphql/stream; GraphiQL, where it is on, stands at /graphiql. Besides "
    "there are /healthz, /readyz and /metrics."
)
# By the noun in a path.
LISTS = {
    "tasks": "{ tasks(first: 10) { nodes { id title status } } }",
    "queues": "{ queues { name depth runningCount } }",
    "workers": "{ workers { name status runningCount } }",
    "pools": "{ pools { name minWorkers maxWorkers } }",
    "functions": "{ functions { name description argsSchema } }",
    "schedules": "{ schedules(first: 10) { nodes { id name } } }",
    "users": "{ users(first: 10) { nodes { id username roles } } }",
    "metrics": "{ metrics { activeWorkers submittedPerSecond finishedPerSecond } }",
}
ONE_TASK = "query ($id: ID!) { task(id: $id) { title status result error { message } } }"
SUBMIT = (
    "mutation ($input: SubmitTaskInput!) { submitTask(input: $input) { task { id } errors { code message path } } }"
)
SUBMITTED = {"input": {"function": "multiply", "args": {"a": 6, "b": 7}}}


def is_for_programs(request: Request) -> bool:
    """Whether a program asks, or somebody who looks for the API."""
    is_browser = request.method in READS and "text/html" in request.headers.get("accept", "")
    return not is_browser or _API_LIKE.match(request.path_params["path"]) is not None


def nothing(request: Request) -> Response:
    """404, in GraphQL's form, with what there is instead; 405 where there is something, by other methods."""
    path = request.path_params["path"]
    if path in API:
        message = f"{request.method} is nothing that /{path} takes. {INSTEAD}"
        return _refused(request, 405, "BAD_USER_INPUT", message, allow=API[path])
    return _refused(request, 404, "NOT_FOUND", f"There is nothing at {request.url.path[:200]}. {INSTEAD}")


def page_only(request: Request) -> Response:
    """405: there the page stands, and nothing else."""
    message = f"{request.url.path[:200]} is a page to look at. {INSTEAD}"
    return _refused(request, 405, "BAD_USER_INPUT", message, allow="GET, HEAD")


def _refused(request: Request, status: int, code: str, message: str, **headers: str) -> Response:
    extensions: dict[str, object] = {"code": code, "requestId": request_id_of(request)}
    if example := example_for(request.method, request.path_params["path"]):
        extensions["example"] = {"method": "POST", "path": "/graphql", "body": example}
    body = jsontext.dumpb({"errors": [{"message": message, "extensions": extensions}]})
    return Response(body, status, {"content-type": JSON, "cache-control": "no-store", **headers})


def example_for(method: str, path: str) -> dict[str, object] | None:
    """What to send instead, where the path names something that the API has."""
    names = [name for name in path.lower().split("/") if name]
    nouns = [f"{name.removesuffix('s')}s" if f"{name.removesuffix('s')}s" in LISTS else name for name in names]
    if not nouns:
        return None
    if "tasks" in nouns and method == "POST":
        return {"query": SUBMIT, "variables": SUBMITTED}
    if nouns[-1] in LISTS:
        return {"query": LISTS[nouns[-1]]}
    last = path.rstrip("/").rpartition("/")[2]
    if nouns[-2:-1] == ["tasks"] and _LIKE_AN_ID.fullmatch(last):
        return {"query": ONE_TASK, "variables": {"id": last}}
    return None
