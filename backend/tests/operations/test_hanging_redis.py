"""While Redis takes commands and answers none, what is only shown comes without what Redis knows."""

import asyncio
from pathlib import Path

from rota.domain.limits import NewLimit
from rota.operations import limits, waiting
from rota.operations.workers import lane_counts
from tests.support.proxy import RedisProxy
from tests.support.rota import ADMIN, open_rota, settings_for
from tests.support.servers import RedisServer


async def test_what_is_shown_does_not_wait_for_a_redis_that_hangs(
    sqlite_url: str, own_redis: RedisServer, tmp_path: Path
) -> None:
    async with (
        RedisProxy(own_redis.socket) as proxy,
        open_rota(settings_for(sqlite_url, proxy.url, tmp_path)) as rota,
    ):
        platform = rota.platform
        (task,) = await rota.submit()
        limit = await limits.put(platform, ADMIN, NewLimit("default", "multiply", max_running=1))
        proxy.half_open()
        # Each gives up by itself: well before a command does.
        asked = asyncio.create_task(platform.broker.redis.ping())
        why, lanes, loads = await asyncio.gather(
            waiting.waiting_of(platform, [task]),
            lane_counts(platform, [("worker_x", ("default",))]),
            limits.loads(platform, [limit]),
        )
        assert not asked.done()
        proxy.heal()
        assert await asked
    assert (why[0].reason, why[0].position) == ("NO_WORKER", None)  # type: ignore[union-attr]
    assert lanes == [0]
    assert loads[0].running == 0
