"""The documents that benchmarks write their tables into, and the machine that the tables are from."""

import datetime
import platform
import re
from pathlib import Path

import psutil

END = "<!-- end of measured -->"


def begin(command: str) -> str:
    """The line after which what this command measured stands."""
    return f"<!-- measured: written by `{command}` -->"


def write(document: Path, command: str, measured: str) -> None:
    """Puts it between the document's two marks; one that is not there yet is made. Raises ValueError where it has none."""
    first = begin(command)
    text = document.read_text() if document.exists() else f"{first}\n{END}\n"
    if first not in text or END not in text:
        raise ValueError(f"{document} has no place for the tables: it needs the lines {first!r} and {END!r}")
    inside = f"{first}\n\n{measured}\n{END}"
    document.write_text(re.sub(f"{re.escape(first)}.*{re.escape(END)}", lambda _: inside, text, flags=re.DOTALL))


def machine() -> str:
    """When, on what, and how busy it was."""
    memory = psutil.virtual_memory().total / 2**30
    load = psutil.getloadavg()[0]
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return (
        f"{today}, {platform.system()} {platform.machine()}, {psutil.cpu_count()} cores, {memory:.0f} GiB, "
        f"Python {platform.python_version()}, load {load:.1f} at the end"
    )
