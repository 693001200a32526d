"""Pages that are kept open, and what is watched on them: frames, the heap, and when a change is seen."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, CDPSession, Page, StorageState

Launch = Callable[[], Awaitable[Browser]]

FRAMES = """() => {
  const frames = window.frameTimes = { late: 0, rows: 0, worst: 0, all: 0 };
  let last, row = 0;
  const next = at => {
    if (last !== undefined) {
      const took = at - last;
      frames.all += 1;
      frames.worst = Math.max(frames.worst, took);
      row = took > 100 ? row + 1 : 0;
      if (took > 100) frames.late += 1;
      if (row === 3) frames.rows += 1;
    }
    last = at;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
}"""
# The frame after the change has been painted when the task after it runs.
SEEN = """() => {
  window.seen = [];
  let before;
  new MutationObserver(() => {
    const term = [...document.querySelectorAll('dt')].find(each => each.textContent === 'Priority');
    const now = term?.nextElementSibling?.textContent;
    if (now === undefined || now === before) return;
    before = now;
    requestAnimationFrame(() => setTimeout(() => window.seen.push([parseInt(now), Date.now()])));
  }).observe(document, { subtree: true, childList: true, characterData: true });
}"""


@dataclass
class Watched:
    """One page that is open."""

    name: str
    page: Page
    session: CDPSession
    heap_mb: list[float] = field(default_factory=list)

    async def weigh(self) -> None:
        """Adds what its heap holds after the garbage is gone."""
        await self.session.send("HeapProfiler.collectGarbage")
        used = await self.session.send("Runtime.getHeapUsage")
        self.heap_mb.append(used["usedSize"] / 1e6)

    async def live(self) -> None:
        """Until it says so."""
        await self.page.get_by_role("banner").get_by_role("status").get_by_text("Live", exact=True).wait_for()

    async def close(self) -> None:
        browser = self.page.context.browser
        assert browser is not None
        await browser.close()

    async def frames(self) -> dict[str, float]:
        """All frames, those over 100 ms, the worst one in ms, and how often three in a row were late."""
        found: dict[str, Any] = await self.page.evaluate("() => window.frameTimes")
        return found


async def watch(launch: Launch, url: str, state: StorageState, name: str, path: str, script: str = FRAMES) -> Watched:
    """Opens a page and waits until it is live; in a browser of its own, for a browser draws only its foremost page at full pace."""
    browser = await launch()
    context = await browser.new_context(
        base_url=url, storage_state=state, locale="en-US", viewport={"width": 1440, "height": 900}
    )
    page = await context.new_page()
    await page.add_init_script(f"({script})()")
    await page.goto(path)
    watched = Watched(name, page, await context.new_cdp_session(page))
    if path != "about:blank":
        await watched.live()
    return watched
