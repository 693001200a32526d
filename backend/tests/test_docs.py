"""The docs say what the code does."""

import re
from pathlib import Path

from rota.domain.states import TaskStatus, diagram

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_state_page_shows_the_table() -> None:
    text = (DOCS / "states.md").read_text()
    assert diagram() in text
    assert [status for status in TaskStatus if f"| {status} |" not in text] == []


def test_links_between_pages_lead_somewhere() -> None:
    for page in [DOCS.parent / "README.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
