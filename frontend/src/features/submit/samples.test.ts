import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { exactNumber, formatExact, parseExact } from "@/lib/exactjson";
import { samples, type Language, type Wish } from "./samples";

const wish: Wish = {
  function: "greet",
  args: { name: 'it\'s "me"\nhere', big: exactNumber("12345678901234567890"), digits: "42", list: [1, "a"] },
  options: { priority: 9, tags: ["a b"] },
};
const origin = "http://localhost:8080";
const input =
  '{"input":{"function":"greet","args":{"name":"it\'s \\"me\\"\\nhere","big":12345678901234567890,"digits":"42","list":[1,"a"]},"priority":9,"tags":["a b"]}}';

function sample(language: Language, wish: Wish, origin: string): string {
  return samples(language, wish, origin)[0]?.text ?? "";
}

describe("samples", () => {
  it("quote for the shell what a shell would change", () => {
    const command = sample("CLI", wish, origin);
    const words = execFileSync("sh", ["-c", `printf '%s\\0' ${command}`])
      .toString()
      .split("\0")
      .slice(0, -1);
    expect(words).toEqual([
      ...["rota", "submit", "greet"],
      ...["--arg", 'name=it\'s "me"\nhere', "--arg", "big=12345678901234567890"],
      ...["--arg", 'digits="42"', "--arg", 'list=[1,"a"]'],
      ...["--priority", "9", "--tag", "a b", "--wait"],
    ]);
  });

  it("give curl the whole body", () => {
    const script = sample("curl", wish, origin).replace(/^curl/, `printf '%s\\n'`);
    const body = execFileSync("sh", ["-c", script], { env: { ROTA_TOKEN: "t" } })
      .toString()
      .split("\n")
      .at(-2);
    expect(body).toContain(`"variables":${input}`);
  });

  it("give JavaScript text that it reads back exactly", () => {
    const line = sample("JavaScript", wish, origin).split("\n")[1] ?? "";
    const read = execFileSync(process.execPath, ["-e", `${line} process.stdout.write(variables)`]);
    expect(read.toString()).toBe(input);
  });

  it("give GraphQL an operation, and variables to paste beside it", () => {
    const [operation, variables] = samples("GraphQL", wish, origin);
    expect(operation?.text).toContain("submitTask(input: $input)");
    expect(formatExact(parseExact(variables?.text ?? ""))).toBe(input);
  });
});
