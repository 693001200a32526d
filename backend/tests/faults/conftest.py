"""The short form of the faults runs each story on one database; `--long` on both, with the figures of the plan."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.faulty import Scene, open_scene
from tests.support.proxy import RedisProxy
from tests.support.servers import RedisServer

LONGEST_S = 1_800


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "short_on(database): the database of a story's short form")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    here, is_long = Path(__file__).parent, config.getoption("--long")
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        if here in item.path.parents:
            for name in ("faults", "processes", "slow"):
                item.add_marker(name)
            if is_long:
                item.add_marker(pytest.mark.timeout(LONGEST_S))
        (kept if is_long or _is_short(item) else left_out).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left_out)


def _is_short(item: pytest.Item) -> bool:
    mark = item.get_closest_marker("short_on")
    return mark is None or not isinstance(item, pytest.Function) or item.callspec.params["database_url"] in mark.args


@pytest.fixture
def is_long(request: pytest.FixtureRequest) -> bool:
    """Whether the figures of the plan are wanted."""
    return bool(request.config.getoption("--long"))


@pytest.fixture
async def scene(database_url: str, own_redis: RedisServer, tmp_path: Path, is_long: bool) -> AsyncIterator[Scene]:
    async with open_scene(database_url, own_redis.url, tmp_path, is_long=is_long) as opened:
        yield opened


@pytest.fixture
async def proxy(own_redis: RedisServer) -> AsyncIterator[RedisProxy]:
    async with RedisProxy(own_redis.socket) as opened:
        yield opened


@pytest.fixture
async def behind(database_url: str, proxy: RedisProxy, tmp_path: Path, is_long: bool) -> AsyncIterator[Scene]:
    """A scene whose every process reaches Redis through the proxy."""
    async with open_scene(database_url, proxy.url, tmp_path, is_long=is_long) as opened:
        yield opened
