/** A button that opens a list of actions; arrows move in it, Escape and a click elsewhere close it. */
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import "./menu.css";

interface MenuProps {
  label: string;
  button: ReactNode;
  buttonClass: string;
  children: ReactNode;
}

export function Menu({ label, button, buttonClass, children }: MenuProps) {
  const [isOpen, setOpen] = useState(false);
  const whole = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!isOpen) return;
    items(whole.current)[0]?.focus();
    const onPress = (event: PointerEvent) => {
      if (!whole.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", onPress);
    return () => document.removeEventListener("pointerdown", onPress);
  }, [isOpen]);

  const close = () => {
    setOpen(false);
    opener.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!isOpen) return;
    if (event.key === "Escape") close();
    else if (event.key === "Tab") setOpen(false);
    else if (!move(whole.current, event.key)) return;
    if (event.key !== "Tab") event.preventDefault();
  };
  return (
    <div className="menu" ref={whole} onKeyDown={onKeyDown}>
      <button
        ref={opener}
        type="button"
        className={buttonClass}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-label={label}
        onClick={() => setOpen(!isOpen)}
      >
        {button}
      </button>
      {isOpen && (
        <div className="menu-list" role="menu" aria-label={label} onClick={close}>
          {children}
        </div>
      )}
    </div>
  );
}

function items(whole: HTMLElement | null): HTMLElement[] {
  return Array.from(whole?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? []);
}

function move(whole: HTMLElement | null, key: string): boolean {
  const all = items(whole);
  const at = all.findIndex((item) => item === document.activeElement);
  const next: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
  const to = next[key];
  if (to === undefined) return false;
  all.at(to % all.length)?.focus();
  return true;
}

interface ItemProps {
  children: ReactNode;
  onChoose: () => void;
  /** Set for one of several of which one holds. */
  isChosen?: boolean;
}

export function MenuItem({ children, onChoose, isChosen }: ItemProps) {
  return (
    <button
      type="button"
      role={isChosen === undefined ? "menuitem" : "menuitemradio"}
      aria-checked={isChosen}
      tabIndex={-1}
      className="menu-item"
      onClick={onChoose}
    >
      {children}
    </button>
  );
}
