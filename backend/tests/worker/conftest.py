"""A queue for each test of the worker."""

from collections.abc import AsyncIterator

import pytest

from tests.support.working import Shop, shop


@pytest.fixture
async def line(redis_url: str) -> AsyncIterator[Shop]:
    """The default queue of an empty Redis."""
    async with shop(redis_url) as opened:
        yield opened
