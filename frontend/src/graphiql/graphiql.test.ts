import { readFileSync } from "node:fs";
import {
  buildSchema,
  coerceInputValue,
  getOperationAST,
  parse,
  typeFromAST,
  validate,
  type GraphQLInputType,
} from "graphql";
import { afterEach, describe, expect, it, vi } from "vitest";
import { EXAMPLES } from "./examples";
import { createFetcher, parse as parseAnswer } from "./fetcher";
import { storage } from "./storage";

const schema = buildSchema(readFileSync("../schema.graphql", "utf8"));

describe("examples", () => {
  it.each(EXAMPLES)("$name is what the schema takes, variables too", ({ query, variables = {} }) => {
    const document = parse(query);
    expect(validate(schema, document)).toEqual([]);
    const definitions = getOperationAST(document)?.variableDefinitions ?? [];
    expect(definitions.map(({ variable }) => variable.name.value).sort()).toEqual(
      expect.arrayContaining(Object.keys(variables).sort()),
    );
    for (const { variable, type } of definitions) {
      const value = variables[variable.name.value];
      const wrong: string[] = [];
      coerceInputValue(value, typeFromAST(schema, type as never) as GraphQLInputType, (_, __, error) =>
        wrong.push(error.message),
      );
      expect(wrong).toEqual([]);
    }
  });

  it("have names of their own", () => {
    expect(new Set(EXAMPLES.map(({ name }) => name)).size).toBe(EXAMPLES.length);
  });
});

describe("an answer", () => {
  it("reads as JSON does where nothing can be lost", () => {
    const text = '{"data":{"a":[1,-2.5,"3",null,true]},"errors":[]}';
    expect(parseAnswer(text)).toEqual(JSON.parse(text));
  });
});

describe("a question", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("takes its variables from the editor, where it has any", async () => {
    const asked = vi.fn<typeof fetch>(() => Promise.resolve(new Response("{}")));
    vi.stubGlobal("fetch", asked);
    const ask = createFetcher(vi.fn(), () => '{"id": "as it stands there"}');
    await ask({ query: "q", variables: { id: "as GraphiQL read it" } });
    await ask({ query: "introspection" });
    expect(asked.mock.calls.map(([, init]) => JSON.parse(init?.body as string) as unknown)).toEqual([
      { query: "q", variables: { id: "as it stands there" } },
      { query: "introspection" },
    ]);
  });
});

/** As a browser's: what is kept are its own properties. */
class Kept {
  [key: string]: unknown;
  getItem(key: string) {
    return this[key] ?? null;
  }
  setItem(key: string, value: string) {
    this[key] = value;
  }
  removeItem(key: string) {
    Reflect.deleteProperty(this, key);
  }
}

describe("what is remembered", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("is cleared without what the page remembers", () => {
    const kept = new Kept();
    vi.stubGlobal("localStorage", kept);
    kept.setItem("rota.theme", "light");
    storage.setItem("graphiql:query", "{ viewer { username } }");
    storage.setItem("graphiql:headers", '{"Authorization": "Bearer abc"}');
    expect([storage.length, storage.getItem("graphiql:headers")]).toEqual([1, null]);
    storage.clear();
    expect([storage.length, Object.entries(kept)]).toEqual([0, [["rota.theme", "light"]]]);
  });
});
