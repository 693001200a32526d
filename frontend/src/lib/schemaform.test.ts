import { describe, expect, it } from "vitest";
import { formatExact, parseExact, type Json } from "./exactjson";
import { draftsOf, fieldsOf, fieldsWith, readDrafts, type FormField } from "./schemaform";

function field(schema: object, name = "value", required = true): FormField {
  const [only] = fieldsOf({
    type: "object",
    properties: { [name]: schema as never },
    required: required ? [name] : [],
  });
  if (only === undefined) throw new Error("no field");
  return only;
}

function read(schema: object, draft: string, required = true) {
  return readDrafts([field(schema, "value", required)], { value: draft });
}

describe("fields", () => {
  it.each([
    ["text", { type: "string" }],
    ["multiline", { type: "string", format: "multiline" }],
    ["multiline", { type: "string", default: "a,b\n1,2" }],
    ["integer", { type: "integer" }],
    ["number", { type: "number" }],
    ["boolean", { type: "boolean" }],
    ["choice", { enum: ["fast", "slow", 3] }],
    ["choice", { const: "only" }],
    ["json", { type: "array", items: { type: "integer" } }],
    ["json", { type: "object" }],
    ["json", {}],
    ["json", { anyOf: [{ type: "string" }, { type: "integer" }] }],
  ])("%s comes from %j", (kind, schema) => expect(field(schema).kind).toBe(kind));

  it("takes what may be null as itself", () => {
    expect(
      field({ anyOf: [{ type: "integer", minimum: 2 }, { type: "null" }], default: null }),
    ).toMatchObject({
      kind: "integer",
      isNullable: true,
      minimum: 2,
      initial: null,
    });
    expect(field({ type: ["string", "null"] })).toMatchObject({ kind: "text", isNullable: true });
  });

  it("follows references", () => {
    const [only] = fieldsOf({
      properties: { mode: { $ref: "#/$defs/Mode", description: "How." } },
      $defs: { Mode: { enum: ["a", "b"], description: "Modes." } },
    });
    expect(only).toMatchObject({ kind: "choice", choices: ["a", "b"], help: "How.", isRequired: false });
  });

  it("knows long texts by their names", () =>
    expect(field({ type: "string" }, "text").kind).toBe("multiline"));
});

describe("reading", () => {
  it("keeps big integers exact", () => {
    expect(formatExact(read({ type: "integer" }, " 12345678901234567890 ").args)).toBe(
      '{"value":12345678901234567890}',
    );
  });

  it.each([
    [{ type: "integer" }, "1.5", "This is a whole number, e.g. 42."],
    [{ type: "number" }, "much", "This is a number, e.g. 2.5."],
    [{ type: "integer", minimum: 1 }, "0", "At least 1."],
    [{ type: "number", maximum: 60 }, "61", "At most 60."],
    [{ type: "string", minLength: 3 }, "ab", "At least 3 characters."],
    [{ type: "string", pattern: "^h" }, "ftp:", "This must match ^h"],
    [{ type: "array" }, "[1,", "This is not JSON. Texts stand in double quotes."],
    [{ type: "string" }, "", "This is needed."],
  ])("of %j refuses %j", (schema, draft, words) =>
    expect(read(schema, draft).errors).toEqual({ value: words }),
  );

  it.each([
    [{ type: "boolean" }, "false", false],
    [{ enum: ["a", 2] }, "2", 2],
    [{ type: "object" }, '{"a":[1]}', { a: [1] }],
    [{ type: "string" }, "  spaced ", "  spaced "],
    [{ type: "integer" }, "-007", -7],
    [{ anyOf: [{ type: "integer" }, { type: "null" }] }, "", null],
  ])("of %j takes %j", (schema, draft, value) => {
    expect(read(schema, draft)).toEqual({ args: { value }, errors: {} });
  });

  it("leaves out what says nothing", () => {
    expect(read({ type: "integer", default: 4 }, "", false)).toEqual({ args: {}, errors: {} });
  });
});

describe("drafts", () => {
  it("show arguments and defaults, and give them back", () => {
    const fields = fieldsOf({
      properties: {
        n: { type: "integer" },
        list: { type: "array" },
        mode: { enum: ["a"] },
        times: { type: "integer", default: 3 },
      },
      required: ["n"],
    });
    const args = parseExact('{"n":12345678901234567890,"list":[1],"mode":"a"}') as Record<string, never>;
    const drafts = draftsOf(fields, args);
    expect(drafts).toEqual({ n: "12345678901234567890", list: "[\n  1\n]", mode: '"a"', times: "3" });
    expect(readDrafts(fields, drafts).args).toEqual({ ...args, times: 3 });
  });
});

describe("what an earlier task was given", () => {
  const SCHEMA = {
    type: "object",
    properties: {
      limit: { anyOf: [{ type: "integer" }, { type: "null" }], default: 5 },
      name: { type: "string", default: "abc" },
      flag: { anyOf: [{ type: "boolean" }, { type: "null" }], default: true },
      other: { anyOf: [{ type: "object" }, { type: "null" }], default: null },
      title: { type: "string" },
      id: { type: "integer" },
    },
    required: ["title", "id"],
  };

  it.each([
    ['{"limit":null,"name":"","flag":null,"other":null,"title":"","id":1}'],
    ['{"limit":9223372036854775809,"name":"x","flag":false,"other":{"n":1e400},"title":"y","id":-0}'],
    ['{"limit":7,"title":"t","id":2,"gone":[null,"",9223372036854775809]}'],
    ['{"title":"t","id":2,"name":7,"flag":"yes","limit":{"a":1}}'],
  ])("is given again as it was: %s", (text) => {
    const args = parseExact(text) as Record<string, Json>;
    const fields = fieldsWith(SCHEMA, args);
    const { args: again, errors } = readDrafts(fields, draftsOf(fields, args));
    const left = Object.fromEntries(fields.map(({ name, initial }) => [name, initial ?? null]));
    const meant = { limit: 5, name: "abc", flag: true, other: null, ...args };
    const said = { ...left, ...again };
    const wrong = Object.keys(errors);
    for (const [name, value] of Object.entries(meant))
      if (!wrong.includes(name))
        expect([name, formatExact(said[name] ?? null)]).toEqual([name, formatExact(value)]);
    expect(wrong).toEqual(text.includes('{"a":1}') ? ["limit"] : []);
  });

  it("is typed as usual where that says the same", () => {
    const kinds = fieldsWith(SCHEMA, { limit: 7, name: "x", flag: true, other: null, title: "t", id: 1 });
    expect(kinds.map(({ kind }) => kind)).toEqual(["integer", "text", "boolean", "json", "text", "integer"]);
  });
});
