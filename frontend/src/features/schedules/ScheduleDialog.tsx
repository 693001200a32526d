/** Makes a schedule, or changes one: what runs, when, and how. */
import { useState, type SubmitEvent } from "react";
import { ArgumentField } from "@/features/submit/ArgumentField";
import { useAct } from "@/graphql/act";
import { graphql, readFragment, type FragmentOf, type ResultOf } from "@/graphql/graphql";
import { NOTHING, placed } from "@/lib/errorpaths";
import type { Json } from "@/lib/exactjson";
import { draftsOf, fieldsWith, readDrafts, type Drafts } from "@/lib/schemaform";
import { takeUnsent, useUnsent } from "@/lib/unsent";
import { Button } from "@/ui/Button";
import { Dialog, FormActions } from "@/ui/Dialog";
import { Checkbox, Errors, Input, Select } from "@/ui/Field";
import { toast } from "@/ui/toast";
import { CronPreview } from "./CronPreview";
import { asArgs, draftOf, newDraft, readDraft, USUAL, type ScheduleDraft } from "./draft";

export const ScheduleDialog_function = graphql(`
  fragment ScheduleDialog_function on Function {
    name
    argsSchema
    example
  }
`);

export const ScheduleDialog_schedule = graphql(`
  fragment ScheduleDialog_schedule on Schedule {
    id
    name
    cron
    timezone
    function
    title
    args
    priority
    deadlineSeconds
    timeoutSeconds
    maxAttempts
    tags
    limitKey
    catchUp
  }
`);

const CreateMutation = graphql(`
  mutation CreateSchedule($input: ScheduleInput!) {
    createSchedule(input: $input) {
      schedule {
        id
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

const UpdateMutation = graphql(
  `
    mutation UpdateSchedule($id: ID!, $input: ScheduleChanges!) {
      updateSchedule(id: $id, input: $input) {
        schedule {
          id
          description
          nextRunAt
          error
          ...ScheduleDialog_schedule
        }
        errors {
          code
          message
          path
        }
      }
    }
  `,
  [ScheduleDialog_schedule],
);

type Called = ResultOf<typeof ScheduleDialog_function>;

interface ScheduleDialogProps {
  functions: readonly FragmentOf<typeof ScheduleDialog_function>[];
  /** The one that is changed; null: a new one. */
  schedule: FragmentOf<typeof ScheduleDialog_schedule> | null;
  onClose: () => void;
}

const ZONES = ["UTC", ...Intl.supportedValuesOf("timeZone")];

export function ScheduleDialog({ functions: masked, schedule: data, onClose }: ScheduleDialogProps) {
  const functions = readFragment(ScheduleDialog_function, masked);
  const kept = readFragment(ScheduleDialog_schedule, data);
  const { draft, put, fields, args, setArgs, choose } = useDrafts(functions, kept);
  const [refused, setRefused] = useState(NOTHING);
  const creating = useAct(CreateMutation);
  const updating = useAct(UpdateMutation);

  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    const { values, errors } = readDraft(draft);
    const reading =
      fields === null ? { args: asArgs(kept?.args ?? {}), errors: {} } : readDrafts(fields, args);
    const wrong: Record<string, string> = { ...errors, ...reading.errors };
    if (Object.keys(wrong).length > 0) {
      setRefused({ at: wrong, rest: [] });
      return;
    }
    const input = { ...values, args: reading.args };
    const answer = kept ? await updating.act({ id: kept.id, input }) : await creating.act({ input });
    if (answer.errors) {
      const shown = [...Object.keys(draft), ...(fields ?? []).map(({ name }) => name)];
      setRefused(placed(answer.errors, shown));
      return;
    }
    toast.good(kept ? `${values.name} is changed.` : `${values.name} is made.`);
    onClose();
  };
  const field = (name: Exclude<keyof ScheduleDraft, "catchUp">) => ({
    value: draft[name],
    error: refused.at[name],
    autoComplete: "off",
    onChange: (event: { target: { value: string } }) => put({ [name]: event.target.value }),
  });
  return (
    <Dialog look="wide" title={kept ? `Change ${kept.name}` : "New schedule"} onClose={onClose}>
      <form className="dialog-form" noValidate onSubmit={(event) => void save(event)}>
        <div className="fields">
          <Input label="Name" autoFocus={!kept} {...field("name")} />
          <Select
            label="Function"
            options={namesFor(functions, draft.function)}
            {...field("function")}
            onChange={(event) => choose(event.target.value)}
          />
        </div>
        {fields !== null && fields.length > 0 && (
          <fieldset className="group">
            <legend>Arguments</legend>
            <div className="fields">
              {fields.map((each) => (
                <ArgumentField
                  key={each.name}
                  field={each}
                  draft={args[each.name] ?? ""}
                  error={refused.at[each.name]}
                  onChange={(value) => setArgs({ ...args, [each.name]: value })}
                />
              ))}
            </div>
          </fieldset>
        )}
        {fields === null && draft.function !== "" && (
          <p className="faint">No worker offers this function now; its arguments stay as they are.</p>
        )}
        <fieldset className="group">
          <legend>When</legend>
          <div className="fields">
            <Input label="Cron line" hint="minute hour day month weekday" {...field("cron")} />
            <Input label="Time zone" list="time-zones" {...field("timezone")} />
          </div>
          <datalist id="time-zones">
            {ZONES.map((zone) => (
              <option key={zone} value={zone} />
            ))}
          </datalist>
          <div className="usual">
            {USUAL.map(({ cron, label }) => (
              <Button
                key={cron}
                isSmall
                look={draft.cron === cron ? "plain" : "quiet"}
                aria-pressed={draft.cron === cron}
                onClick={() => put({ cron })}
              >
                {label}
              </Button>
            ))}
          </div>
          <CronPreview cron={draft.cron} timezone={draft.timezone} />
          <Checkbox
            label="Make up for missed ticks"
            help="Ticks while Rota was away run when it is back, the newest hundred of them."
            checked={draft.catchUp}
            onChange={(event) => put({ catchUp: event.target.checked })}
          />
        </fieldset>
        <details className="more" open={hasMore(draft) || undefined}>
          <summary>How each task runs</summary>
          <div className="fields">
            <Input label="Title" hint="of its tasks" placeholder={draft.name} {...field("title")} />
            <Input
              label="Priority"
              hint="1 to 10"
              placeholder="as the function says"
              {...field("priority")}
            />
            <Input
              label="Deadline"
              hint="seconds after its tick"
              placeholder="none"
              {...field("deadlineSeconds")}
            />
            <Input label="Timeout" hint="seconds, each attempt" {...field("timeoutSeconds")} />
            <Input label="Attempts" inputMode="numeric" {...field("maxAttempts")} />
            <Input label="Limit key" help="Shares a limit with others of this key." {...field("limitKey")} />
            <Input label="Tags" hint="with commas between" {...field("tags")} />
          </div>
        </details>
        <Errors of={refused.rest} />
        <FormActions
          action={kept ? "Change the schedule" : "Make the schedule"}
          isBusy={creating.isBusy || updating.isBusy}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}

interface Typed {
  draft: ScheduleDraft;
  args: Drafts;
}

/** What is typed; `fields` is null where nobody offers the function, so that its arguments cannot be shown as a form. */
function useDrafts(functions: readonly Called[], kept: ResultOf<typeof ScheduleDialog_schedule> | null) {
  const place = `schedule ${kept?.id ?? "new"}`;
  const [unsent] = useState(() => takeUnsent(place) as Typed | undefined);
  const [draft, setDraft] = useState(
    () =>
      unsent?.draft ??
      (kept ? draftOf(kept) : newDraft(Intl.DateTimeFormat().resolvedOptions().timeZone, "")),
  );
  const given = (name: string) => asArgs(kept?.function === name ? kept.args : {});
  const fieldsOf = (name: string) => fieldsFor(functions, name, given(name));
  const draftsFor = (name: string) => draftsOf(fieldsOf(name) ?? [], given(name));
  const [args, setArgs] = useState<Drafts>(() => unsent?.args ?? draftsFor(draft.function));
  useUnsent(place, { draft, args } satisfies Typed);
  const choose = (name: string) => {
    setDraft({ ...draft, function: name });
    setArgs(draftsFor(name));
  };
  const put = (more: Partial<ScheduleDraft>) => setDraft({ ...draft, ...more });
  return { draft, put, args, setArgs, choose, fields: fieldsOf(draft.function) };
}

function fieldsFor(functions: readonly Called[], name: string, given: Record<string, Json>) {
  const called = functions.find((each) => each.name === name);
  return called ? fieldsWith(called.argsSchema, given) : null;
}

function namesFor(functions: readonly Called[], chosen: string) {
  const names = functions.map(({ name }) => name);
  const all = names.includes(chosen) || chosen === "" ? names : [chosen, ...names];
  const none = chosen === "" ? [{ value: "", label: "Choose" }] : [];
  return [...none, ...all.map((name) => ({ value: name, label: name }))];
}

function hasMore({
  title,
  priority,
  deadlineSeconds,
  timeoutSeconds,
  maxAttempts,
  tags,
  limitKey,
}: ScheduleDraft) {
  return [title, priority, deadlineSeconds, timeoutSeconds, maxAttempts, tags, limitKey].some(Boolean);
}
