"""Makes `.venv` from the locks, or leaves it alone when it is as they say: `environment.py run|dev`."""

import importlib.util
import platform
import shlex
import shutil
import ssl
import subprocess
import sys
from pathlib import Path

from house import LOCKS, PYTHON, ROOT, VENV, alone, digest, give_up, is_stamped, run

STAMP = VENV / ".made-from"
HINT = "The lines above say why; with no way to the package index, set PIP_INDEX_URL and UV_INDEX_URL to one you reach."
LINUX_AUTHORITIES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
# `dev` holds all of `run`: whoever has it needs nothing else.
LEVELS = ("run", "dev")


def main(level: str) -> None:
    if any(is_stamped(STAMP, _wanted(have)) for have in LEVELS[LEVELS.index(level) :]) and PYTHON.exists():
        return
    with alone():
        if is_stamped(STAMP, _wanted(level)) and PYTHON.exists():
            return
        if not STAMP.exists():
            print("» Making ready, this once: a Python environment and the page. It takes a minute or two.", flush=True)
        # With no stamp a run that is cut off here is begun again next time.
        STAMP.unlink(missing_ok=True)
        _make_venv()
        _install(level)
        _link()
        STAMP.write_text(_wanted(level))


def _wanted(level: str) -> str:
    """What an environment is made of; the folder counts, for its scripts hold whole paths."""
    locks = [LOCKS / "uv.txt", LOCKS / f"{level}.txt"]
    return f"{level} {digest([str(ROOT), platform.python_version(), *locks])}"


def _make_venv() -> None:
    if _works():
        return
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        give_up(f"this Python has no venv module. Install it (on Debian: apt install python{version}-venv).")
    if VENV.exists():
        shutil.rmtree(VENV)
    run("Making a Python environment in .venv", [sys.executable, "-m", "venv", str(VENV)])


def _works() -> bool:
    """Whether `.venv` is whole and of this very Python; one that was cut off half-way is not."""
    probe = "import pip, platform; print(platform.python_version())"
    try:
        answer = subprocess.run([PYTHON, "-c", probe], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return answer.returncode == 0 and answer.stdout.strip() == platform.python_version()


def _install(level: str) -> None:
    """The installer first, by its hash, then everything else with it."""
    locked = LOCKS / f"{level}.txt"
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run("Installing the installer", [*pip, "--require-hashes", "-r", str(LOCKS / "uv.txt")], hint=HINT)
    # Where the system has its own list of authorities, as behind a company's proxy, that list holds; a bare one has none.
    certificates = ["--system-certs"] if has_system_certificates() else []
    uv = [str(VENV / "bin" / "uv"), "pip", "sync", "--quiet", "--require-hashes", "--python", str(PYTHON)]
    title = f"Installing the locked packages ({locked.name})"
    run(title, [*uv, *certificates, str(locked)], hint=HINT, about="up to half a minute")


def has_system_certificates() -> bool:
    if sys.platform != "linux":
        return True
    found = ssl.get_default_verify_paths()
    return any(path and Path(path).exists() for path in (found.cafile, *LINUX_AUTHORITIES))


def _link() -> None:
    """Make the code in `backend/` importable and `.venv/bin/rota` a command, without building a package."""
    purelib = subprocess.run(
        [PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    (Path(purelib) / "rota.pth").write_text(f"{ROOT / 'backend'}\n")
    command = VENV / "bin" / "rota"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(str(PYTHON))} -m rota "$@"\n')
    command.chmod(0o755)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in LEVELS:
        give_up("say run or dev")
    main(sys.argv[1])
