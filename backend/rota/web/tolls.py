"""Who may read `/metrics`: everybody, this machine alone, or who has the token."""

import hmac
import ipaddress

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from rota.settings import Settings

NO_STORE = {"cache-control": "no-store"}


def refusal(settings: Settings, request: Request) -> Response | None:
    """The answer to who may not; None for who may."""
    if settings.metrics_token:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        is_right = hmac.compare_digest(given.strip().encode(), settings.metrics_token.encode())
        if scheme.lower() != "bearer" or not is_right:
            headers = {"www-authenticate": 'Bearer realm="metrics"', **NO_STORE}
            return PlainTextResponse("Send `Authorization: Bearer` with ROTA_METRICS_TOKEN.\n", 401, headers)
    elif settings.metrics_from == "loopback" and not _is_loopback(request):
        return PlainTextResponse("Metrics are for this machine alone (ROTA_METRICS_FROM).\n", 403, NO_STORE)
    return None


def _is_loopback(request: Request) -> bool:
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
