/** Fails when src/graphql/env.d.ts is not what ../schema.graphql says. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const TYPES = "src/graphql/env.d.ts";
const before = readFileSync(TYPES, "utf8");
const made = spawnSync("npx", ["--no-install", "gql.tada", "generate", "output"], {
  encoding: "utf8",
  shell: process.platform === "win32",
});
const after = readFileSync(TYPES, "utf8");
if (made.status !== 0) {
  console.error(made.stdout + made.stderr);
  process.exit(1);
}
if (before !== after) {
  writeFileSync(TYPES, before);
  console.error(`${TYPES} is stale: npm run types`);
  process.exit(1);
}
