import { describe, expect, it } from "vitest";
import { formatExact } from "./exactjson";
import { fieldsOf, readDrafts, type FormField } from "./schemaform";

const DEFS = {
  Address: {
    type: "object",
    properties: { city: { type: "string" }, floor: { type: "integer" } },
    required: ["city"],
  },
  Tree: { type: "object", properties: { leaves: { type: "array", items: { $ref: "#/$defs/Tree" } } } },
};

function field(schema: object): FormField {
  const [only] = fieldsOf({ properties: { value: schema }, required: ["value"], $defs: DEFS } as never);
  if (only === undefined) throw new Error("no field");
  return only;
}

function told(schema: object, draft: string): string | undefined {
  return readDrafts([field(schema)], { value: draft }).errors["value"];
}

describe("what is typed as JSON", () => {
  it.each([
    ["list of numbers", "[2.5]", { type: "array", items: { type: "number" } }],
    ["list of texts", '["text"]', { type: "array", items: { type: "string" } }],
    ["list", '["a"]', { type: "array", items: { enum: ["a", "b"] } }],
    ["list", "[]", { type: "array" }],
    ["list of lists", "[[42]]", { type: "array", items: { type: "array", items: { type: "integer" } } }],
    [
      "list of objects",
      '[{"city":"text","floor":42}]',
      { type: "array", items: { $ref: "#/$defs/Address" } },
    ],
    ["object", '{"city":"text","floor":42}', { $ref: "#/$defs/Address" }],
    ["object", '{"leaves":[{"leaves":[{}]}]}', { $ref: "#/$defs/Tree" }],
    [
      "list of true or false",
      "[true]",
      { anyOf: [{ type: "array", items: { type: "boolean" } }, { type: "null" }] },
    ],
  ])("is a %s, e.g. %s", (words, example, schema) => {
    const { shape } = field(schema);
    expect(shape?.words).toBe(words);
    expect(formatExact(shape?.example ?? null)).toBe(example);
    expect(told(schema, example)).toBeUndefined();
  });

  it.each([
    [{ type: "array", items: { type: "number" } }, "2.5", "This is to be a list, e.g. [2.5]."],
    [{ type: "array", items: { type: "number" } }, '[1, "2"]', "[1] is to be a number, e.g. 2.5."],
    [{ type: "array", items: { type: "integer" } }, "[1.5]", "[0] is to be a whole number, e.g. 42."],
    [
      { type: "array", items: { type: "string" } },
      "[9007199254740993]",
      '[0] is to be a text in double quotes, e.g. "text".',
    ],
    [{ $ref: "#/$defs/Address" }, "[]", 'This is to be an object, e.g. {"city":"text","floor":42}.'],
    [{ $ref: "#/$defs/Address" }, "{}", 'This is to have "city".'],
    [
      { type: "array", items: { $ref: "#/$defs/Address" } },
      '[{"city": "Ulm", "floor": true}]',
      "[0].floor is to be a whole number, e.g. 42.",
    ],
  ])("that does not fit %j says so: %s", (schema, draft, words) => expect(told(schema, draft)).toBe(words));

  it.each([
    [{ type: "array", items: { type: "integer" } }, "[1, 9007199254740993]"],
    [{ type: "array", items: { anyOf: [{ type: "integer" }, { type: "null" }] } }, "[1, null]"],
    [{ type: "array", items: { anyOf: [{ type: "integer" }, { type: "string" }] } }, '[1, "two"]'],
    [{ anyOf: [{ type: "array" }, { type: "null" }] }, "null"],
    [{ $ref: "#/$defs/Address" }, '{"city": "Ulm", "more": 1}'],
    [{}, "[1]"],
  ])("of %j may be %s", (schema, draft) => expect(told(schema, draft)).toBeUndefined());
});
