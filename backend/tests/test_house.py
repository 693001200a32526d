"""The rules of the house: which part may import which, and what the domain may stand on."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "backend" / "rota"
# Migrations are written by a program.
WRITTEN = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)
TOP_LEVEL = {
    *("backend", "frontend", "e2e", "docs", "schema.graphql", "docker-compose.yml", "Justfile", "pyproject.toml"),
    *("README.md", "CHANGELOG.md", "LICENSE"),
}


def test_imports_follow_the_arrows() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run([linter, "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("module", sorted((PACKAGE / "domain").glob("*.py")), ids=lambda path: path.stem)
def test_the_domain_stands_on_the_standard_library(module: Path) -> None:
    foreign = {
        name
        for name in imported(module)
        if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith("rota.domain")
    }
    assert foreign == set()


@pytest.mark.parametrize("module", WRITTEN, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_opens_with_one_sentence(module: Path) -> None:
    text = ast.get_docstring(ast.parse(module.read_text()))
    assert text, "it has no docstring"
    assert text.partition("\n")[0].rstrip().endswith((".", ":")), "its first line is no sentence"


def test_the_top_level_holds_what_it_should() -> None:
    """What git tracks or would track; a machine's own leftovers do not count."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert listed, "git lists no file"
    names = {name.split("/")[0] for name in listed}
    assert {name for name in names if not name.startswith(".")} <= TOP_LEVEL


def imported(module: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names
