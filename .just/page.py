"""Builds the page into `frontend/dist` when its sources changed, and installs npm packages when a lock changed.

`page.py build` does both for the page; `page.py packages FOLDER` only installs what FOLDER's lock names.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from house import ROOT, alone, digest, give_up, is_stamped, run

FRONTEND = ROOT / "frontend"
BUILT = FRONTEND / "dist" / "index.html"
OLDEST_NODE = 20
NOT_SOURCES = {"node_modules", "dist", "coverage", "shots", "test-results"}
NPM_CI = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
# Warnings and errors only: a hundred lines of chunks' sizes would hide the address and the password that come after.
VITE = ["npm", "run", "--silent", "build", "--", "--logLevel", "warn"]
HINT = "The lines above say why; with no way to the npm registry, set npm_config_registry to one you reach."


def build() -> None:
    if not _is_built():
        with alone():
            if not _is_built():
                _packages(FRONTEND)
                run("Building the page", VITE, cwd=FRONTEND, about="10 s to two minutes")
                if not BUILT.exists():
                    give_up(f"the build left no {BUILT.relative_to(ROOT)}")
                _built_from().write_text(_sources_digest())


def packages(folder: Path) -> None:
    if not _has_packages(folder):
        with alone():
            _packages(folder)


def _is_built() -> bool:
    return BUILT.exists() and is_stamped(_built_from(), _sources_digest())


def _built_from() -> Path:
    # Beside the packages, for dist/ is shipped whole.
    return FRONTEND / "node_modules" / ".built-from"


def _sources_digest() -> str:
    return digest([ROOT / "schema.graphql", *sorted(_sources(FRONTEND))])


def _sources(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in NOT_SOURCES or path.name.endswith(".tsbuildinfo"):
            continue
        if path.is_dir():
            yield from _sources(path)
        else:
            yield path


def _has_packages(folder: Path) -> bool:
    return is_stamped(folder / "node_modules" / ".made-from", _packages_digest(folder))


def _packages_digest(folder: Path) -> str:
    return digest([folder / "package.json", folder / "package-lock.json"])


def _packages(folder: Path) -> None:
    if _has_packages(folder):
        return
    _need_node()
    run(
        f"Installing the npm packages of {folder.relative_to(ROOT)}/",
        NPM_CI,
        cwd=folder,
        hint=HINT,
        about="10 s to two minutes",
    )
    modules = folder / "node_modules"
    modules.mkdir(exist_ok=True)
    (modules / ".made-from").write_text(_packages_digest(folder))


def _need_node() -> None:
    need = f"Rota's page needs Node {OLDEST_NODE} or newer with npm"
    if shutil.which("node") is None or shutil.which("npm") is None:
        give_up(f"{need}; this machine has none. Install it and run this again.")
    shown = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    major = re.match(r"v(\d+)", shown)
    if major is None or int(major[1]) < OLDEST_NODE:
        give_up(
            f"{need}; this machine has {shown or 'one that does not start'}. Install a newer one and run this again."
        )


def _check_locks(folder: Path) -> None:
    """A lock that names addresses ties everybody to one registry."""
    entries = json.loads((folder / "package-lock.json").read_text()).get("packages", {})
    named = [name for name, entry in entries.items() if "resolved" in entry]
    if named:
        give_up(
            f"{folder.name}/package-lock.json names addresses ({named[0]} and {len(named) - 1} more): remove `resolved`"
        )


def main(words: list[str]) -> None:
    match words:
        case ["build"]:
            _check_locks(FRONTEND)
            build()
        case ["packages", folder]:
            _check_locks(ROOT / folder)
            packages(ROOT / folder)
        case _:
            give_up("say build, or packages and a folder")


if __name__ == "__main__":
    main(sys.argv[1:])
