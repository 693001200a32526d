"""Under which names this process may be asked. Any site can let its own name lead to this machine: such a name is not ours."""

import ipaddress
import re

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from rota.logs import get_logger
from rota.settings import Settings
from rota.web.http import refusal
from rota.web.requests import Refused

log = get_logger(__name__)

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d*)?", re.IGNORECASE | re.ASCII)
MISDIRECTED = 421
POLICY = 1008


class OwnNames:
    """Refuses what is asked under a foreign name, whatever the path.

    A browser takes such a page and this process for one origin, so neither cookies nor `Origin` tell them apart.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._allowed = allowed_hosts(settings)
        # On an address that others reach, anybody may call anyway: there only what is set binds.
        self._is_open = not self._allowed and not is_loopback(settings.host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or self._is_open or self._is_ours(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocket(scope, receive, send).close(POLICY)  # before it is accepted: answered with 403
        else:
            response = refusal(Refused(MISDIRECTED, _why(scope), "FORBIDDEN"), Request(scope))
            await response(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        host = _host(scope)
        if not host:  # HTTP/1.0; a browser always says one
            return True
        name = _name(host)
        is_ours = is_loopback(name) or name in self._allowed
        if not is_ours:
            log.warning("refused: asked under a name that is not ours", host=host[:100])
        return is_ours


def allowed_hosts(settings: Settings) -> frozenset[str]:
    """The names beside the loopback ones under which this process may be asked, in lower case."""
    return frozenset(_name(part) for part in settings.allowed_hosts.split(",") if part.strip())


def is_loopback(name: str) -> bool:
    """Whether a name or an address can only mean the machine that it is used on."""
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _host(scope: Scope) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")


def _name(host: str) -> str:
    """A Host header without its port; itself where it is none, so that it is nobody's."""
    found = _HOST.fullmatch(host.strip())
    return found[1].strip("[]").removesuffix(".").lower() if found else host


def _why(scope: Scope) -> str:
    return (
        f"Rota is not asked under the name {_name(_host(scope))[:100]!r} here: use 127.0.0.1 or localhost, "
        "or name it in ROTA_ALLOWED_HOSTS."
    )
