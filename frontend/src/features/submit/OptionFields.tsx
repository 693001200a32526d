/** What else can be said of a task: when it runs, how often, and how it is found. */
import { Card } from "@/ui/Card";
import { Input, Select } from "@/ui/Field";
import type { OptionDrafts, OptionName } from "./options";

interface OptionFieldsProps {
  /** What holds where a field says nothing. */
  standard: {
    name: string;
    defaultPriority: number;
    maxAttempts: number;
    timeoutSeconds: number | null;
    queue: { name: string };
  };
  drafts: OptionDrafts;
  errorOf: (name: OptionName) => string | undefined;
  onChange: (name: OptionName, draft: string) => void;
}

const AT_DEADLINE = [
  { value: "", label: "It is cancelled" },
  { value: "FINISH_LATE", label: "It may finish late" },
];

export function OptionFields({ standard, drafts, errorOf, onChange }: OptionFieldsProps) {
  const field = (name: OptionName) => ({
    name,
    value: drafts[name],
    error: errorOf(name),
    onChange: (event: { target: { value: string } }) => onChange(name, event.target.value),
  });
  return (
    <Card title="When and how">
      <div className="fields">
        <Select
          label="Priority"
          help="10 goes first."
          options={priorities(standard.defaultPriority)}
          {...field("priority")}
        />
        <Input label="Not before" type="datetime-local" help="Empty: at once." {...field("runAt")} />
        <Input
          label="Deadline"
          type="datetime-local"
          help="By when it should be done."
          {...field("deadline")}
        />
        {drafts.deadline !== "" && (
          <Select label="At the deadline" options={AT_DEADLINE} {...field("onDeadline")} />
        )}
        <Input
          label="Attempts"
          hint="1 to 100"
          inputMode="numeric"
          placeholder={String(standard.maxAttempts)}
          {...field("maxAttempts")}
        />
        <Input
          label="Timeout"
          hint="seconds, each attempt"
          inputMode="decimal"
          placeholder={standard.timeoutSeconds === null ? "none" : String(standard.timeoutSeconds)}
          {...field("timeoutSeconds")}
        />
        <Input
          label="Depends on"
          hint="ids of tasks"
          help="It starts when all of them have succeeded."
          {...field("dependsOn")}
        />
        <Input label="Title" hint="what people see" placeholder={standard.name} {...field("title")} />
        <Input label="Tags" hint="with commas between" {...field("tags")} />
        <Input label="Queue" placeholder={standard.queue.name} {...field("queue")} />
        <Input
          label="Limit key"
          hint="a customer, say"
          help="Tasks of one key share the function’s limit per key."
          {...field("limitKey")}
        />
        <Input
          label="Idempotency key"
          help="An order’s number, say: a second submit with the same key gives the first task."
          {...field("idempotencyKey")}
        />
      </div>
    </Card>
  );
}

function priorities(standard: number) {
  return [
    { value: "", label: `${standard}, as usual` },
    ...Array.from({ length: 10 }, (_, index) => ({ value: String(10 - index), label: String(10 - index) })),
  ];
}
