"""Firefox as Playwright drives it by WebDriver BiDi: `python -m e2e.support.firefox ARGUMENTS...` starts it, with a small go-between.

Playwright sends a command that a Firefox of long-term support does not know, to set media such as reduced motion: it is answered
here, and the whole Firefox wants no motion. All else goes through as it is.
"""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve

from rota import jsontext

OLDEST = 153
UNKNOWN = {"emulation.setMediaFeaturesOverride"}
PREFERENCES = {"ui.prefersReducedMotion": 1}
ADDRESS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
# What Playwright types with sets the value past React, which then puts the old one back.
TYPES = """{
  const type = text => {
    document.execCommand("insertText", false, text);
    return document.activeElement instanceof HTMLIFrameElement ? document.activeElement : null;
  };
  // Playwright puts its own there later.
  Object.defineProperty(window, "__pw_bidiInsertText", { get: () => type, set: () => undefined });
}"""


def found() -> str | None:
    """The Firefox of this machine."""
    return os.environ.get("ROTA_TEST_FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")


def why_not() -> str | None:
    """Why no story can run in Firefox here; None where they can."""
    firefox = found()
    if firefox is None:
        return "no Firefox is installed (on Debian: apt install firefox-esr)"
    try:
        shown = subprocess.run([firefox, "--version"], capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        return f"{firefox} does not start: {error}"
    version = re.search(r"Firefox (\d+)", shown)
    if version is None or int(version[1]) < OLDEST:
        return f"{firefox} is no Firefox {OLDEST} or later, the oldest that the stories were tried in"
    return None


def write_starter(folder: Path) -> Path:
    """A file that Playwright can start in Firefox's place."""
    starter = folder / "firefox"
    paths = os.pathsep.join(path for path in sys.path if path)
    starter.write_text(f'#!/bin/sh\nPYTHONPATH="{paths}" exec "{sys.executable}" -m e2e.support.firefox "$@"\n')
    starter.chmod(0o755)
    return starter


async def main() -> int:
    """Until Firefox ends."""
    firefox = found()
    assert firefox, "no Firefox is installed: on Debian, apt install firefox-esr"
    process = await asyncio.create_subprocess_exec(
        firefox, *sys.argv[1:], stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, process.terminate)
    assert process.stdout is not None
    assert process.stderr is not None
    async with asyncio.TaskGroup() as group:
        group.create_task(_say(process.stdout))
        group.create_task(_say(process.stderr))
    return await process.wait()


async def _say(stream: asyncio.StreamReader) -> None:
    """What Firefox says, but for the address at which it listens: that is the go-between's."""
    async for line in stream:
        words = line.decode(errors="replace")
        if address := ADDRESS.search(words):
            words = words.replace(address[1], await _between(address[1]))
        sys.stderr.write(words)
        sys.stderr.flush()


async def _between(address: str) -> str:
    async def go(client: ServerConnection) -> None:
        assert client.request is not None
        async with connect(address + client.request.path, max_size=None, ping_interval=None) as firefox:
            back = asyncio.create_task(_back(firefox, client))
            async for message in client:
                asked = jsontext.loads(message)
                if asked.get("method") in UNKNOWN:
                    await client.send(jsontext.dumps({"type": "success", "id": asked["id"], "result": {}}))
                else:
                    await firefox.send(message)
            back.cancel()

    server = await serve(go, "127.0.0.1", 0, max_size=None, ping_interval=None)
    port = next(iter(server.sockets)).getsockname()[1]
    return f"ws://127.0.0.1:{port}"


async def _back(firefox: ClientConnection, client: ServerConnection) -> None:
    async for message in firefox:
        await client.send(message)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
