/** A state as icon, word and colour; never as a colour alone. */
import type { LucideIcon } from "lucide-react";
import "./badge.css";

export type Hue = "waiting" | "working" | "good" | "bad" | "stopped";

export interface Look {
  word: string;
  icon: LucideIcon;
  hue: Hue;
}

export function Badge({ look: { word, icon: Icon, hue }, note }: { look: Look; note?: string | undefined }) {
  return (
    <span className={`badge hue-${hue}`}>
      <Icon size={13} strokeWidth={2.2} aria-hidden />
      {word}
      {note !== undefined && <span className="badge-note">{note}</span>}
    </span>
  );
}

/** Without its ground: for tables, where many stand below each other. */
export function Mark({ look: { word, icon: Icon, hue } }: { look: Look }) {
  return (
    <span className={`mark hue-${hue}`}>
      <Icon size={14} strokeWidth={2} aria-hidden />
      {word}
    </span>
  );
}
