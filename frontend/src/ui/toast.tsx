/** Short words about what just happened, which lead to the thing. */
import { Check, TriangleAlert, X } from "lucide-react";
import { useSyncExternalStore } from "react";
import { Link } from "wouter";
import { Button } from "./Button";
import "./toast.css";

interface Toast {
  id: number;
  words: string;
  isBad: boolean;
  link: { href: string; words: string } | null;
}

const SHOWN_MS = 6_000;
const AT_ONCE = 4;
let toasts: readonly Toast[] = [];
let next = 1;
const readers = new Set<() => void>();

function set(now: readonly Toast[]): void {
  toasts = now;
  for (const reader of readers) reader();
}

function drop(id: number): void {
  set(toasts.filter((toast) => toast.id !== id));
}

/** What went wrong stays until it is put away; said again, it is said once. */
function show(words: string, isBad: boolean, link: Toast["link"]): void {
  const id = next++;
  const others = toasts.filter((toast) => !(isBad && toast.isBad && toast.words === words));
  set([...others, { id, words, isBad, link }].slice(-AT_ONCE));
  if (!isBad) setTimeout(() => drop(id), SHOWN_MS);
}

export const toast = {
  good: (words: string, link: Toast["link"] = null) => show(words, false, link),
  bad: (words: string, link: Toast["link"] = null) => show(words, true, link),
};

interface Outcome {
  errors: readonly [{ message: string }, ...unknown[]] | null;
}

/** Says how what was asked for went: why it was refused, or these words. Answers whether it went well. */
export function told({ errors }: Outcome, words: string, link: Toast["link"] = null): boolean {
  if (errors) toast.bad(errors[0].message);
  else toast.good(words, link);
  return errors === null;
}

function subscribe(reader: () => void): () => void {
  readers.add(reader);
  return () => readers.delete(reader);
}

export function Toaster() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div className="toaster" role="status" aria-live="polite">
      {shown.map(({ id, words, isBad, link }) => (
        <div key={id} className={`toast hue-${isBad ? "bad" : "good"}`}>
          {isBad ? <TriangleAlert size={16} aria-hidden /> : <Check size={16} aria-hidden />}
          <span>{words}</span>
          {link && (
            <Link className="link" href={link.href} onClick={() => drop(id)}>
              {link.words}
            </Link>
          )}
          <Button look="quiet" isSmall icon={X} aria-label="Put this message away" onClick={() => drop(id)} />
        </div>
      ))}
    </div>
  );
}
