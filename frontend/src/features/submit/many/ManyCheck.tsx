/** What the pasted lines become, what is wrong in which, and how far they are. */
import { CircleCheck, CircleX, Send, Square } from "lucide-react";
import { Link } from "wouter";
import { formatExact, heldDigits, type Json } from "@/lib/exactjson";
import { count, plural } from "@/lib/format";
import type { FormField } from "@/lib/schemaform";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Meter } from "@/ui/Meter";
import { Tags } from "@/ui/Tags";
import { PREFIX } from "./sheet";
import type { Many, ManyRow } from "./useMany";
import "@/ui/table.css";

interface ManyCheckProps {
  name: string;
  fields: FormField[];
  many: Many;
  onLine: (line: number) => void;
}

const MOST_FAULTS = 50;
const MOST_ROWS = 10;

export function ManyCheck({ name, fields, many, onLine }: ManyCheckProps) {
  const { rows, faulty, progress, halted } = many;
  return (
    <>
      <Card title="What it becomes" aside={summary(many)}>
        {faulty.length > 0 && <Faults rows={faulty} onLine={onLine} />}
        <Preview fields={fields} rows={rows} />
      </Card>
      {halted !== null && (
        <p className="field-error" role="alert">
          {halted} What was submitted stays submitted; go on when you are ready, nothing is submitted twice.
        </p>
      )}
      {progress === null ? (
        <Actions name={name} many={many} />
      ) : (
        <Progress {...progress} onStop={many.stop} />
      )}
    </>
  );
}

function Progress({ done, whole, onStop }: { done: number; whole: number; onStop: () => void }) {
  return (
    <>
      <div className="many-progress" role="status">
        <p className="figures">
          {count(done)} of {plural(whole, "task")}
        </p>
        <Meter value={done} whole={whole} label="Submitted" hue="good" />
      </div>
      <div className="submit-actions">
        <Button icon={Square} onClick={onStop}>
          Stop
        </Button>
      </div>
    </>
  );
}

function Actions({ name, many }: { name: string; many: Many }) {
  const { ready, faulty, sentCount } = many;
  return (
    <div className="submit-actions many-actions">
      {ready.length > 0 ? (
        <Button look="primary" icon={Send} onClick={() => void many.start()}>
          {sentCount === 0 ? "Submit" : "Submit further"} {plural(ready.length, "task")}
        </Button>
      ) : sentCount > 0 ? (
        <Done name={name} sentCount={sentCount} faultyCount={faulty.length} />
      ) : (
        <p className="faint" role="status">
          Nothing can be submitted yet: mend {faulty.length === 1 ? "the line" : "a line"} with errors.
        </p>
      )}
      {many.refusedCount > 0 && <Button onClick={many.tryAgain}>Try what was refused again</Button>}
      {sentCount > 0 && <Button onClick={many.startOver}>Start over</Button>}
    </div>
  );
}

interface DoneProps {
  name: string;
  sentCount: number;
  faultyCount: number;
}

function Done({ name, sentCount, faultyCount }: DoneProps) {
  return (
    <p className="many-done" role="status">
      <CircleCheck size={16} aria-hidden />
      {faultyCount === 0
        ? `All ${plural(sentCount, "task")} submitted.`
        : `${plural(sentCount, "task")} submitted, ${plural(faultyCount, "line")} left to mend.`}{" "}
      <Link className="link" href={`/tasks?function=${encodeURIComponent(name)}`}>
        See them
      </Link>
    </p>
  );
}

function summary({ rows, ready, faulty }: Many): string {
  const sent = rows.filter(({ taskId }) => taskId !== null).length;
  return [
    sent > 0 && `${count(sent)} submitted`,
    ready.length > 0 && `${count(ready.length)} ready`,
    faulty.length > 0 && `${plural(faulty.length, "line")} with errors`,
  ]
    .filter(Boolean)
    .join(", ");
}

function Faults({ rows, onLine }: { rows: ManyRow[]; onLine: (line: number) => void }) {
  return (
    <ul className="many-faults" aria-label="Lines with errors">
      {rows.slice(0, MOST_FAULTS).map(({ line, faults }) => (
        <li key={line}>
          <CircleX size={14} aria-hidden />
          <button type="button" className="link" onClick={() => onLine(line)}>
            Line {line}
          </button>
          <span>
            {faults.map(({ name, words }, index) => (
              <span key={index}>
                {name !== "" && <span className="mono">{name}: </span>}
                {words}{" "}
              </span>
            ))}
          </span>
        </li>
      ))}
      {rows.length > MOST_FAULTS && (
        <li className="faint">and {count(rows.length - MOST_FAULTS)} more lines</li>
      )}
    </ul>
  );
}

function Preview({ fields, rows }: { fields: FormField[]; rows: ManyRow[] }) {
  const used = fields.filter(({ name }) =>
    rows.some((row) => argsOf(row)[name] !== undefined || row.written[name] !== undefined),
  );
  const options = [...new Set(rows.flatMap(optionsOf))];
  return (
    <div className="many-preview" tabIndex={0} role="region" aria-label="Preview">
      <table className="table">
        <thead>
          <tr>
            <th scope="col" className="number">
              Line
            </th>
            {used.map(({ name }) => (
              <th key={name} scope="col" className="mono">
                {name}
              </th>
            ))}
            {options.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            <th scope="col">Task</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST_ROWS).map((row) => (
            <tr key={row.line}>
              <td className="number">{row.line}</td>
              {used.map(({ name }) => (
                <Cell key={name} value={argsOf(row)[name]} wrong={wrongIn(row, name)} />
              ))}
              {options.map((name) => (
                <OptionCell
                  key={name}
                  name={name}
                  value={row.input[name]}
                  wrong={wrongIn(row, PREFIX + name)}
                />
              ))}
              <td>{row.taskId !== null ? <TaskLink id={row.taskId} /> : <State row={row} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > MOST_ROWS && (
        <p className="many-more faint">and {count(rows.length - MOST_ROWS)} more lines</p>
      )}
    </div>
  );
}

function State({ row }: { row: ManyRow }) {
  return row.faults.length > 0 ? (
    <span className="many-bad">errors</span>
  ) : (
    <span className="faint">ready</span>
  );
}

function TaskLink({ id }: { id: string }) {
  return (
    <Link className="link" href={`/tasks/${id}`}>
      submitted
    </Link>
  );
}

/** The options that a line has, or would have if they were right. */
function optionsOf({ input, written }: ManyRow): string[] {
  return [
    ...Object.keys(input).filter((name) => name !== "function" && name !== "args"),
    ...Object.keys(written)
      .filter((name) => name.startsWith(PREFIX))
      .map((name) => name.slice(PREFIX.length)),
  ];
}

interface Wrong {
  /** As it was written. */
  text: string | null;
  words: string;
}

function wrongIn({ faults, written }: ManyRow, name: string): Wrong | null {
  const fault = faults.find((each) => each.name === name);
  return fault ? { text: written[name] ?? null, words: fault.words } : null;
}

function Cell({ value, wrong }: { value: Json | undefined; wrong: Wrong | null }) {
  const text =
    wrong?.text ??
    (value === undefined
      ? ""
      : typeof value === "string"
        ? (heldDigits(value) ?? value)
        : formatExact(value));
  const whole = text.length > 24 ? text.slice(0, 500) : undefined;
  const shown = text.slice(0, 60);
  if (wrong === null)
    return (
      <td className="many-cell" title={whole}>
        {shown}
      </td>
    );
  return (
    <td className="many-cell many-wrong" title={wrong.words}>
      <CircleX size={13} aria-label="Wrong:" /> {shown.trim() === "" ? <span>empty</span> : shown}
    </td>
  );
}

/** An option's lists are words: tags look as they do everywhere. */
function OptionCell({ name, value, wrong }: { name: string; value: Json | undefined; wrong: Wrong | null }) {
  if (wrong !== null || !Array.isArray(value)) return <Cell value={value} wrong={wrong} />;
  const words = value.map((each) => (typeof each === "string" ? each : formatExact(each)));
  if (name !== "tags") return <Cell value={words.join(", ")} wrong={null} />;
  return (
    <td className="many-cell" title={words.join(", ")}>
      <Tags of={words} />
    </td>
  );
}

function argsOf({ input }: ManyRow): Record<string, Json> {
  const args = input["args"];
  return typeof args === "object" && args !== null && !Array.isArray(args) ? args : {};
}
