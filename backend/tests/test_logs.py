"""Log lines wait while a command speaks, unless they matter at once."""

import logging
from collections.abc import Iterator

import pytest

from rota.logs import held_back


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
