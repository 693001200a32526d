/** Who, what, on what, since when, and how it went; all of it stands in the address. */
import { X } from "lucide-react";
import { useViewer } from "@/graphql/viewer";
import { Button } from "@/ui/Button";
import { Select, type Option } from "@/ui/Field";
import { SearchForm } from "@/ui/SearchForm";
import { paramsOf, type Asked } from "./asked";
import { actionsFor, wordsOfAction } from "./words";

interface ActivityFiltersProps {
  asked: Asked;
  /** Accounts to choose from; none for whoever sees only own entries. */
  users: readonly { id: string; username: string }[];
  onChange: (next: Asked) => void;
}

const SINCE: Option[] = [
  { value: "", label: "Any time" },
  { value: "1h", label: "Last hour" },
  { value: "24h", label: "Last day" },
  { value: "7d", label: "Last week" },
];
const WENT: Option[] = [
  { value: "", label: "Any outcome" },
  { value: "ok", label: "Done" },
  { value: "refused", label: "Refused" },
];
export function ActivityFilters({ asked, users, onChange }: ActivityFiltersProps) {
  const viewer = useViewer();
  const actions: Option[] = [
    { value: "", label: "Anything" },
    ...actionsFor(viewer).map((action) => ({ value: action, label: labelOf(action) })),
  ];
  const choice = (label: string, name: keyof Asked, options: Option[]) => (
    <Select
      label={<span className="hidden-text">{label}</span>}
      options={known(options, asked[name])}
      value={asked[name]}
      onChange={(event) => onChange({ ...asked, [name]: event.target.value })}
    />
  );
  return (
    <div className="filters-line">
      <SearchForm
        key={asked.on}
        label="On what: an id or a name"
        placeholder="An id, a queue, a function"
        text={asked.on}
        onAsk={(on) => onChange({ ...asked, on })}
      />
      {users.length > 0 &&
        choice("Who", "who", [
          { value: "", label: "Anybody" },
          ...users.map(({ id, username }) => ({ value: id, label: username })),
        ])}
      {choice("What", "what", actions)}
      {choice("Since", "since", SINCE)}
      {choice("How it went", "went", WENT)}
      {paramsOf(asked).size > 0 && (
        <Button
          look="quiet"
          icon={X}
          onClick={() => onChange({ who: "", what: "", on: "", since: "", went: "" })}
        >
          Clear
        </Button>
      )}
    </div>
  );
}

function labelOf(action: string): string {
  const words = wordsOfAction(action);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What is asked for is among the choices even where it is not known. */
function known(options: Option[], asked: string): Option[] {
  return options.some(({ value }) => value === asked)
    ? options
    : [...options, { value: asked, label: asked.startsWith("user_") ? "One account" : labelOf(asked) }];
}
