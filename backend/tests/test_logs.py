"""Log lines: they wait while a command speaks, unless they matter at once; what is no surprise takes one."""

import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest

from rota import jsontext
from rota.logs import held_back

FAILS = """
import logging
from rota.logs import set_up_logs
from rota.settings import load_settings
set_up_logs(load_settings(log_format="json"), "api")
for name in ("asyncpg.pool", "uvicorn.error"):
    try:
        raise ConnectionRefusedError("refused")
    except OSError:
        logging.getLogger(name).warning("%s", "retrying", exc_info=True)
"""


class Lines(logging.Handler):
    """Keeps the lines that reach it."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(record.getMessage())


@pytest.fixture
def lines() -> Iterator[Lines]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    lines = Lines()
    root.handlers[:] = [lines]
    root.setLevel(logging.INFO)
    yield lines
    root.handlers[:] = handlers
    root.setLevel(level)


def test_lines_follow_after_the_block(lines: Lines) -> None:
    with held_back():
        logging.getLogger("rota").info("leads")
        assert lines.seen == []
    logging.getLogger("rota").info("works")
    assert lines.seen == ["leads", "works"]


def test_a_warning_lets_all_through(lines: Lines) -> None:
    with held_back():
        logging.getLogger("rota").info("leads")
        logging.getLogger("rota").warning("leads no more")
        assert lines.seen == ["leads", "leads no more"]


def test_what_fails_loses_no_line(lines: Lines) -> None:
    def fail() -> None:
        logging.getLogger("rota").info("leads")
        raise RuntimeError

    with pytest.raises(RuntimeError), held_back():
        fail()
    assert lines.seen == ["leads"]


def test_a_pool_that_finds_no_database_says_so_in_one_line() -> None:
    """Anybody else's error keeps where it came from."""
    ran = subprocess.run([sys.executable, "-c", FAILS], capture_output=True, text=True, timeout=60, check=True)
    away, other = map(jsontext.loads, ran.stderr.splitlines())
    assert away["event"] == "retrying: refused"
    assert "exception" not in away
    assert "Traceback" in other["exception"]
