"""Looks at a page with axe for what keeps people out."""

from pathlib import Path

from playwright.sync_api import Page

SOURCE = Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = {"serious", "critical"}


def grave_faults(page: Page) -> list[str]:
    """Each serious or critical violation, with the places where it was found."""
    page.evaluate(SOURCE.read_text())
    found = page.evaluate("async () => (await axe.run(document, { resultTypes: ['violations'] })).violations")
    return [
        f"{fault['id']}: {fault['help']}\n  " + "\n  ".join(node["html"][:200] for node in fault["nodes"][:5])
        for fault in found
        if fault["impact"] in GRAVE
    ]
