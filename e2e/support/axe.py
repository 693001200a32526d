"""Looks at a page with axe for what keeps people out."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SOURCE = Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js"
LOOK = "async () => (await axe.run(document, { resultTypes: ['violations'] })).violations"
GRAVE = {"serious", "critical"}


def faults(page: Page) -> list[str]:
    """Each violation, of whatever weight, with the places where it was found."""
    return [_words(fault) for fault in _found(page)]


def grave_faults(page: Page) -> list[str]:
    """Only the serious and critical ones: for pages whose parts are others'."""
    return [_words(fault) for fault in _found(page) if fault["impact"] in GRAVE]


def _found(page: Page) -> list[dict[str, Any]]:
    page.evaluate(SOURCE.read_text())
    found: list[dict[str, Any]] = page.evaluate(LOOK)
    return found


def _words(fault: dict[str, Any]) -> str:
    places = "\n  ".join(node["html"][:200] for node in fault["nodes"][:5])
    return f"{fault['id']}: {fault['help']}\n  {places}"
