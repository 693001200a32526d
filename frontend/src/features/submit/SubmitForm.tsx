/** A form made from a function's schema; what is typed is checked as one goes, and again by the server. */
import { FlaskConical, Send, TriangleAlert } from "lucide-react";
import { useState, type SubmitEvent } from "react";
import { useLocation, useSearch } from "wouter";
import { useAct } from "@/graphql/act";
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { placed } from "@/lib/errorpaths";
import type { Json } from "@/lib/exactjson";
import { draftsOf, fieldsWith, readDrafts, type Drafts } from "@/lib/schemaform";
import { useNow } from "@/lib/now";
import { duration } from "@/lib/time";
import { takeUnsent, useUnsent } from "@/lib/unsent";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Errors } from "@/ui/Field";
import { HALF_A_DATE, halfDates } from "@/ui/halfdates";
import { toast } from "@/ui/toast";
import { ArgumentField } from "./ArgumentField";
import { OptionFields } from "./OptionFields";
import { NO_OPTIONS, readOptions, type OptionDrafts } from "./options";
import { Samples } from "./Samples";
import "./submit.css";

export const SubmitForm_function = graphql(`
  fragment SubmitForm_function on Function {
    name
    description
    argsSchema
    example
    defaultPriority
    maxAttempts
    timeoutSeconds
    executor
    expectedSeconds
    conflict
    queue {
      id
      name
    }
  }
`);

const SubmitMutation = graphql(`
  mutation Submit($input: SubmitTaskInput!) {
    submitTask(input: $input) {
      task {
        id
        title
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

export interface Earlier {
  args: Record<string, Json>;
  options: Partial<OptionDrafts>;
}

interface Typed {
  drafts: Drafts;
  options: OptionDrafts;
}

interface SubmitFormProps {
  function: FragmentOf<typeof SubmitForm_function>;
  /** What to start with, of a task that is to run again. */
  from: Earlier | null;
}

/** Give it a `key`: another function, or other arguments to start with, is another form. */
export function SubmitForm({ function: data, from }: SubmitFormProps) {
  const called = readFragment(SubmitForm_function, data);
  const [fields] = useState(() => fieldsWith(called.argsSchema, from?.args ?? {}));
  const place = useSearch();
  const [unsent] = useState(() => takeUnsent(`submit?${place}`) as Typed | undefined);
  const [drafts, setDrafts] = useState(() => ({ ...draftsOf(fields, from?.args ?? {}), ...unsent?.drafts }));
  const [options, setOptions] = useState({ ...NO_OPTIONS, ...from?.options, ...unsent?.options });
  useUnsent(`submit?${place}`, { drafts, options } satisfies Typed);
  const now = useNow();
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [refused, setRefused] = useState<{ at: Record<string, string>; rest: string[] }>({
    at: {},
    rest: [],
  });
  const { act, isBusy } = useAct(SubmitMutation);
  const [, go] = useLocation();

  const reading = readDrafts(fields, drafts);
  const chosen = readOptions(options, now);
  const errors: Record<string, string> = { ...reading.errors, ...chosen.errors };
  const errorOf = (name: string) => (touched.has(name) ? errors[name] : undefined) ?? refused.at[name];
  const touch = (name: string) => {
    setTouched(new Set([...touched, name]));
    setRefused({
      at: Object.fromEntries(Object.entries(refused.at).filter(([key]) => key !== name)),
      rest: [],
    });
  };
  const submit = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const names = [...fields.map(({ name }) => name), ...Object.keys(options)];
    setTouched(new Set(names));
    const halves = halfDates(event.currentTarget);
    setRefused({ at: Object.fromEntries(halves.map((name) => [name, HALF_A_DATE])), rest: [] });
    if (Object.keys(errors).length > 0 || halves.length > 0) return;
    const input = { function: called.name, args: reading.args, ...chosen.options };
    const answer = await act({ input });
    const task = answer.data?.submitTask.task;
    if (answer.errors) setRefused(placed(answer.errors, names));
    else if (task) {
      toast.good(`${task.title} is submitted.`);
      go(`/tasks/${task.id}`);
    }
  };
  const example = asArgs(called.example);
  return (
    <form className="submit-form" noValidate onSubmit={(event) => void submit(event)}>
      <Card
        title={<span className="mono">{called.name}</span>}
        aside={
          example && (
            <Button
              look="quiet"
              isSmall
              icon={FlaskConical}
              onClick={() => setDrafts(draftsOf(fields, example))}
            >
              Fill in an example
            </Button>
          )
        }
      >
        {called.description !== null && <p className="submit-words soft">{called.description}</p>}
        <p className="submit-notes faint">
          Queue {called.queue.name}, {EXECUTORS[called.executor] ?? called.executor.toLowerCase()}
          {called.expectedSeconds !== null && `, usually takes ${duration(called.expectedSeconds * 1_000)}`}
        </p>
        {called.conflict !== null && (
          <p className="submit-conflict" role="note">
            <TriangleAlert size={15} aria-hidden />
            <span>{called.conflict}</span>
          </p>
        )}
        {fields.length === 0 && <p className="faint">It takes no arguments.</p>}
        <div className="fields">
          {fields.map((field) => (
            <ArgumentField
              key={field.name}
              field={field}
              draft={drafts[field.name] ?? ""}
              error={errorOf(field.name)}
              onChange={(draft) => {
                setDrafts({ ...drafts, [field.name]: draft });
                touch(field.name);
              }}
            />
          ))}
        </div>
      </Card>
      <OptionFields
        standard={called}
        drafts={options}
        errorOf={errorOf}
        onChange={(name, draft) => {
          setOptions({ ...options, [name]: draft });
          touch(name);
        }}
      />
      <Errors of={refused.rest} />
      <div className="submit-actions">
        <Button type="submit" look="primary" icon={Send} isBusy={isBusy}>
          Submit
        </Button>
      </div>
      <Samples wish={{ function: called.name, args: reading.args, options: chosen.options }} />
    </form>
  );
}

const EXECUTORS: Record<string, string> = {
  ASYNC: "runs in the worker’s event loop",
  THREAD: "runs in a thread",
  PROCESS: "runs in a process of its own",
};

function asArgs(value: Json): Record<string, Json> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
}
