/** Sets a limit, or changes the one that is there. */
import { useState, type SubmitEvent } from "react";
import { useAct } from "@/graphql/act";
import { graphql } from "@/graphql/graphql";
import { NOTHING, placed } from "@/lib/errorpaths";
import { Dialog, FormActions } from "@/ui/Dialog";
import { Errors, Input, Select } from "@/ui/Field";
import { toast } from "@/ui/toast";
import { draftOf, readDraft, type Bounds, type LimitDraft, type Scope } from "./limits";

const SetMutation = graphql(`
  mutation SetLimit($input: LimitInput!) {
    setLimit(input: $input) {
      limit {
        id
        maxRunning
        maxStarts
        periodSeconds
        queue {
          id
          limits {
            id
            function
            perKey
            maxRunning
            maxStarts
            periodSeconds
            runningCount
            heldBackCount
          }
        }
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

const SCOPES: { value: Scope; label: string }[] = [
  { value: "queue", label: "The whole queue" },
  { value: "function", label: "One function" },
  { value: "key", label: "Each limit key of a function" },
];

interface LimitDialogProps {
  queue: string;
  functions: readonly string[];
  /** The one that is changed; null: a new one. */
  limit: Bounds | null;
  onClose: () => void;
}

export function LimitDialog({ queue, functions, limit, onClose }: LimitDialogProps) {
  const [draft, setDraft] = useState(() => draftOf(limit));
  const [refused, setRefused] = useState(NOTHING);
  const { act, isBusy } = useAct(SetMutation);
  const put = (more: Partial<LimitDraft>) => setDraft({ ...draft, ...more });
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    const { input, errors: wrong } = readDraft(draft, queue);
    if (Object.keys(wrong).length > 0) {
      setRefused({ at: wrong, rest: [] });
      return;
    }
    const { errors } = await act({ input });
    if (errors) setRefused(placed(errors, ["function", "maxRunning", "maxStarts", "periodSeconds"]));
    else {
      toast.good("The limit is set; what waits follows it at once.");
      onClose();
    }
  };
  const field = (name: "maxRunning" | "maxStarts" | "periodSeconds") => ({
    inputMode: "decimal" as const,
    autoComplete: "off",
    value: draft[name],
    error: refused.at[name],
    onChange: (event: { target: { value: string } }) => put({ [name]: event.target.value }),
  });
  return (
    <Dialog title={limit === null ? `Set a limit in ${queue}` : "Change the limit"} onClose={onClose}>
      <form className="dialog-form" noValidate onSubmit={(event) => void save(event)}>
        <div className="fields">
          <Select
            label="Of"
            options={SCOPES}
            disabled={limit !== null}
            value={draft.scope}
            onChange={(event) => put({ scope: event.target.value as Scope })}
          />
          {draft.scope !== "queue" && (
            <Select
              label="Function"
              options={[
                { value: "", label: "Choose" },
                ...functions.map((name) => ({ value: name, label: name })),
              ]}
              disabled={limit !== null}
              value={draft.function}
              error={refused.at["function"]}
              onChange={(event) => put({ function: event.target.value })}
            />
          )}
        </div>
        <Input label="Running at once" hint="at most" placeholder="no bound" {...field("maxRunning")} />
        <div className="fields">
          <Input label="Starts" hint="at most" placeholder="no bound" {...field("maxStarts")} />
          <Input label="In" hint="seconds" placeholder="60" {...field("periodSeconds")} />
        </div>
        <Errors of={refused.rest} />
        <FormActions
          action={limit === null ? "Set the limit" : "Change the limit"}
          isBusy={isBusy}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
