/** What narrows the list of tasks; all of it stands in the address. */
import { Search, SlidersHorizontal, X } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import type { TaskStatus } from "@/graphql/graphql";
import { useNarrow } from "@/lib/narrow";
import { Button } from "@/ui/Button";
import { Input, Select, type Option } from "@/ui/Field";
import { STATUS, STATUSES } from "@/features/tasks/looks";
import { instantOf, localOf } from "@/lib/time";
import { EVERYTHING, isNarrowed, paramsOf, SPANS, type Wanted } from "./wanted";
import "@/ui/list.css";
import "./filters.css";

interface TaskFiltersProps {
  wanted: Wanted;
  queues: readonly string[];
  functions: readonly string[];
  onChange: (next: Wanted) => void;
  /** Stands at the end. */
  children?: ReactNode;
}

const PRIORITIES: Option[] = [
  { value: "", label: "Any priority" },
  ...Array.from({ length: 10 }, (_, index) => ({
    value: String(10 - index),
    label: `Priority ${10 - index}`,
  })),
  ...Array.from({ length: 8 }, (_, index) => ({
    value: `${9 - index}-up`,
    label: `Priority ${9 - index} and up`,
  })),
];
/** Not one of SPANS: two fields show then. */
const FROM_TO = "from-to";
const TIMES: Option[] = [
  { value: "", label: "Any time" },
  ...Object.entries(SPANS).map(([value, { words }]) => ({ value, label: words })),
  { value: FROM_TO, label: "From and to" },
];
const ORDERS: Option[] = [
  { value: "NEWEST_FIRST", label: "Newest first" },
  { value: "OLDEST_FIRST", label: "Oldest first" },
  { value: "NEXT_TO_RUN", label: "Next to run" },
  { value: "DEADLINE", label: "By deadline" },
];

export function TaskFilters({ wanted, queues, functions, onChange, children }: TaskFiltersProps) {
  const toggle = (status: TaskStatus) => {
    const isOn = wanted.status.includes(status);
    onChange({
      ...wanted,
      status: isOn ? wanted.status.filter((each) => each !== status) : [...wanted.status, status],
    });
  };
  const hasRange = wanted.after !== "" || wanted.before !== "";
  const [isRanging, setRanging] = useState(hasRange);
  // On a phone they would fill the screen.
  const [isOpen, setOpen] = useState(false);
  const isNarrow = useNarrow();
  const choices = paramsOf({ ...wanted, status: [], search: "", before: "" }).size;
  const time = wanted.since !== "" ? wanted.since : hasRange || isRanging ? FROM_TO : "";
  const chooseTime = (choice: string) => {
    setRanging(choice === FROM_TO);
    onChange({ ...wanted, since: choice === FROM_TO ? "" : choice, after: "", before: "" });
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
        {isNarrow && (
          <Button icon={SlidersHorizontal} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            Filters
            {choices > 0 && <span className="faint figures">{choices}</span>}
          </Button>
        )}
        {(!isNarrow || isOpen) && (
          <>
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
            <WordField
              label="Tag"
              placeholder="Any tag"
              text={wanted.tag}
              onWord={(tag) => onChange({ ...wanted, tag })}
            />
            <Choice
              label="Priority"
              value={wanted.priority}
              options={PRIORITIES}
              onChange={(priority) => onChange({ ...wanted, priority })}
            />
            <Choice label="Submitted" value={time} options={TIMES} onChange={chooseTime} />
            <Choice
              label="Order"
              value={wanted.order}
              options={ORDERS}
              onChange={(order) => onChange({ ...wanted, order: order as Wanted["order"] })}
            />
          </>
        )}
      </div>
      {time === FROM_TO && (
        <div className="filters-line">
          <Instant
            label="Submitted after"
            at={wanted.after}
            onChange={(after) => onChange({ ...wanted, after })}
          />
          <Instant
            label="Submitted before"
            at={wanted.before}
            onChange={(before) => onChange({ ...wanted, before })}
          />
        </div>
      )}
      <div className="filters-end">
        {children}
        {isNarrowed(wanted) && (
          <Button
            look="quiet"
            isSmall
            icon={X}
            onClick={() => {
              setRanging(false);
              onChange({ ...EVERYTHING, order: wanted.order });
            }}
          >
            Clear
          </Button>
        )}
      </div>
    </div>
  );
}

interface InstantProps {
  label: string;
  at: string;
  onChange: (at: string) => void;
}

function Instant({ label, at, onChange }: InstantProps) {
  return (
    <Input
      type="datetime-local"
      label={<span className="faint">{label}</span>}
      value={localOf(at === "" ? null : at)}
      onChange={(event) => onChange(instantOf(event.target.value) ?? "")}
    />
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

/** What is typed, told when typing pauses; what is changed elsewhere, e.g. cleared, comes in. */
function useDraft(text: string, onText: (text: string) => void) {
  const [draft, setDraft] = useState(text);
  const [known, setKnown] = useState(text);
  if (known !== text) {
    setKnown(text);
    if (draft.trim() !== text) setDraft(text);
  }
  useEffect(() => {
    if (draft.trim() === text) return;
    const timer = setTimeout(() => onText(draft.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [draft, text, onText]);
  return [draft, setDraft] as const;
}

function SearchField({ text, onSearch }: { text: string; onSearch: (text: string) => void }) {
  const [draft, setDraft] = useDraft(text, onSearch);
  return (
    <div className="search">
      <Search size={15} aria-hidden />
      <input
        type="search"
        className="input"
        aria-label="Search in titles, functions and arguments; args.user.id:123 for one argument"
        title="A text, or a value of one argument: args.user.id:123"
        placeholder="Search, or args.user.id:123"
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
      />
    </div>
  );
}

interface WordFieldProps {
  label: string;
  placeholder: string;
  text: string;
  onWord: (word: string) => void;
}

function WordField({ label, placeholder, text, onWord }: WordFieldProps) {
  const [draft, setDraft] = useDraft(text, onWord);
  return (
    <Input
      label={<span className="hidden-text">{label}</span>}
      placeholder={placeholder}
      value={draft}
      onChange={(event) => setDraft(event.target.value)}
    />
  );
}
