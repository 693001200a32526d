/** The parts that a page is laid out with. */
import type { ReactNode } from "react";
import "./card.css";

interface CardProps {
  title: ReactNode;
  /** Beside the title, at the right edge. */
  aside?: ReactNode;
  /** Its content goes to its edges: tables and lists. */
  isFlush?: boolean;
  className?: string;
  children: ReactNode;
}

export function Card({ title, aside, isFlush = false, className = "", children }: CardProps) {
  return (
    <section className={`card ${className}`}>
      <div className="card-head">
        <h2>{title}</h2>
        {aside && <div className="card-aside">{aside}</div>}
      </div>
      <div className={isFlush ? "card-flush" : "card-body"}>{children}</div>
    </section>
  );
}

export function PageHead({
  title,
  words,
  children,
}: {
  title: ReactNode;
  words?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="page-head">
      <div>
        <h1>{title}</h1>
        {words && <p className="faint">{words}</p>}
      </div>
      {children && <div className="page-actions">{children}</div>}
    </div>
  );
}

/** A name and what it stands for, below each other. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
