/** Many tasks of one function, from pasted CSV or JSON lines. */
import { FileUp, FlaskConical } from "lucide-react";
import { useRef, useState } from "react";
import { formatExact, type Json } from "@/lib/exactjson";
import { draftsOf, fieldsOf, type FormField } from "@/lib/schemaform";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { TextArea } from "@/ui/Field";
import { ManyCheck } from "./ManyCheck";
import { PREFIX } from "./sheet";
import { useMany } from "./useMany";
import "./many.css";

interface SubmitManyProps {
  name: string;
  argsSchema: Json;
  example: Record<string, Json> | null;
}

const FORMATS = ["CSV", "JSON lines"] as const;

/** Give it a `key`: another function is another form. */
export default function SubmitMany({ name, argsSchema, example }: SubmitManyProps) {
  const [fields] = useState(() => fieldsOf(argsSchema));
  const many = useMany(name, fields);
  const place = useRef<HTMLDivElement>(null);
  const isBusy = many.progress !== null;
  const showLine = (line: number) => {
    const area = place.current?.querySelector("textarea");
    if (area) select(area, line);
  };
  const aside = (
    <div className="segments" role="group" aria-label="Format">
      {FORMATS.map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={each === many.format}
          onClick={() => many.setFormat(each)}
        >
          {each}
        </button>
      ))}
    </div>
  );
  return (
    <div className="submit-form" ref={place}>
      <Card
        title={
          <>
            Many of <span className="mono">{name}</span>
          </>
        }
        aside={aside}
      >
        <TextArea
          label={many.format === "CSV" ? "Comma-separated values" : "JSON lines"}
          hint={many.isGuessed && many.text !== "" ? "as it seems" : undefined}
          help={<Help fields={fields} isCsv={many.format === "CSV"} />}
          isMono
          rows={12}
          wrap="off"
          readOnly={isBusy}
          placeholder={exampleOf(fields, example, many.format === "CSV")}
          value={many.text}
          error={many.fault}
          onChange={(event) => many.setText(event.target.value)}
        />
        <div className="many-tools">
          <FileButton isDisabled={isBusy} onText={many.setText} />
          {many.text === "" && (
            <Button
              look="quiet"
              isSmall
              icon={FlaskConical}
              onClick={() => many.setText(exampleOf(fields, example, many.format === "CSV"))}
            >
              Fill in an example
            </Button>
          )}
        </div>
      </Card>
      {many.rows.length > 0 && <ManyCheck name={name} fields={fields} many={many} onLine={showLine} />}
    </div>
  );
}

function Help({ fields, isCsv }: { fields: FormField[]; isCsv: boolean }) {
  const names = fields.map(({ name, isRequired }) => (isRequired ? name : `${name} (optional)`)).join(", ");
  return (
    <>
      {isCsv
        ? "The first line names the columns, each further line is a task; commas, semicolons or tabs separate the cells. An empty cell is left out."
        : "Each line is an object of named arguments, and becomes a task."}{" "}
      {names !== "" && <>Arguments: {names}. </>}
      Options are columns too, as <span className="mono">{PREFIX}priority</span>,{" "}
      <span className="mono">{PREFIX}title</span>, <span className="mono">{PREFIX}runAt</span>.
    </>
  );
}

function FileButton({ isDisabled, onText }: { isDisabled: boolean; onText: (text: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        accept=".csv,.tsv,.txt,.json,.jsonl,.ndjson,text/csv,application/json"
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) void file.text().then(onText);
          event.target.value = "";
        }}
      />
      <Button isSmall icon={FileUp} disabled={isDisabled} onClick={() => input.current?.click()}>
        Choose a file
      </Button>
    </>
  );
}

/** Two lines to start from. */
function exampleOf(fields: FormField[], example: Record<string, Json> | null, isCsv: boolean): string {
  const drafts = draftsOf(fields, example ?? {});
  if (!isCsv) {
    const line = formatExact({ ...(example ?? {}), [`${PREFIX}priority`]: 7 });
    return `${line}\n${line}\n`;
  }
  const cells = [...fields.map(({ name }) => cellOf(drafts[name] ?? "")), "7"].join(",");
  return `${[...fields.map(({ name }) => name), `${PREFIX}priority`].join(",")}\n${cells}\n${cells}\n`;
}

function cellOf(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Marks a line and brings it into sight. */
function select(area: HTMLTextAreaElement, line: number): void {
  const lines = area.value.split("\n");
  const from = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  area.focus();
  area.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
  const height = parseFloat(getComputedStyle(area).lineHeight);
  area.scrollTop = Math.max(0, (line - 4) * height);
}
