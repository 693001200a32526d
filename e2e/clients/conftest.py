"""One served Rota for all clients, and an account that signs in by its password, its cookie or a token."""

from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
import pytest_asyncio

from rota.domain.access import Role, Viewer
from rota.operations import accounts
from rota.store.migrate import migrate
from rota.wiring import running
from tests.conftest import redis_server, servers
from tests.support.rota import settings_for
from tests.support.servers import RedisServer
from tests.support.web import Served, open_served

__all__ = ["redis_server", "servers"]

PASSWORD = "correct horse battery staple"


class Ada(NamedTuple):
    """Who asks, and where."""

    served: Served
    viewer: Viewer
    token: str
    cookie: str

    @property
    def url(self) -> str:
        return self.served.url

    @property
    def name(self) -> str:
        return self.viewer.username

    async def submit(self, count: int = 1) -> list[str]:
        """Submits tasks as her; their ids."""
        return [task.id for task in await self.served.rota.submit(count, by=self.viewer)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ada(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ada]:
    folder = tmp_path_factory.mktemp("clients")
    settings = settings_for(f"sqlite:///{folder / 'rota.sqlite3'}", redis_server.fresh_url(), folder, port=0)
    await migrate(settings.effective_database_url)
    async with open_served(settings) as served:
        user = await accounts.register(served.platform, "ada", PASSWORD, None, [Role.CLIENT], None)
        viewer = accounts.viewer_of(user)
        _, token = await accounts.create_token(served.platform, viewer, "clients", None)
        cookie = f"rota_session={await accounts.open_session(served.platform, user)}"
        async with running(served.rota.recorder.run()):
            yield Ada(served, viewer, token, cookie)
