"""The peers' own environment under .data/bench: made from peers.txt and package-lock.json, apart from Rota's."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
HOME = ROOT / ".data" / "bench"
PYTHON = HOME / "python" / "bin" / "python"
NODE = HOME / "node"
UV = Path(sys.executable).parent / "uv"
LOCK = HERE / "peers.txt"
NPM_FILES = ("package.json", "package-lock.json")


def set_up() -> list[str]:
    """Makes or mends both environments. Returns, for each that could not be made, the reason in a line."""
    HOME.mkdir(parents=True, exist_ok=True)
    return [problem for problem in (_set_up_python(), _set_up_node()) if problem]


def lock() -> None:
    """Writes peers.txt and package-lock.json anew; neither names an index."""
    compile_ = [
        str(UV),
        "pip",
        "compile",
        "--quiet",
        "--universal",
        "--python-version",
        "3.11",
        "--generate-hashes",
        "--upgrade",
    ]
    quiet = ["--no-emit-index-url", "--no-annotate", "--custom-compile-command", "python -m bench lock"]
    subprocess.run(
        [*compile_, *quiet, str(HERE / "peers.in"), "--output-file", str(LOCK)], check=True, stdout=subprocess.DEVNULL
    )
    npm = ["npm", "install", "--package-lock-only", "--omit-lockfile-registry-resolved", "--no-audit", "--no-fund"]
    subprocess.run(npm, cwd=HERE, check=True)


def _set_up_python() -> str:
    if _is_made(HOME / "python", LOCK):
        return ""
    steps: tuple[list[str | Path], ...] = (
        [UV, "venv", "--quiet", "--allow-existing", "--python", sys.executable, HOME / "python"],
        [UV, "pip", "sync", "--quiet", "--require-hashes", "--python", PYTHON, LOCK],
    )
    for step in steps:
        if problem := _run(step, HOME):
            return f"the peers in Python: {problem}"
    _mark(HOME / "python", LOCK)
    return ""


def _set_up_node() -> str:
    if _is_made(NODE, HERE / NPM_FILES[1]):
        return ""
    if shutil.which("npm") is None:
        return "the peers on Node: there is no npm on this machine"
    NODE.mkdir(exist_ok=True)
    for name in NPM_FILES:
        shutil.copy(HERE / name, NODE)
    # Nothing of theirs has to be built to run; a package's install scripts are not wanted here.
    if problem := _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], NODE):
        return f"the peers on Node: {problem}"
    _mark(NODE, HERE / NPM_FILES[1])
    return ""


def refresh_drivers() -> None:
    """Lays the drivers for Node beside the packages that they import."""
    if NODE.is_dir():
        shutil.rmtree(NODE / "drivers", ignore_errors=True)
        shutil.copytree(HERE / "drivers", NODE / "drivers", ignore=shutil.ignore_patterns("*.py", "__pycache__"))


def _run(command: Sequence[str | Path], cwd: Path) -> str:
    """Why it failed, in a line; nothing where it did not."""
    try:
        done = subprocess.run(command, cwd=cwd, check=False, capture_output=True, text=True)
    except OSError as error:
        return f"{Path(command[0]).name} cannot be started: {error.strerror}"
    if done.returncode == 0:
        return ""
    lines = (done.stderr or done.stdout).strip().splitlines()
    return lines[-1] if lines else f"{Path(command[0]).name} ended with status {done.returncode}"


def _is_made(folder: Path, lock_file: Path) -> bool:
    stamp = folder / ".made-from"
    return stamp.is_file() and stamp.read_text() == _digest(lock_file)


def _mark(folder: Path, lock_file: Path) -> None:
    (folder / ".made-from").write_text(_digest(lock_file))


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
