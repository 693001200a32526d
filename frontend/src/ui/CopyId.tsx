/** An id, short in the middle, whole on hover, copied on click. */
import { Check, Copy } from "lucide-react";
import { shortId } from "@/lib/format";
import { useCopy } from "./copying";
import "./copy.css";

export function CopyId({ id, isWhole = false }: { id: string; isWhole?: boolean }) {
  const { isCopied, copy } = useCopy(id);
  const Icon = isCopied ? Check : Copy;
  const shown = isWhole ? id : shortId(id);
  // Its name holds what is seen on it, for those who speak to it; the title describes it with the whole id.
  return (
    <button type="button" className="copy-id mono" title={id} aria-label={`Copy ${shown}`} onClick={copy}>
      <span aria-hidden>{shown}</span>
      <Icon size={12} aria-hidden />
      <span className="hidden-text" role="status">
        {isCopied ? "Copied" : ""}
      </span>
    </button>
  );
}

/** A button that copies a longer text. */
export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const { isCopied, copy } = useCopy(text);
  const Icon = isCopied ? Check : Copy;
  return (
    <button type="button" className="button button-quiet button-small" onClick={copy}>
      <Icon size={14} aria-hidden />
      <span role="status">{isCopied ? "Copied" : label}</span>
    </button>
  );
}
