/** Asks before an action on many tasks that cannot be undone; says of how many, and by which filter. */
import { useRef, useState } from "react";
import { useQuery } from "urql";
import { totalOf, wordsOfTotal, type Total } from "@/lib/format";
import { instantOf } from "@/lib/time";
import { PRIORITY_OPTIONS } from "@/features/tasks/priorities";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Input, Select } from "@/ui/Field";
import { HALF_A_DATE, halfDates } from "@/ui/halfdates";
import { AmountsQuery } from "./documents";
import { CHOICES, type Choice } from "./kinds";
import { consequencesOf, exactly, less, wordsOfLeft, type Amounts, type Target } from "./target";
import { useBulk, type Place } from "./useBulk";

interface BulkDialogProps {
  choice: Choice;
  target: Target;
  onClose: () => void;
  onBegun: () => void;
}

export function BulkDialog({ choice, target, onClose, onBegun }: BulkDialogProps) {
  const amounts = useAmounts(choice, target);
  const [place, setPlace] = useState<Place>({});
  const { begin, isBusy } = useBulk();
  const { verb } = CHOICES[choice];
  const isPlaced = choice !== "RESCHEDULE" || Object.keys(place).length > 0;
  const which = "ids" in target ? { ids: target.ids } : { filter: target.filter };
  const known = amounts === "unknown" ? null : amounts;
  const title = `${verb} ${wordsOfAmounts(amounts)}`;
  const fields = useRef<HTMLDivElement>(null);
  const [halves, setHalves] = useState<readonly string[]>([]);
  const go = async () => {
    const found = fields.current ? halfDates(fields.current) : [];
    setHalves(found);
    if (found.length > 0) return;
    const note = known ? wordsOfLeft(choice, known, true) : "";
    if (await begin(choice, which, note, place)) onBegun();
  };
  const actions = (
    <>
      <Button onClick={onClose} data-first>
        Leave it
      </Button>
      <Button
        look={choice === "DELETE" || choice === "CANCEL" ? "danger" : "primary"}
        isBusy={isBusy}
        disabled={amounts === null || isNothing(known) || !isPlaced}
        onClick={() => void go()}
      >
        {title}
      </Button>
    </>
  );
  return (
    <Dialog title={`${title}?`} onClose={onClose} actions={actions}>
      <div className="soft bulk-words">
        <Which target={target} />
        {amounts !== null && <Consequences choice={choice} amounts={known} />}
      </div>
      {choice === "RESCHEDULE" && (
        <div ref={fields} className="dialog-form">
          <PlaceFields halves={halves} onChange={setPlace} />
        </div>
      )}
    </Dialog>
  );
}

function wordsOfAmounts(amounts: Amounts | "unknown" | null): string {
  if (amounts === null) return "…";
  return amounts === "unknown" ? "all that match" : wordsOfTotal(amounts.able);
}

function isNothing(amounts: Amounts | null): boolean {
  return amounts !== null && amounts.able.isExact && amounts.able.atLeast === 0;
}

/** What comes of it, and what is left alone; null where nobody could count. */
function Consequences({ choice, amounts }: { choice: Choice; amounts: Amounts | null }) {
  const left = amounts && wordsOfLeft(choice, amounts);
  return (
    <>
      <p>
        {isNothing(amounts)
          ? "None of them is in a state for it now."
          : amounts
            ? consequencesOf(choice, amounts)
            : `They could not be counted just now. ${CHOICES[choice].takes} ${consequencesOf(choice, null)}`}
      </p>
      {left && <p>{left}</p>}
    </>
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

/** Counted when it is asked for, for it has changed since the list was read; null until then. A count may take too long where the action would not. */
function useAmounts(choice: Choice, target: Target): Amounts | "unknown" | null {
  const filter = "filter" in target ? target.filter : {};
  const runs = choice === "CANCEL" && (filter.status ?? []).includes("RUNNING");
  const [{ data, error }] = useQuery({
    query: AmountsQuery,
    variables: {
      filter,
      running: { ...filter, status: ["RUNNING"] },
      whole: "whole" in target ? target.whole : {},
    },
    pause: "ids" in target,
    requestPolicy: "network-only",
  });
  if ("ids" in target) return target.amounts;
  if (error) return "unknown";
  if (!data) return null;
  const [able, running, whole] = [data.able, data.running, data.whole].map((each) =>
    totalOf(each.totalCount),
  ) as [Total, Total, Total];
  return { able, running: runs ? running : exactly(0), left: less(whole, able) };
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
