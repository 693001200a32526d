/** One line that leads anywhere and does much: a place, a queue, a function to submit, a task by its id, a search. */
import { CornerDownLeft, Search } from "lucide-react";
import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import { useQuery } from "urql";
import { useLocation } from "wouter";
import { graphql } from "@/graphql/graphql";
import { useLive } from "@/graphql/live";
import { useViewer } from "@/graphql/viewer";
import { isDarkNow, wear } from "@/lib/theme";
import { Dialog } from "@/ui/Dialog";
import { commandsFor, type Command, type Deed } from "./commands";
import { useSignOut } from "./signout";
import { useTasksFound } from "./tasksfound";
import "./palette.css";

const PaletteQuery = graphql(`
  query Palette($isClient: Boolean!) {
    functions {
      name
      description
    }
    queues {
      id
      name
    }
    schedules(first: 100) @include(if: $isClient) {
      nodes {
        id
        name
      }
    }
  }
`);

interface PaletteProps {
  onClose: () => void;
  onSheet: () => void;
}

export default function Palette({ onClose, onSheet }: PaletteProps) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [, go] = useLocation();
  const viewer = useViewer();
  const live = useLive();
  const signOut = useSignOut();
  const [{ data }] = useQuery({ query: PaletteQuery, variables: { isClient: viewer.isClient } });
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const known = {
    functions: data?.functions ?? [],
    queues: data?.queues ?? [],
    schedules: data?.schedules?.nodes ?? [],
  };
  const isDark = isDarkNow();
  const found = useTasksFound(text.trim(), viewer.isClient);
  const here = {
    isAdmin: viewer.isAdmin,
    isClient: viewer.isClient,
    isPaused: live.mark === "paused",
    isDark,
  };
  const commands = commandsFor(text.trim(), known, here, found);
  const chosen = Math.min(at, commands.length - 1);

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  const deeds: Record<Deed, () => void> = {
    live: live.toggle,
    theme: () => wear(isDark ? "light" : "dark"),
    sheet: onSheet,
    signout: () => void signOut(),
  };
  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    if ("href" in command.act) go(command.act.href);
    else deeds[command.act.run]();
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
          placeholder={
            viewer.isClient ? "A page, a function, a task’s title or id" : "A page, a queue, a command"
          }
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
