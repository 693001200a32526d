"""The built page: kept in memory, compressed once, its hashed assets for ever and its entry never cached."""

import gzip
import hashlib
import mimetypes
import re
from pathlib import Path
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

import rota
from rota.web import nowhere

ENTRY = "index.html"
GRAPHIQL = "graphiql.html"  # a document of its own, at /graphiql
# Where the page has something to show, as in frontend/src/app/Routes.tsx.
ROUTES = (
    *(
        "/",
        "/tasks",
        "/tasks/:id",
        "/submit",
        "/queues",
        "/queues/:name",
        "/workers",
        "/pools",
        "/schedules",
        "/activity",
    ),
    *("/users", "/settings", "/system", "/signin", "/register"),
)
ASSETS = "assets/"  # Vite puts a hash of the content into each name in here
WORTH_COMPRESSING = 1024  # bytes
_OWN = re.compile("|".join(re.sub(r":\w+", "[^/]+", route.removeprefix("/")) for route in ROUTES))
_TEXTS = ("text/", "application/javascript", "application/json", "application/manifest+json", "image/svg+xml")
# What a machine's own table may lack or have wrong.
_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
    ".ico": "image/x-icon",
}
NOT_BUILT = """Rota's page is not built.

In a checkout:  npx -y rust-just page     (needs Node 20 or later), then load this again.
The API is up:  /graphql, /graphql/stream, /healthz, /readyz, /metrics
"""


class File(NamedTuple):
    """A file as it is sent."""

    body: bytes
    gzipped: bytes | None
    media: str
    etag: str
    is_immutable: bool


class Page:
    """The endpoint of everything that is not the API's. Only names that were found in the folder are served."""

    def __init__(self, folder: Path | None = None, *, with_graphiql: bool = True) -> None:
        self._folder = folder or find_folder()
        self._with_graphiql = with_graphiql
        self._files: dict[str, File] = {}
        self._built_at = 0.0

    async def __call__(self, request: Request) -> Response:
        self._look()
        name = request.path_params["path"]
        found = self._found(name)
        is_own = found is not None or _OWN.fullmatch(name.removesuffix("/")) is not None
        if request.method not in nowhere.READS:
            return nowhere.page_only(request) if is_own else nowhere.nothing(request)
        if not is_own and nowhere.is_for_programs(request):
            return nowhere.nothing(request)
        entry = self._files.get(ENTRY)
        if entry is None:
            return PlainTextResponse(NOT_BUILT, 503, {"cache-control": "no-store"})
        if not is_own:
            # The page itself says that it has nothing there.
            return Response(entry.body, 404, {"content-type": entry.media, "cache-control": "no-store"})
        return _sent(found or entry, request)

    def _found(self, name: str) -> File | None:
        if name in ("graphiql", GRAPHIQL):
            return self._files.get(GRAPHIQL) if self._with_graphiql else None
        return self._files.get(name)

    def _look(self) -> None:
        """Reads the folder where it was built anew since."""
        try:
            built_at = (self._folder / ENTRY).stat().st_mtime
        except OSError:
            built_at = 0.0
        if built_at != self._built_at:
            self._files = dict(_read(self._folder)) if built_at else {}
            self._built_at = built_at


def find_folder() -> Path:
    """Where the page is: inside the package as it was installed, else where the checkout builds it."""
    package = Path(rota.__file__).resolve().parent
    shipped = package / "web" / "static"
    return shipped if shipped.is_dir() else package.parents[1] / "frontend" / "dist"


def _read(folder: Path) -> list[tuple[str, File]]:
    real = folder.resolve()
    found = []
    for path in sorted(folder.rglob("*")):
        # A link that leads out of the folder is not part of the page.
        if path.is_file() and path.resolve().is_relative_to(real) and path.suffix != ".map":
            name = path.relative_to(folder).as_posix()
            found.append((name, _file(name, path.read_bytes())))
    return found


def _file(name: str, body: bytes) -> File:
    suffix = Path(name).suffix.lower()
    media = _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    is_text = media.startswith(_TEXTS)
    gzipped = gzip.compress(body, 9, mtime=0) if is_text and len(body) >= WORTH_COMPRESSING else None
    digest = hashlib.sha256(body).hexdigest()[:24]
    return File(body, gzipped, f"{media}; charset=utf-8" if is_text else media, f'"{digest}"', name.startswith(ASSETS))


def _sent(file: File, request: Request) -> Response:
    headers = {
        "etag": file.etag,
        "vary": "accept-encoding",
        "cache-control": "public, max-age=31536000, immutable" if file.is_immutable else "no-cache",
    }
    if file.etag in request.headers.get("if-none-match", "").replace("W/", ""):
        return Response(status_code=304, headers=headers)
    body = file.body
    if file.gzipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["content-encoding"] = file.gzipped, "gzip"
    return Response(body, headers={**headers, "content-type": file.media})
