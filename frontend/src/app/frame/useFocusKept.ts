/**
 * Where what had the focus goes away (a button that its task's end takes along, a link of the page that one leaves), the
 * content gets it: left to the browser, who works by keyboard would begin at the top of the page again.
 */
import { useEffect, type RefObject } from "react";
import { isCovered } from "@/lib/keys";

export function useFocusKept(content: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    let last: Element | null = null;
    const note = ({ target }: FocusEvent) => {
      last = target instanceof Element ? target : null;
    };
    const watch = new MutationObserver(() => {
      if (last === null || last.isConnected || isCovered()) return;
      last = null;
      if (document.activeElement === document.body) content.current?.focus({ preventScroll: true });
    });
    document.addEventListener("focusin", note);
    watch.observe(document.body, { childList: true, subtree: true });
    return () => {
      document.removeEventListener("focusin", note);
      watch.disconnect();
    };
  }, [content]);
}
