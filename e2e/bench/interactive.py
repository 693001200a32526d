"""How soon the first page can be used, on a processor that is made slower."""

import statistics
from dataclasses import dataclass

from playwright.async_api import Browser, CDPSession, Page, StorageState

# Ready: what the page is for stands there, and what is asked of the main thread is done within 50 ms.
WATCH = """selector => {
  const look = () => {
    if (!document.querySelector(selector)) return requestAnimationFrame(look);
    window.shownAt = performance.now();
    const calm = () => {
      const asked = performance.now();
      setTimeout(() => {
        if (performance.now() - asked < 50) window.readyAt = performance.now();
        else calm();
      });
    };
    calm();
  };
  requestAnimationFrame(look);
}"""


@dataclass(frozen=True)
class FirstPage:
    """Milliseconds from the start of the navigation, one of each round."""

    name: str
    shown_ms: list[float]
    ready_ms: list[float]
    processor_ms: list[float]  # of the page's own process, not slowed down: others' work on the machine is not in it

    @property
    def median_ms(self) -> float:
        return statistics.median(self.ready_ms)


async def first_page(
    browser: Browser, url: str, path: str, selector: str, state: StorageState | None, *, throttle: float, rounds: int
) -> FirstPage:
    """Opens a page in a browser that has never seen it; the first round, which warms the server, does not count."""
    found = FirstPage(path, [], [], [])
    for number in range(rounds + 1):
        page, _ = await _opened(browser, url, path, selector, state, throttle)
        if number > 0:
            found.shown_ms.append(await page.evaluate("() => window.shownAt"))
            found.ready_ms.append(await page.evaluate("() => window.readyAt"))
        await page.context.close()
    for _ in range(rounds):
        page, session = await _opened(browser, url, path, selector, state, 1)
        metrics = (await session.send("Performance.getMetrics"))["metrics"]
        found.processor_ms.extend(each["value"] * 1_000 for each in metrics if each["name"] == "ProcessTime")
        await page.context.close()
    return found


async def _opened(
    browser: Browser, url: str, path: str, selector: str, state: StorageState | None, throttle: float
) -> tuple[Page, CDPSession]:
    """A page in a context of its own, when it can be used."""
    context = await browser.new_context(base_url=url, storage_state=state, locale="en-US")
    await context.add_init_script(f"({WATCH})({selector!r})")
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    await session.send("Performance.enable")
    await session.send("Emulation.setCPUThrottlingRate", {"rate": throttle})
    await page.goto(path)
    await page.wait_for_function("() => window.readyAt !== undefined")
    return page, session
