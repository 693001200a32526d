/** What narrows the list of tasks; all of it stands in the address. */
import { Search, X } from "lucide-react";
import { useEffect, useState } from "react";
import type { TaskStatus } from "@/graphql/graphql";
import { Button } from "@/ui/Button";
import { Select, type Option } from "@/ui/Field";
import { STATUS, STATUSES } from "./looks";
import { isNarrowed, type Wanted } from "./wanted";

interface TaskFiltersProps {
  wanted: Wanted;
  queues: readonly string[];
  functions: readonly string[];
  onChange: (next: Wanted) => void;
}

const PRIORITIES: Option[] = [
  { value: "", label: "Any priority" },
  ...Array.from({ length: 9 }, (_, index) => ({
    value: String(10 - index),
    label: index === 0 ? "Priority 10" : `Priority ${10 - index} and up`,
  })),
];
const ORDERS: Option[] = [
  { value: "NEWEST_FIRST", label: "Newest first" },
  { value: "OLDEST_FIRST", label: "Oldest first" },
  { value: "NEXT_TO_RUN", label: "Next to run" },
  { value: "DEADLINE", label: "By deadline" },
];

export function TaskFilters({ wanted, queues, functions, onChange }: TaskFiltersProps) {
  const toggle = (status: TaskStatus) => {
    const isOn = wanted.status.includes(status);
    onChange({
      ...wanted,
      status: isOn ? wanted.status.filter((each) => each !== status) : [...wanted.status, status],
    });
  };
  return (
    <div className="filters">
      <div className="pills" role="group" aria-label="Status">
        {STATUSES.map((status) => {
          const { word, icon: Icon, hue } = STATUS[status];
          return (
            <button
              key={status}
              type="button"
              className={`pill hue-${hue}`}
              aria-pressed={wanted.status.includes(status)}
              onClick={() => toggle(status)}
            >
              <Icon size={13} strokeWidth={2.1} aria-hidden />
              {word}
            </button>
          );
        })}
      </div>
      <div className="filters-line">
        <SearchField text={wanted.search} onSearch={(search) => onChange({ ...wanted, search })} />
        <Choice
          label="Queue"
          value={wanted.queue}
          options={named("Any queue", queues, wanted.queue)}
          onChange={(queue) => onChange({ ...wanted, queue })}
        />
        <Choice
          label="Function"
          value={wanted.function}
          options={named("Any function", functions, wanted.function)}
          onChange={(name) => onChange({ ...wanted, function: name })}
        />
        <Choice
          label="Priority"
          value={wanted.priority === null ? "" : String(wanted.priority)}
          options={PRIORITIES}
          onChange={(priority) =>
            onChange({ ...wanted, priority: priority === "" ? null : Number(priority) })
          }
        />
        <Choice
          label="Order"
          value={wanted.order}
          options={ORDERS}
          onChange={(order) => onChange({ ...wanted, order: order as Wanted["order"] })}
        />
        {isNarrowed(wanted) && (
          <Button
            look="quiet"
            icon={X}
            onClick={() =>
              onChange({
                status: [],
                queue: "",
                function: "",
                search: "",
                priority: null,
                order: wanted.order,
              })
            }
          >
            Clear
          </Button>
        )}
      </div>
    </div>
  );
}

/** Names that are there, and the one that is asked for even where it is not. */
function named(any: string, names: readonly string[], asked: string): Option[] {
  const all = asked === "" || names.includes(asked) ? names : [...names, asked];
  return [{ value: "", label: any }, ...all.map((name) => ({ value: name, label: name }))];
}

interface ChoiceProps {
  label: string;
  value: string;
  options: Option[];
  onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <Select
      label={<span className="hidden-text">{label}</span>}
      options={options}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

const PAUSE_MS = 300;

/** Searches when typing pauses, or on Enter. */
function SearchField({ text, onSearch }: { text: string; onSearch: (text: string) => void }) {
  const [draft, setDraft] = useState(text);
  const [known, setKnown] = useState(text);
  if (known !== text) {
    // The address was changed elsewhere, e.g. cleared.
    setKnown(text);
    if (draft.trim() !== text) setDraft(text);
  }
  useEffect(() => {
    if (draft.trim() === text) return;
    const timer = setTimeout(() => onSearch(draft.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [draft, text, onSearch]);
  return (
    <div className="search">
      <Search size={15} aria-hidden />
      <input
        type="search"
        className="input"
        aria-label="Search in titles, functions and arguments"
        placeholder="Search titles and arguments"
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
      />
    </div>
  );
}
