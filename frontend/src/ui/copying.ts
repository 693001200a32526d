/** Copies a text and says so for a moment. */
import { useEffect, useState } from "react";
import { toast } from "./toast";

const SAID_MS = 1_500;

export function useCopy(text: string): { isCopied: boolean; copy: () => void } {
  const [copied, setCopied] = useState<{ text: string } | null>(null);
  useEffect(() => {
    if (copied === null) return;
    const timer = setTimeout(() => setCopied(null), SAID_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => {
    write(text).then(
      () => setCopied({ text }),
      () => toast.bad("This browser did not let the page copy. Mark the text and copy it by hand."),
    );
  };
  // Another text that stands there meanwhile was not copied.
  return { isCopied: copied?.text === text, copy };
}

/** Browsers give a page the clipboard only over TLS and on localhost. */
async function write(text: string): Promise<void> {
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard === undefined) throw new Error("no clipboard");
  await clipboard.writeText(text);
}
