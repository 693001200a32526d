"""What tests of the broker share."""

from collections.abc import AsyncIterator

import pytest

from tests.support.broker import Line


@pytest.fixture
async def line(redis_url: str) -> AsyncIterator[Line]:
    async with Line(redis_url) as line:
        yield line
