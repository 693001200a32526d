import { describe, expect, it } from "vitest";
import { formatExact, type Json } from "@/lib/exactjson";
import { fieldsOf } from "@/lib/schemaform";
import { formatOf, readSheet, type Target } from "./sheet";

const schema: Json = {
  required: ["a", "city"],
  properties: {
    a: { type: "integer", minimum: 0 },
    city: { type: "string" },
    size: { enum: ["small", "large"] },
    isOld: { type: "boolean" },
    more: { type: "object" },
  },
};
const target: Target = { name: "count", fields: fieldsOf(schema), now: Date.parse("2026-11-25T09:00:00Z") };

function csv(text: string) {
  return readSheet(text, "CSV", target);
}

function jsonLines(text: string) {
  return readSheet(text, "JSON lines", target);
}

function inputs({ rows }: ReturnType<typeof csv>) {
  return rows.map(({ input }) => formatExact(input));
}

function faults({ rows }: ReturnType<typeof csv>) {
  return rows.flatMap(({ line, faults }) => faults.map(({ name, words }) => `${line} ${name}: ${words}`));
}

describe("a table", () => {
  it("becomes tasks, with numbers exact, cells in quotes, options, and empty cells left out", () => {
    const found = csv(
      'city,a,size,isOld,more,task.priority,task.tags\n"Oslo, ""N""\nline two",12345678901234567890,large,yes,"{""x"":1}",9,"a,b"\nRome,2,,,,,\n',
    );
    expect(faults(found)).toEqual([]);
    expect(inputs(found)).toEqual([
      '{"function":"count","args":{"a":12345678901234567890,"city":"Oslo, \\"N\\"\\nline two","size":"large","isOld":true,"more":{"x":1}},"priority":9,"tags":["a","b"]}',
      '{"function":"count","args":{"a":2,"city":"Rome"}}',
    ]);
  });

  it("tells what is wrong by the line in which it stands, past line breaks in cells and empty lines", () => {
    const found = csv('a,city,size\n1,"one\r\ntwo",small\r\n\n-1,Rome,huge\nx,,small\n1,Rome,small,4\n');
    expect(faults(found)).toEqual([
      "5 size: This is one of: small, large.",
      "5 a: At least 0.",
      "6 a: This is a whole number, e.g. 42.",
      "6 city: This is needed.",
      "7 : It has 4 values, and there are 3 columns.",
    ]);
  });

  it.each([
    ["a,city\n1,Rome", 2],
    ["a;city\n1;Rome", 2],
    ["a\tcity\n1\tRome", 2],
    ["\ufeffa,city\n1,Rome", 2],
  ])("may have other separators and a byte order mark: %j", (text, line) => {
    const { rows, fault } = csv(text);
    expect(fault).toBeNull();
    expect(rows).toMatchObject([{ line, input: { args: { a: 1, city: "Rome" } }, faults: [] }]);
  });

  it("is separated by what its first line is, whatever stands in its cells", () => {
    const { rows, fault } = csv("a;city;size\n1;Rome, Italy, Europe, Earth;small\n2;Oslo;large");
    expect(fault).toBeNull();
    expect(rows.map(({ input }) => input["args"])).toEqual([
      { a: 1, city: "Rome, Italy, Europe, Earth", size: "small" },
      { a: 2, city: "Oslo", size: "large" },
    ]);
    expect(csv("a;city").fault).toBeNull();
  });

  it("may have commas in its numbers where it is separated by semicolons", () => {
    const two: Target = { ...target, fields: fieldsOf({ properties: { x: { type: "number" } } }) };
    const read = (text: string) => readSheet(text, "CSV", two).rows.map(({ input }) => input["args"]);
    expect(read("x;task.title\n2,5;one\n-10,25;two")).toEqual([{ x: 2.5 }, { x: -10.25 }]);
    // Elsewhere 1,500 may be fifteen hundred.
    expect(read("x\ttask.title\n1,500\tone")).toEqual([{}]);
  });

  it("keeps what is wrong as it was written", () => {
    const [row] = csv("a,city,size,isOld,task.priority\nx, ,huge,perhaps,eleven").rows;
    expect(row?.written).toEqual({
      a: "x",
      size: "huge",
      isOld: "perhaps",
      "task.priority": "eleven",
    });
    expect(jsonLines('{"a":1,"city":"x","task.priority":11}').rows[0]?.written).toEqual({
      "task.priority": "11",
    });
  });

  it("says what its first line should be", () => {
    expect(csv("a,town\n1,x").fault).toContain("count takes no argument town; it takes a, city");
    expect(csv("a,city,priority\n1,x,2").fault).toContain("the option is task.priority");
    expect(csv("a,city,task.colour\n1,x,2").fault).toContain("There is no option task.colour");
    expect(csv("a,a,city\n1,1,x").fault).toContain("Two columns are called a");
    expect(csv("a,constructor\n1,x").fault).toContain("takes no argument constructor");
    expect(csv('a,city\n1,"x').fault).toContain("Line 2");
    expect(csv("  \n")).toEqual({ rows: [], fault: null });
  });
});

describe("JSON lines", () => {
  it("become tasks as they stand", () => {
    const found = jsonLines(
      '{"a":12345678901234567890,"city":"","task.priority":3,"task.tags":["x","y"]}\n\n{"a":1,"city":"Rome","isOld":false}',
    );
    expect(faults(found)).toEqual([]);
    expect(found.rows.map(({ line }) => line)).toEqual([1, 3]);
    expect(inputs(found)).toEqual([
      '{"function":"count","args":{"a":12345678901234567890,"city":""},"priority":3,"tags":["x","y"]}',
      '{"function":"count","args":{"a":1,"city":"Rome","isOld":false}}',
    ]);
  });

  it("take no text for a number and no number for a text", () => {
    expect(faults(jsonLines('{"a":"1","city":2}\n{"a":1.5,"city":null}\nnonsense\n[1]'))).toEqual([
      "1 a: This is a whole number, e.g. 42.",
      "1 city: This is a text, in double quotes.",
      "2 a: This is a whole number, e.g. 42.",
      "2 city: This is not null.",
      "3 : This is not JSON.",
      '4 : A line is an object of named arguments, like { "a": 1 }.',
    ]);
    expect(faults(jsonLines('{"a":1,"city":"x","town":1,"task.priority":11}'))).toEqual([
      "1 town: count takes no argument town; it takes a, city, size, isOld, more.",
      "1 task.priority: A whole number from 1 to 10; 10 goes first.",
    ]);
  });

  it("are no array", () => expect(jsonLines('[\n{"a":1}]').fault).toContain("one JSON array"));
});

it("tells the two apart", () => {
  expect([' {"a":1}', "[1]", "a,b", ""].map(formatOf)).toEqual(["JSON lines", "JSON lines", "CSV", "CSV"]);
});
