"""Who calls: cookies and bearer tokens become SignedIn; and whether a browser's request comes from our own pages."""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from rota.domain.errors import NotSignedIn
from rota.graphql.context import Context
from rota.operations import accounts
from rota.operations.accounts import SignedIn
from rota.operations.platform import Platform
from rota.settings import Settings

COOKIE = "rota_session"
# A browser takes a cookie of this name only over TLS and from this very host: no neighbour can plant one.
SECURE_COOKIE = "__Host-rota_session"
# As long as browsers keep one. When a session ends the server knows: it is prolonged there with each use, here it is not.
COOKIE_AGE_S = 400 * 24 * 3600
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


async def caller_of(platform: Platform, connection: HTTPConnection) -> SignedIn | None:
    """Who calls; None for anybody. An ended session is nobody's. Raises NotSignedIn where a token is given and no good."""
    header = connection.headers.get("authorization")
    if header is not None:
        return await by_authorization(platform, header)
    secret = connection.cookies.get(cookie_name(platform.settings, connection))
    return await accounts.by_session(platform, secret) if secret else None


async def by_authorization(platform: Platform, header: str) -> SignedIn:
    """Who holds this token: `Bearer rota_...`. Raises NotSignedIn."""
    scheme, _, secret = header.strip().partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NotSignedIn("Write the API token as `Authorization: Bearer rota_...`.")
    signed_in = await accounts.by_token(platform, secret.strip())
    if signed_in is None:
        raise NotSignedIn("This API token is unknown, has expired or was revoked.")
    return signed_in


def set_cookies(response: Response, context: Context, connection: HTTPConnection) -> None:
    """Does what login and logout noted: gives the browser its session's secret, or takes it away."""
    settings = context.platform.settings
    name, is_secure = cookie_name(settings, connection), is_tls(settings, connection)
    if context.new_session is not None:
        response.set_cookie(
            name, context.new_session, max_age=COOKIE_AGE_S, path="/", httponly=True, samesite="lax", secure=is_secure
        )
    elif context.ends_session:
        response.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=is_secure)


def cookie_name(settings: Settings, connection: HTTPConnection) -> str:
    """The name of the session's cookie on this connection."""
    return SECURE_COOKIE if is_tls(settings, connection) else COOKIE


def is_tls(settings: Settings, connection: HTTPConnection) -> bool:
    """Whether cookies are to be marked Secure."""
    if settings.secure_cookies == "auto":
        return connection.url.scheme in ("https", "wss")
    return settings.secure_cookies == "always"


def is_own_page(settings: Settings, connection: HTTPConnection) -> bool:
    """False where a browser says that a page of another site sent this; programs say nothing and may."""
    origin = connection.headers.get("origin")
    if origin is not None:
        return _is_same(origin, connection.headers.get("host", "")) or origin in allowed_origins(settings)
    return connection.headers.get("sec-fetch-site", "none") in ("none", "same-origin")


def allowed_origins(settings: Settings) -> list[str]:
    """The further origins that may call, e.g. `https://dashboard.example.com`."""
    return [origin.strip().rstrip("/") for origin in settings.allowed_origins.split(",") if origin.strip()]


def address_of(connection: HTTPConnection) -> str:
    """Where the call comes from, as far as it is known."""
    return connection.client.host if connection.client else ""


def _is_same(origin: str, host: str) -> bool:
    """Whether an origin is the host that was asked. A proxy may have taken the TLS off: the scheme does not count."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    default = _DEFAULT_PORTS.get(parts.scheme, "")
    return bool(parts.netloc and default) and (parts.netloc.removesuffix(default) == host.lower().removesuffix(default))
