"""The servers of the backend's tests."""

from tests.conftest import _sqlite_template, redis_server, redis_url, servers, sqlite_url
from tests.web.conftest import settings

__all__ = ["_sqlite_template", "redis_server", "redis_url", "servers", "settings", "sqlite_url"]
