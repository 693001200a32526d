"""A look at Redis for what is only shown: what it has not told soon is left out, so that lists come while it hangs, too."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rota.broker.client import REDIS_GONE
from rota.logs import get_logger

log = get_logger(__name__)
GLANCE_S = 2.0


@asynccontextmanager
async def glance(without: str, **facts: str) -> AsyncIterator[None]:
    """Ends the block where Redis is away or has not answered in time; the log then says `without` what goes on after it."""
    try:
        async with asyncio.timeout(GLANCE_S):
            yield
    except REDIS_GONE as error:
        log.warning(without, error=str(error), **facts)
