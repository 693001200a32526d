/** What a pressed key means to whoever listens on the whole page. */

type Modified = Pick<KeyboardEvent, "metaKey" | "ctrlKey" | "altKey">;

export function hasModifier({ metaKey, ctrlKey, altKey }: Modified): boolean {
  return metaKey || ctrlKey || altKey;
}

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Whether a dialog stands before the page. */
export function isCovered(): boolean {
  return document.querySelector("dialog[open]") !== null;
}
