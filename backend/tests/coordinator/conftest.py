"""What these tests share: a platform on a real Redis and each kind of database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.rota import Rota, open_rota, settings_for


@pytest.fixture
async def rota(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Rota]:
    async with open_rota(settings_for(database_url, redis_url, tmp_path)) as rota:
        yield rota
