/** Turns the JSON Schema of a function's arguments into the fields of a form, and what is typed there into arguments. */
import { exactNumber, formatExact, heldDigits, parseExact, type Json } from "./exactjson";
import { asList, asSchema, shapeOf, type Schema, type Shape } from "./schemashape";

export type FieldKind = "text" | "multiline" | "integer" | "number" | "boolean" | "choice" | "json";

export interface FormField {
  name: string;
  kind: FieldKind;
  help: string;
  isRequired: boolean;
  isNullable: boolean;
  initial: Json | undefined;
  /** What may be chosen, of a choice. */
  choices: Json[];
  minimum: number | null;
  maximum: number | null;
  minLength: number | null;
  maxLength: number | null;
  pattern: string | null;
  /** Of what is typed as JSON, where its schema says more than that. */
  shape: Shape | null;
}

/** What stands in each field, as text; "" is nothing. */
export type Drafts = Record<string, string>;

const LONG_NAMES = /^(text|body|content|csv|html|markdown|message|prompt|script|code|lines)$|_text$/;
const SIMPLE: Record<string, FieldKind> = {
  string: "text",
  integer: "integer",
  number: "number",
  boolean: "boolean",
};

export function fieldsOf(argsSchema: Json): FormField[] {
  const root = asSchema(argsSchema);
  const required = new Set(asList(root["required"]));
  return Object.entries(asSchema(root["properties"])).map(([name, raw]) =>
    fieldOf(name, asSchema(raw), root, required.has(name)),
  );
}

function fieldOf(name: string, own: Schema, root: Schema, isRequired: boolean): FormField {
  const { schema, isNullable } = withoutNull(resolved(own, root), root);
  const choices = choicesOf(schema);
  return {
    name,
    kind: kindOf(name, schema, choices),
    help: asText(own["description"]) ?? asText(schema["description"]) ?? "",
    isRequired,
    isNullable,
    initial: own["default"] ?? (own["default"] === null ? null : schema["default"]),
    choices,
    minimum: asNumber(schema["minimum"]),
    maximum: asNumber(schema["maximum"]),
    minLength: asNumber(schema["minLength"]),
    maxLength: asNumber(schema["maxLength"]),
    pattern: asText(schema["pattern"]),
    shape: shapeOf(schema, (inner) => {
      const { schema: found, isNullable: mayBeNull } = withoutNull(resolved(inner, root), root);
      return mayBeNull ? {} : found;
    }),
  };
}

function kindOf(name: string, schema: Schema, choices: Json[]): FieldKind {
  if (choices.length > 0) return "choice";
  const kind = SIMPLE[asText(schema["type"]) ?? ""] ?? "json";
  if (kind !== "text") return kind;
  const isLong = schema["format"] === "multiline" || LONG_NAMES.test(name) || hasLines(schema["default"]);
  return isLong ? "multiline" : "text";
}

function choicesOf(schema: Schema): Json[] {
  if (Array.isArray(schema["enum"])) return schema["enum"];
  return schema["const"] === undefined ? [] : [schema["const"]];
}

function resolved(schema: Schema, root: Schema): Schema {
  const ref = asText(schema["$ref"]);
  if (ref === null) return schema;
  const name = ref.split("/").at(-1) ?? "";
  return { ...asSchema(asSchema(root["$defs"])[name]), ...schema, $ref: null };
}

/** `X | None` is X that may be left out; a choice between other types is typed as JSON. */
function withoutNull(schema: Schema, root: Schema): { schema: Schema; isNullable: boolean } {
  if (Array.isArray(schema["type"])) {
    const types = schema["type"].filter((type) => type !== "null");
    const type = types.length === 1 ? types[0] : null;
    return { schema: { ...schema, type: type ?? null }, isNullable: types.length < schema["type"].length };
  }
  const options = [schema["anyOf"], schema["oneOf"]].find((list) => Array.isArray(list));
  if (!Array.isArray(options)) return { schema, isNullable: schema["type"] === "null" };
  const others = options.map(asSchema).filter((option) => option["type"] !== "null");
  const only = others.length === 1 ? others[0] : undefined;
  return {
    schema: only === undefined ? schema : { ...schema, ...resolved(only, root) },
    isNullable: others.length < options.length,
  };
}

/**
 * The fields for arguments that are there already. Where a field of the usual kind would make something else of one (a
 * text that is empty on purpose, a null where the function has another default, a name that its schema does not have), that
 * one is typed as JSON, so that it stays what it was.
 */
export function fieldsWith(argsSchema: Json, args: Record<string, Json>): FormField[] {
  const fields = fieldsOf(argsSchema);
  const known = new Set(fields.map(({ name }) => name));
  const others = Object.keys(args).filter((name) => !known.has(name));
  return [
    ...fields.map((field) => (keeps(field, args[field.name]) ? field : { ...field, kind: "json" as const })),
    ...others.map((name) => ({
      ...fieldOf(name, {}, {}, false),
      help: "Its function does not name it now.",
    })),
  ];
}

/** Whether what a field shows for a value is read as that value, or as a mistake that is told. */
function keeps(field: FormField, value: Json | undefined): boolean {
  if (value === undefined) return true;
  const draft = draftOf(field, value);
  const { args, errors } = readDrafts([field], { [field.name]: draft });
  if (errors[field.name] !== undefined) return draft !== "";
  const read = args[field.name] ?? field.initial ?? null;
  return formatExact(read) === formatExact(value);
}

/** What a field shows for a value. */
export function draftOf(field: FormField, value: Json | undefined): string {
  if (value === undefined) return "";
  if (field.kind === "choice") return formatExact(value);
  if (field.kind === "json" && (value !== null || (field.initial ?? null) !== null))
    return formatExact(value, 2);
  if (value === null) return "";
  return typeof value === "string" ? (heldDigits(value) ?? value) : formatExact(value);
}

export function draftsOf(fields: FormField[], args: Record<string, Json>): Drafts {
  return Object.fromEntries(
    fields.map((field) => [
      field.name,
      draftOf(field, field.name in args ? args[field.name] : field.initial),
    ]),
  );
}

export interface Reading {
  args: Record<string, Json>;
  /** What is wrong, by the field's name. */
  errors: Record<string, string>;
}

/** Arguments from what is typed; a field that says nothing is left out, for the function has its default. */
export function readDrafts(fields: FormField[], drafts: Drafts): Reading {
  const reading: Reading = { args: {}, errors: {} };
  for (const field of fields) {
    const draft = drafts[field.name] ?? "";
    if (draft === "" || (draft.trim() === "" && field.kind !== "text" && field.kind !== "multiline")) {
      if (field.isRequired && field.isNullable) reading.args[field.name] = null;
      else if (field.isRequired) reading.errors[field.name] = "This is needed.";
      continue;
    }
    const value = valueOf(field, draft);
    if (value instanceof Problem) reading.errors[field.name] = value.message;
    else reading.args[field.name] = value;
  }
  return reading;
}

class Problem {
  constructor(readonly message: string) {}
}

function valueOf(field: FormField, draft: string): Json | Problem {
  switch (field.kind) {
    case "integer":
      return numberOf(field, draft.trim(), /^-?\d+$/, "This is a whole number, e.g. 42.");
    case "number":
      return numberOf(field, draft.trim(), /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/, "This is a number, e.g. 2.5.");
    case "boolean":
      return draft === "true";
    case "choice":
      return parseExact(draft);
    case "json":
      return jsonOf(field, draft);
    default:
      return textOf(field, draft);
  }
}

function numberOf(field: FormField, draft: string, shape: RegExp, otherwise: string): Json | Problem {
  if (!shape.test(draft)) return new Problem(otherwise);
  const size = Number(draft);
  if (field.minimum !== null && size < field.minimum) return new Problem(`At least ${field.minimum}.`);
  if (field.maximum !== null && size > field.maximum) return new Problem(`At most ${field.maximum}.`);
  return exactNumber(draft.replace(/^(-?)0+(?=\d)/, "$1"));
}

function textOf(field: FormField, draft: string): Json | Problem {
  const length = Array.from(draft).length;
  if (field.minLength !== null && length < field.minLength)
    return new Problem(`At least ${field.minLength} characters.`);
  if (field.maxLength !== null && length > field.maxLength)
    return new Problem(`At most ${field.maxLength} characters; these are ${length}.`);
  if (field.pattern !== null && !matches(field.pattern, draft))
    return new Problem(`This must match ${field.pattern}`);
  return draft;
}

/** A pattern that this browser cannot read is left to the server. */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text);
  } catch (error) {
    if (error instanceof SyntaxError) return true;
    throw error;
  }
}

function jsonOf({ shape, isNullable }: FormField, draft: string): Json | Problem {
  try {
    const value = parseExact(draft);
    const misfit = value === null && isNullable ? null : (shape?.misfit(value) ?? null);
    return misfit === null ? value : new Problem(misfit);
  } catch (error) {
    if (error instanceof SyntaxError) return new Problem("This is not JSON. Texts stand in double quotes.");
    throw error;
  }
}

function hasLines(value: Json | undefined): boolean {
  return typeof value === "string" && value.includes("\n");
}

function asText(value: Json | undefined): string | null {
  return typeof value === "string" && heldDigits(value) === null ? value : null;
}

function asNumber(value: Json | undefined): number | null {
  return typeof value === "number" ? value : null;
}
