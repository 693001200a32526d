"""What a command says while it works: a line for each step, with a spinner on a terminal, and one line for what went wrong."""

import contextlib
import time
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

QUICK_S = 0.05


class Trouble(Exception):
    """A command cannot go on; the message is one line that says why and what to do."""


class Steps:
    """Shows steps on standard output."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)

    @contextlib.contextmanager
    def step(self, doing: str, done: str) -> Iterator[None]:
        """Shows `doing` while the block runs and `done`, with how long it took, when it has ended well."""
        started = time.monotonic()
        with self._console.status(f"[bold]{doing}[/bold]", spinner="dots"):
            yield
        took_s = time.monotonic() - started
        line = Text.assemble(("✓ ", "green"), done)
        if took_s >= QUICK_S:
            line.append(f"  {took_s:.1f} s", style="bright_black")
        self._console.print(line)

    def say(self, line: str | Text = "") -> None:
        """Shows a line."""
        self._console.print(line)


def fail(message: str) -> None:
    """Says in one line on standard error what went wrong."""
    line = Text.assemble(("rota: ", "red"), " ".join(message.split()))
    Console(stderr=True, highlight=False, soft_wrap=True).print(line)
