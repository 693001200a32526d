"""What a button copied, as somebody gets it who pastes it elsewhere."""

from playwright.sync_api import Locator, Page, expect

# It says so only for a moment, which a slow machine may miss.
NOTE_COPIED = """button => {
  window.wasCopied = false;
  const observer = new MutationObserver(() => {
    window.wasCopied ||= button.textContent.includes("Copied");
  });
  observer.observe(button, { characterData: true, childList: true, subtree: true });
}"""


def copied_text(page: Page, label: str) -> str:
    """What the button gives away that stands beside a text of this name."""
    beside = page.locator(".json").filter(has=page.get_by_label(label, exact=True))
    return copied_by(beside.get_by_role("button"))


def copied_by(button: Locator) -> str:
    """What a button gives away, which says that it did."""
    button.evaluate(NOTE_COPIED)
    button.click()
    button.page.wait_for_function("() => window.wasCopied")
    elsewhere = button.page.context.new_page()
    elsewhere.set_content("<textarea></textarea>")
    box = elsewhere.get_by_role("textbox")
    box.press("ControlOrMeta+v")
    expect(box).not_to_have_value("")
    text = box.input_value()
    elsewhere.close()
    button.page.bring_to_front()
    return text
