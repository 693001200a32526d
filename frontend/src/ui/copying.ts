/** Copies a text and says so for a moment. */
import { useEffect, useState } from "react";
import { toast } from "./toast";

const SAID_MS = 1_500;

export function useCopy(): { isCopied: boolean; copy: (text: string) => void } {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = (text: string) => {
    write(text).then(
      () => setCopied(true),
      () => toast.bad("This browser did not let the page copy. Mark the text and copy it by hand."),
    );
  };
  return { isCopied, copy };
}

/** Browsers give a page the clipboard only over TLS and on localhost. */
async function write(text: string): Promise<void> {
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard === undefined) throw new Error("no clipboard");
  await clipboard.writeText(text);
}
