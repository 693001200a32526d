/** Pasted CSV or JSON lines as tasks to submit, with what is wrong in each line. */
import { formatExact, heldDigits, parseExact, type Json } from "@/lib/exactjson";
import { draftOf, readDrafts, type Drafts, type FormField } from "@/lib/schemaform";
import { NO_OPTIONS, readOptions, type OptionDrafts } from "../options";
import { parseCsv } from "./csv";

export type Format = "CSV" | "JSON lines";

export interface Fault {
  /** The argument or option; "" for the line as a whole. */
  name: string;
  words: string;
}

export interface Row {
  line: number;
  input: Record<string, Json>;
  faults: Fault[];
  /** As it was written, what is wrong and so stands nowhere in the input; by the names of its faults. */
  written: Record<string, string>;
}

export interface Sheet {
  rows: Row[];
  /** What is wrong with the text as a whole: no line can be read before it is mended. */
  fault: string | null;
}

export interface Target {
  name: string;
  fields: FormField[];
  now: number;
}

/** What is not an argument begins with this: `task.priority`. */
export const PREFIX = "task.";

export function formatOf(text: string): Format {
  return /^\s*[{[]/.test(text) ? "JSON lines" : "CSV";
}

export function readSheet(text: string, format: Format, target: Target): Sheet {
  if (text.trim() === "") return { rows: [], fault: null };
  return format === "CSV" ? readCsv(text, target) : readJsonLines(text, target);
}

function readCsv(text: string, target: Target): Sheet {
  const { rows, separator, fault } = parseCsv(text);
  const [head, ...rest] = rows;
  if (fault !== null || head === undefined) return { rows: [], fault };
  const names = head.cells.map((cell) => cell.trim());
  const wrong = names.map((name) => unknown(name, target)).find((words) => words !== null);
  if (wrong) return { rows: [], fault: `Line ${head.line} names the columns. ${wrong}` };
  const hasCommas = separator === ";";
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return { rows: [], fault: `Two columns are called ${twice}.` };
  return { rows: rest.map(({ line, cells }) => csvRow(line, cells, names, target, hasCommas)), fault: null };
}

/** `hasCommas`: who separates by semicolons writes 2,5 for two and a half. */
function csvRow(line: number, cells: string[], names: string[], target: Target, hasCommas: boolean): Row {
  const filled = cells.findLastIndex((cell) => cell !== "") + 1;
  if (filled > names.length) {
    const words = `It has ${filled} values, and there are ${names.length} columns.`;
    return { line, input: {}, faults: [{ name: "", words }], written: {} };
  }
  const cellOf = new Map(names.map((name, index) => [name, cells[index] ?? ""]));
  const faults: Fault[] = [];
  const drafts: Drafts = {};
  for (const field of target.fields) {
    const cell = cellOf.get(field.name) ?? "";
    const draft = draftOfCell(field, hasCommas && field.kind === "number" ? withPoint(cell) : cell);
    if (draft === null) faults.push({ name: field.name, words: choicesOf(field) });
    else drafts[field.name] = draft;
  }
  const options = Object.fromEntries(
    Object.keys(NO_OPTIONS).map((name) => [name, cellOf.get(PREFIX + name) ?? ""]),
  ) as OptionDrafts;
  const reading = readDrafts(
    target.fields.filter(({ name }) => drafts[name] !== undefined),
    drafts,
  );
  faults.push(...Object.entries(reading.errors).map(([name, words]) => ({ name, words })));
  const written = Object.fromEntries(faults.map(({ name }) => [name, cellOf.get(name) ?? ""]));
  const input = { function: target.name, args: reading.args };
  return withOptions({ line, input, faults, written }, options, target);
}

function withPoint(cell: string): string {
  return cell.replace(/^(\s*-?\d+),(\d+\s*)$/, "$1.$2");
}

/** As a field of the form would hold it; null where it is none of its choices. */
function draftOfCell(field: FormField, cell: string): string | null {
  const word = cell.trim();
  if (word === "" && field.kind !== "text" && field.kind !== "multiline") return "";
  if (field.kind === "boolean") {
    if (/^(true|yes|y|1)$/i.test(word)) return "true";
    return /^(false|no|n|0)$/i.test(word) ? "false" : null;
  }
  if (field.kind !== "choice") return cell;
  const choice = field.choices.find((each) => each === word || formatExact(each) === word);
  return choice === undefined ? null : formatExact(choice);
}

function choicesOf(field: FormField): string {
  if (field.kind === "boolean") return "This is true or false.";
  const words = field.choices.map((choice) => (typeof choice === "string" ? choice : formatExact(choice)));
  return `This is one of: ${words.join(", ")}.`;
}

function readJsonLines(text: string, target: Target): Sheet {
  if (/^\s*\[/.test(text))
    return {
      rows: [],
      fault: "This is one JSON array. Put each object on a line of its own, without commas.",
    };
  const rows = text
    .split(/\r\n|\n|\r/)
    .map((written, index) => ({ written, line: index + 1 }))
    .filter(({ written }) => written.trim() !== "")
    .map(({ written, line }) => jsonRow(line, written, target));
  return { rows, fault: null };
}

function jsonRow(line: number, written: string, target: Target): Row {
  const row: Row = { line, input: {}, faults: [], written: {} };
  const fail = (words: string) => ({ ...row, faults: [{ name: "", words }] });
  let found: Json;
  try {
    found = parseExact(written);
  } catch (error) {
    if (error instanceof SyntaxError) return fail("This is not JSON.");
    throw error;
  }
  if (typeof found !== "object" || found === null || Array.isArray(found))
    return fail('A line is an object of named arguments, like { "a": 1 }.');
  const options: OptionDrafts = { ...NO_OPTIONS };
  const args: Record<string, Json> = {};
  for (const [name, value] of Object.entries(found)) {
    const wrong = unknown(name, target);
    if (wrong !== null) row.faults.push({ name, words: wrong });
    else if (name.startsWith(PREFIX))
      options[name.slice(PREFIX.length) as keyof OptionDrafts] = optionDraft(value);
    else args[name] = value;
  }
  row.faults.push(...target.fields.flatMap((field) => faultOf(field, args[field.name])));
  return withOptions({ ...row, input: { function: target.name, args } }, options, target);
}

function optionDraft(value: Json): string {
  if (value === null) return "";
  if (Array.isArray(value)) return value.map(optionDraft).join(",");
  return typeof value === "string" ? (heldDigits(value) ?? value) : formatExact(value);
}

/** What is wrong with a value as it stands: what is a text there is no number. */
function faultOf(field: FormField, value: Json | undefined): Fault[] {
  const { name } = field;
  if (value === undefined) return field.isRequired ? [{ name, words: "This is needed." }] : [];
  if (value === null)
    return field.isNullable || field.kind === "json" ? [] : [{ name, words: "This is not null." }];
  const words = isOfKind(field, value) ? null : KIND_WORDS[field.kind];
  if (words !== null) return [{ name, words: field.kind === "choice" ? choicesOf(field) : words }];
  if (value === "")
    return field.minLength ? [{ name, words: `At least ${field.minLength} characters.` }] : [];
  const { errors } = readDrafts([field], { [name]: draftOf(field, value) });
  return Object.entries(errors).map(([at, words]) => ({ name: at, words }));
}

const KIND_WORDS: Record<FormField["kind"], string> = {
  text: "This is a text, in double quotes.",
  multiline: "This is a text, in double quotes.",
  integer: "This is a whole number, e.g. 42.",
  number: "This is a number, e.g. 2.5.",
  boolean: "This is true or false.",
  choice: "This is none of its choices.",
  json: "",
};

function isOfKind({ kind, choices }: FormField, value: Json): boolean {
  const digits = heldDigits(value);
  switch (kind) {
    case "json":
      return true;
    case "choice":
      return choices.some((choice) => formatExact(choice) === formatExact(value));
    case "integer":
      return digits === null ? Number.isInteger(value) : /^-?\d+$/.test(digits);
    case "number":
      return digits !== null || typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
    default:
      return typeof value === "string" && digits === null;
  }
}

function withOptions(row: Row, drafts: OptionDrafts, { now }: Target): Row {
  const { options, errors } = readOptions(drafts, now);
  const faults = Object.entries(errors).map(([name, words]) => ({ name: PREFIX + name, words }));
  const written = { ...row.written };
  for (const name of Object.keys(errors)) written[PREFIX + name] = drafts[name as keyof OptionDrafts];
  return {
    ...row,
    input: { ...row.input, ...options },
    faults: [...row.faults, ...faults],
    written,
  };
}

/** Why a name means nothing here; null where it does. */
function unknown(name: string, { name: called, fields }: Target): string | null {
  if (fields.some((field) => field.name === name)) return null;
  if (name.startsWith(PREFIX) && Object.hasOwn(NO_OPTIONS, name.slice(PREFIX.length))) return null;
  if (name === "") return "A column has no name.";
  if (Object.hasOwn(NO_OPTIONS, name))
    return `${called} takes no argument ${name}; the option is ${PREFIX}${name}.`;
  return name.startsWith(PREFIX)
    ? `There is no option ${name}; there are ${Object.keys(NO_OPTIONS).join(", ")}.`
    : `${called} takes no argument ${name}; it takes ${fields.map((field) => field.name).join(", ") || "none"}.`;
}
