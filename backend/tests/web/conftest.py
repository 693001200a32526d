"""A served Rota for each test, on SQLite and Redis."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rota.domain.access import Role
from rota.settings import Settings
from tests.support.rota import settings_for
from tests.support.web import Account, Served, open_served


@pytest.fixture
def settings(sqlite_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return settings_for(sqlite_url, redis_url, tmp_path, port=0)


@pytest.fixture
def endless_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever holds up the end of the server does so for longer than a test waits."""
    monkeypatch.setattr("rota.web.server.GRACE_S", 600)


@pytest.fixture
async def served(settings: Settings) -> AsyncIterator[Served]:
    async with open_served(settings) as served:
        yield served


@pytest.fixture
async def alice(served: Served) -> Account:
    return await served.account()


@pytest.fixture
async def admin(served: Served) -> Account:
    return await served.account(Role.CLIENT, Role.ADMIN)
