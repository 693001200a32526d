"""Looks at a page with axe for what keeps people out."""

from pathlib import Path

from playwright.sync_api import Page

SOURCE = Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js"
LOOK = "async () => (await axe.run(document, { resultTypes: ['violations'] })).violations"


def faults(page: Page) -> list[str]:
    """Each violation, of whatever weight, with the places where it was found."""
    page.evaluate(SOURCE.read_text())
    return [
        f"{fault['id']}: {fault['help']}\n  " + "\n  ".join(node["html"][:200] for node in fault["nodes"][:5])
        for fault in page.evaluate(LOOK)
    ]
