"""Log lines: structured, short and coloured on a terminal, JSON elsewhere; never arguments or secrets."""

import contextlib
import logging
import sys
from collections.abc import Iterator
from logging.handlers import MemoryHandler
from typing import Any

import structlog

from rota.settings import Settings

MOST_HELD = 1_000


def set_up_logs(settings: Settings, part: str) -> None:
    """Sends structlog's and the standard library's lines to standard error in one form. `part` is e.g. `api`."""
    is_json = settings.log_format == "json" or (settings.log_format == "auto" and not sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso" if is_json else "%H:%M:%S", utc=is_json),
        _named(part),
    ]
    renderer: Any
    if is_json:
        shared.append(structlog.processors.format_exc_info)
        renderer = structlog.processors.JSONRenderer()
    else:
        # The default prints each frame's variables, and with them passwords and arguments.
        renderer = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), pad_event_to=32, exception_formatter=structlog.dev.plain_traceback
        )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.log_level.upper()]),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    # A database that is away is no surprise, and each pool looks for it again and again.
    logging.getLogger("asyncpg.pool").addFilter(_in_one_line)
    for noisy in ("uvicorn.access", "tortoise", "asyncio", "aiosqlite", "arq.worker"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Lines of the block follow after its end, so that they do not cut into what a command says; a warning lets all through."""
    root = logging.getLogger()
    handlers = root.handlers[:]
    keeping = MemoryHandler(MOST_HELD, flushLevel=logging.WARNING, target=handlers[0] if handlers else None)
    root.handlers[:] = [keeping]
    try:
        yield
    finally:
        root.handlers[:] = handlers
        keeping.close()


def first_line(error: BaseException) -> str:
    """What an error says, without what follows: PostgreSQL adds the row that it refused."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def get_logger(name: str) -> Any:
    """A structlog logger; bind ids, never arguments."""
    return structlog.get_logger(name)


def _in_one_line(record: logging.LogRecord) -> bool:
    """Puts what an error says in the place of where it came from."""
    if record.exc_info and record.exc_info[1]:
        record.msg, record.args = f"{record.getMessage()}: {first_line(record.exc_info[1])}", ()
        record.exc_info = record.exc_text = None
    return True


def _named(part: str) -> Any:
    def add(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
        event.setdefault("part", part)
        return event

    return add
