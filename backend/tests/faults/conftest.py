"""The short form of the faults runs each story on one database; `--long` on both, with the figures of the plan.

Either ends with a table of the stories: on which database, how many tasks, how many faults, how long, and the result.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.faulty import Scene, open_scene
from tests.support.proxy import RedisProxy
from tests.support.servers import RedisServer

LONGEST_S = 1_800
# The name under which a report carries what its story did: tasks, and processes killed and replies dropped.
DID = "did"


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
async def scene(
    database_url: str, own_redis: RedisServer, tmp_path: Path, is_long: bool, request: pytest.FixtureRequest
) -> AsyncIterator[Scene]:
    async with open_scene(database_url, own_redis.url, tmp_path, is_long=is_long) as opened:
        yield opened
        note(request, opened)


@pytest.fixture
async def proxy(own_redis: RedisServer) -> AsyncIterator[RedisProxy]:
    async with RedisProxy(own_redis.socket) as opened:
        yield opened


@pytest.fixture
async def behind(
    database_url: str, proxy: RedisProxy, tmp_path: Path, is_long: bool, request: pytest.FixtureRequest
) -> AsyncIterator[Scene]:
    """A scene whose every process reaches Redis through the proxy."""
    async with open_scene(database_url, proxy.url, tmp_path, is_long=is_long) as opened:
        yield opened
        note(request, opened, proxy.dropped.total())


def note(request: pytest.FixtureRequest, scene: Scene, dropped: int = 0) -> None:
    """Keeps for the table what a story did."""
    request.node.user_properties.append((DID, [len(scene.acknowledged), scene.fleet.kills.total() + dropped]))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    # The report of a story's end is the last; those of stories that passed are kept without a name.
    ends = terminalreporter.stats.get("", ())
    did = {report.nodeid: did for report in ends for name, did in report.user_properties if name == DID}
    rows = sorted(_rows(terminalreporter, did))
    if not rows:
        return
    terminalreporter.section("faults")
    heads = ("story", "database", "tasks", "kills, drops", "seconds", "result")
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
        terminalreporter.line("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _rows(reporter: pytest.TerminalReporter, did: dict[str, list[int]]) -> Iterator[tuple[str, ...]]:
    for result in ("passed", "failed", "error"):
        for report in reporter.stats.get(result, ()):
            is_story = "faults" in getattr(report, "keywords", ())  # what could not be collected has none
            if not is_story or (report.when != "call" and result == "passed"):
                continue
            name, _, parameters = report.nodeid.rpartition("::")[2].removeprefix("test_").partition("[")
            database = next((kind for kind in ("sqlite", "postgres") if kind in parameters), "")
            others = parameters.rstrip("]").removeprefix(database).removeprefix("-")
            story = " ".join([name.replace("_", " "), *([others] if others else [])])
            # A story that is stepped by hand, or has a Rota of its own, injects its faults itself.
            tasks, faults = map(str, did.get(report.nodeid, ("", "")))
            yield story, database, tasks, faults, f"{report.duration:.0f}", result
