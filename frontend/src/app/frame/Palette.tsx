/** One line that leads anywhere: a place, a function to submit, a task by its id, a search. */
import { CornerDownLeft, ListChecks, Search, Send, type LucideIcon } from "lucide-react";
import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import { useQuery } from "urql";
import { useLocation } from "wouter";
import { graphql } from "@/graphql/graphql";
import { Dialog } from "@/ui/Dialog";
import { PLACES } from "./places";
import "./palette.css";

const PaletteQuery = graphql(`
  query Palette {
    functions {
      name
      description
    }
  }
`);

interface Command {
  id: string;
  icon: LucideIcon;
  words: string;
  note: string;
  href: string;
}

export default function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [, go] = useLocation();
  const [{ data }] = useQuery({ query: PaletteQuery });
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const commands = commandsFor(text.trim(), data?.functions ?? []);
  const chosen = Math.min(at, commands.length - 1);

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    go(command.href);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) setAt((chosen + step + commands.length) % commands.length);
    else if (event.key === "Enter") run(commands[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Search and commands" look="palette" onClose={onClose}>
      <div className="palette-line">
        <Search size={17} aria-hidden />
        <input
          autoFocus
          type="text"
          role="combobox"
          aria-expanded
          aria-controls={id}
          aria-activedescendant={commands[chosen] && `${id}-${commands[chosen].id}`}
          aria-label="Search or go to"
          placeholder="A page, a function, a task’s id, any text"
          value={text}
          onKeyDown={onKeyDown}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
        />
      </div>
      <div className="palette-list" role="listbox" aria-label="Commands" id={id} ref={list}>
        {commands.map((command, index) => (
          <div
            key={command.id}
            id={`${id}-${command.id}`}
            role="option"
            aria-selected={index === chosen}
            className="palette-entry"
            onClick={() => run(command)}
            onPointerMove={() => setAt(index)}
          >
            <command.icon size={16} strokeWidth={1.8} aria-hidden />
            <span>{command.words}</span>
            <span className="faint clip">{command.note}</span>
            {index === chosen && <CornerDownLeft size={14} aria-hidden className="push faint" />}
          </div>
        ))}
      </div>
    </Dialog>
  );
}

function commandsFor(text: string, functions: { name: string; description: string | null }[]): Command[] {
  const wanted = text.toLowerCase();
  const places = PLACES.map(({ path, name, icon, key }) => ({
    id: `go-${name}`,
    icon,
    words: name,
    note: `g ${key}`,
    href: path,
  }));
  const submits = functions.map(({ name, description }) => ({
    id: `submit-${name}`,
    icon: Send,
    words: `Submit ${name}`,
    note: description?.split("\n")[0] ?? "",
    href: `/submit?function=${encodeURIComponent(name)}`,
  }));
  const found = [...places, ...submits].filter(({ words }) => words.toLowerCase().includes(wanted));
  return [...direct(text), ...found, ...search(text)];
}

function direct(text: string): Command[] {
  if (!/^task_[0-9a-z]{26}$/.test(text)) return [];
  return [{ id: "open", icon: ListChecks, words: "Open this task", note: text, href: `/tasks/${text}` }];
}

function search(text: string): Command[] {
  if (text === "") return [];
  const href = `/tasks?q=${encodeURIComponent(text)}`;
  return [{ id: "search", icon: Search, words: `Search tasks for “${text}”`, note: "", href }];
}
