/** The card that stands before the door: sign in, or make an account. */
import type { ReactNode } from "react";
import { Logo } from "@/ui/Logo";
import "./door.css";

export function DoorForm({ title, children, foot }: { title: string; children: ReactNode; foot: ReactNode }) {
  return (
    <main className="door">
      <div className="door-card">
        <div className="door-head">
          <Logo size={36} />
          <h1>{title}</h1>
        </div>
        {children}
        {foot && <p className="door-foot">{foot}</p>}
      </div>
      <p className="door-words faint">One queue for functions, programs and people.</p>
    </main>
  );
}
