/** What a value that is typed as JSON is to look like: in words, as an example, and where one does not fit. */
import { heldDigits, type Json } from "./exactjson";

export type Schema = Record<string, Json>;

export interface Shape {
  /** E.g. "list of numbers". */
  words: string;
  /** A value that would fit. */
  example: Json;
  /** What does not fit, and where; null where nothing is seen to. The server looks at the rest. */
  misfit: (value: Json) => string | null;
}

/** Schemas may hold themselves. */
const DEEPEST = 4;
const PLURALS: Record<string, string> = {
  string: "texts",
  integer: "whole numbers",
  number: "numbers",
  boolean: "true or false",
  array: "lists",
  object: "objects",
};
const NEEDED: Record<string, string> = {
  string: 'a text in double quotes, e.g. "text"',
  integer: "a whole number, e.g. 42",
  number: "a number, e.g. 2.5",
  boolean: "true or false",
  array: "a list, e.g. ",
  object: "an object, e.g. ",
};
const EXAMPLES: Record<string, Json> = { string: "text", integer: 42, number: 2.5, boolean: true };

/** Of a schema without references or null at its top; null where it says too little. */
export function shapeOf(schema: Schema, follow: (schema: Schema) => Schema): Shape | null {
  const type = typeOf(schema);
  if (type !== "array" && type !== "object") return null;
  const items = type === "array" ? typeOf(follow(asSchema(schema["items"]))) : null;
  return {
    words: type === "object" ? "object" : items === null ? "list" : `list of ${PLURALS[items] ?? "values"}`,
    example: exampleOf(schema, follow, 0),
    misfit: (value) => misfitOf(value, schema, follow, "", 0),
  };
}

function exampleOf(schema: Schema, follow: (schema: Schema) => Schema, depth: number): Json {
  const choices = schema["enum"];
  if (Array.isArray(choices) && choices[0] !== undefined) return choices[0];
  const type = typeOf(schema) ?? "";
  if (type === "array") {
    const items = asSchema(schema["items"]);
    return depth < DEEPEST && Object.keys(items).length > 0
      ? [exampleOf(follow(items), follow, depth + 1)]
      : [];
  }
  if (type !== "object") return EXAMPLES[type] ?? null;
  if (depth >= DEEPEST) return {};
  const properties = Object.entries(asSchema(schema["properties"]));
  return Object.fromEntries(
    properties.map(([name, own]) => [name, exampleOf(follow(asSchema(own)), follow, depth + 1)]),
  );
}

function misfitOf(
  value: Json,
  schema: Schema,
  follow: (schema: Schema) => Schema,
  at: string,
  depth: number,
): string | null {
  const type = typeOf(schema);
  if (type === null || depth > DEEPEST) return null;
  const where = at === "" ? "This" : at;
  if (!isA(type, value)) {
    const isWhole = type === "array" || type === "object";
    const example = isWhole ? JSON.stringify(exampleOf(schema, follow, 0)) : "";
    return `${where} is to be ${NEEDED[type] ?? type}${example}.`;
  }
  if (Array.isArray(value)) {
    const items = follow(asSchema(schema["items"]));
    return firstOf(value.map((each, i) => () => misfitOf(each, items, follow, `${at}[${i}]`, depth + 1)));
  }
  if (type !== "object") return null;
  const given = value as Record<string, Json>;
  const missing = asList(schema["required"]).find((name) => typeof name === "string" && !(name in given));
  if (typeof missing === "string") return `${where} is to have ${JSON.stringify(missing)}.`;
  const properties = asSchema(schema["properties"]);
  return firstOf(
    Object.entries(given)
      .filter(([name]) => name in properties)
      .map(([name, each]) => () => {
        const own = follow(asSchema(properties[name]));
        return misfitOf(each, own, follow, at === "" ? name : `${at}.${name}`, depth + 1);
      }),
  );
}

function firstOf(looks: readonly (() => string | null)[]): string | null {
  for (const look of looks) {
    const found = look();
    if (found !== null) return found;
  }
  return null;
}

function isA(type: string, value: Json): boolean {
  const digits = heldDigits(value);
  switch (type) {
    case "integer":
      return digits === null ? Number.isInteger(value) : /^-?\d+$/.test(digits);
    case "number":
      return digits !== null || typeof value === "number";
    case "string":
      return digits === null && typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    default:
      return true;
  }
}

/** Its one type; null where there is none, or a choice of several. */
function typeOf(schema: Schema): string | null {
  const type = schema["type"];
  return typeof type === "string" ? type : null;
}

export function asSchema(value: Json | undefined): Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

export function asList(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}
