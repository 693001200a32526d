"""The docs say what the code does."""

import inspect
import re
from pathlib import Path

from arq.worker import Worker
from pydantic_core import PydanticUndefined

from rota.domain.states import TaskStatus, diagram
from rota.settings import Settings
from rota.worker.targets import HONOURED

# Defaults that depend on the machine.
MADE_AT_START = {"data_dir": "`~/.local/share/rota`", "workers": "as many as cores"}
DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_state_page_shows_the_table() -> None:
    text = (DOCS / "states.md").read_text()
    assert diagram() in text
    assert [status for status in TaskStatus if f"| {status} |" not in text] == []


def test_the_operations_page_has_every_setting() -> None:
    table = settings_table()
    assert table in (DOCS / "operations.md").read_text(), f"docs/operations.md wants this table:\n\n{table}"


def test_every_decision_is_listed() -> None:
    listed = (DOCS / "decisions" / "README.md").read_text()
    pages = [page.name for page in (DOCS / "decisions").glob("0*.md")]
    assert pages
    assert [page for page in pages if f"({page})" not in listed] == []


def test_links_between_pages_lead_somewhere() -> None:
    for page in [DOCS.parent / "README.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_who_comes_from_arq_finds_each_setting() -> None:
    text = (DOCS / "moving-from-arq.md").read_text()
    table = text.partition("## Settings")[2].partition("## Functions")[0]
    parameters = set(inspect.signature(Worker.__init__).parameters) - {"self"}
    assert {name for name in parameters | HONOURED if f"`{name}`" not in table} == set()


def settings_table() -> str:
    """The settings as docs/operations.md shows them."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        rows.append(f"| `ROTA_{name.upper()}` | {_default(name)} | {field.description} |")
    return "\n".join(rows)


def _default(name: str) -> str:
    if name in MADE_AT_START:
        return MADE_AT_START[name]
    default = Settings.model_fields[name].default
    assert default is not PydanticUndefined, f"{name} has a default that this page does not know"
    shown = str(default).lower() if isinstance(default, bool) else str(default)
    return f"`{shown}`" if shown else ""
