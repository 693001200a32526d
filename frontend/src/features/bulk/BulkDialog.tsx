/** Asks before an action on many tasks that cannot be undone; says of how many, and by which filter. */
import { useRef, useState } from "react";
import { useQuery } from "urql";
import { plural, totalOf, wordsOfTotal } from "@/lib/format";
import { instantOf } from "@/lib/time";
import { PRIORITY_OPTIONS } from "@/features/tasks/priorities";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Input, Select } from "@/ui/Field";
import { HALF_A_DATE, halfDates } from "@/ui/halfdates";
import { AbleCountQuery, type TaskFilter } from "./documents";
import { CHOICES, type Choice } from "./kinds";
import { useBulk, type Place } from "./useBulk";

export type Target =
  { ids: string[]; hasRunning: boolean } | { filter: TaskFilter; /** The filter in words. */ words: string };

const CONSEQUENCES: Record<Choice, string> = {
  CANCEL:
    "What waits can be put back within a week. What runs is stopped: that cannot be undone, though it can be retried.",
  RETRY:
    "They run again, each with a fresh allowance of attempts. That cannot be undone; they can be cancelled.",
  RESCHEDULE: "What is left empty stays as it is. They can be put back where they were within a week.",
  DELETE: "They are gone for good, with their attempts, results and logs. That cannot be undone.",
};

interface BulkDialogProps {
  choice: Choice;
  target: Target;
  onClose: () => void;
  onBegun: () => void;
}

export function BulkDialog({ choice, target, onClose, onBegun }: BulkDialogProps) {
  const amount = useAmount(target);
  const [place, setPlace] = useState<Place>({});
  const { begin, isBusy } = useBulk();
  const { verb } = CHOICES[choice];
  const isPlaced = choice !== "RESCHEDULE" || Object.keys(place).length > 0;
  const which = "ids" in target ? { ids: target.ids } : { filter: target.filter };
  const fields = useRef<HTMLDivElement>(null);
  const [halves, setHalves] = useState<readonly string[]>([]);
  const go = async () => {
    const found = fields.current ? halfDates(fields.current) : [];
    setHalves(found);
    if (found.length > 0) return;
    if (await begin(choice, which, place)) onBegun();
  };
  const actions = (
    <>
      <Button onClick={onClose} data-first>
        Leave it
      </Button>
      <Button
        look={choice === "DELETE" || choice === "CANCEL" ? "danger" : "primary"}
        isBusy={isBusy}
        disabled={amount === null || amount.isNone || !isPlaced}
        onClick={() => void go()}
      >
        {verb} {amount === null ? "tasks" : amount.words}
      </Button>
    </>
  );
  return (
    <Dialog title={`${verb} ${amount === null ? "…" : amount.words}?`} onClose={onClose} actions={actions}>
      <div className="soft bulk-words">
        <Which target={target} />
        {amount?.isNone === true && <p>None of them is in a state for it now.</p>}
        <p>{CONSEQUENCES[choice]}</p>
      </div>
      {choice === "RESCHEDULE" && (
        <div ref={fields} className="dialog-form">
          <PlaceFields halves={halves} onChange={setPlace} />
        </div>
      )}
    </Dialog>
  );
}

function Which({ target }: { target: Target }) {
  if ("ids" in target) return null;
  return (
    <p>
      {target.words === "" ? "All of the list, which has no filter" : `All that match: ${target.words}`}
      {"; what is submitted from now on is left alone."}
    </p>
  );
}

/** Counted when it is asked for, for it has changed since the list was read; null until then. */
function useAmount(target: Target): { words: string; isNone: boolean } | null {
  const [{ data, error }] = useQuery({
    query: AbleCountQuery,
    variables: { filter: "filter" in target ? target.filter : {} },
    pause: "ids" in target,
    requestPolicy: "network-only",
  });
  if ("ids" in target) return { words: plural(target.ids.length, "task"), isNone: false };
  // A count may take too long where the action would not.
  if (error) return { words: "all that match", isNone: false };
  if (!data) return null;
  const { totalCount } = data.tasks;
  return { words: wordsOfTotal(totalOf(totalCount)), isNone: totalCount === 0 };
}

interface PlaceFieldsProps {
  /** Dates of which only a part was filled in. */
  halves: readonly string[];
  onChange: (place: Place) => void;
}

function PlaceFields({ halves, onChange }: PlaceFieldsProps) {
  const [values, setValues] = useState({ priority: "", runAt: "", deadline: "" });
  const set = (name: keyof typeof values) => (event: { target: { value: string } }) => {
    const next = { ...values, [name]: event.target.value };
    setValues(next);
    const [runAt, deadline] = [instantOf(next.runAt), instantOf(next.deadline)];
    onChange({
      ...(next.priority !== "" && { priority: Number(next.priority) }),
      ...(runAt !== null && { runAt }),
      ...(deadline !== null && { deadline }),
    });
  };
  return (
    <>
      <Select
        label="Priority"
        options={[{ value: "", label: "As it is" }, ...PRIORITY_OPTIONS]}
        value={values.priority}
        onChange={set("priority")}
      />
      <Input
        type="datetime-local"
        name="runAt"
        label="Not before"
        value={values.runAt}
        error={halves.includes("runAt") ? HALF_A_DATE : null}
        onChange={set("runAt")}
      />
      <Input
        type="datetime-local"
        name="deadline"
        label="Deadline"
        value={values.deadline}
        error={halves.includes("deadline") ? HALF_A_DATE : null}
        onChange={set("deadline")}
      />
    </>
  );
}
