/**
 * Adds up the JavaScript that the first page needs, as gzip, and what each further page adds; fails above a budget.
 *
 * Each page is a chunk of its own: one that another chunk draws in would be loaded by those who never open it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const FIRST_BUDGET = 150_000;
const PAGE_BUDGET = 30_000;
const START = "index.html";
const OVERVIEW = "src/pages/OverviewPage.tsx";
const FIRST_PAGE = [START, OVERVIEW, "src/features/overview/SeriesPlot.tsx"];
/** Loaded when they are opened. */
const LATER = ["src/app/frame/Palette.tsx", "src/app/frame/ShortcutSheet.tsx"];
const manifest = JSON.parse(readFileSync("dist/.vite/manifest.json", "utf8"));
const pages = readdirSync("src/pages").filter((name) => name.endsWith("Page.tsx"));
const faults = [];

/** The files that these chunks need, without what is loaded on demand. */
function needed(keys, found = new Set()) {
  for (const key of keys) {
    const chunk = manifest[key];
    if (chunk === undefined) throw new Error(`The build has no chunk for ${key}.`);
    if (found.has(chunk.file)) continue;
    found.add(chunk.file);
    needed(chunk.imports ?? [], found);
  }
  return found;
}

function bytes(file) {
  return gzipSync(readFileSync(`dist/${file}`)).length;
}

function say(amount, words) {
  console.log(`${(amount / 1000).toFixed(1).padStart(7)} kB  ${words}`);
}

function sum(files) {
  return [...files].reduce((total, file) => total + bytes(file), 0);
}

const first = new Set(["theme.js", ...needed(FIRST_PAGE)]);
for (const file of first) say(bytes(file), file);
say(sum(first), `the first page, of ${FIRST_BUDGET / 1000} kB`);
if (sum(first) > FIRST_BUDGET) faults.push("The first page is over its budget.");

for (const key of [...pages.map((name) => `src/pages/${name}`), ...LATER]) {
  if (manifest[key]?.isDynamicEntry !== true) {
    faults.push(`${key} is no chunk of its own: load it with lazy().`);
    continue;
  }
  if (key === OVERVIEW) continue;
  if (first.has(manifest[key].file)) faults.push(`${key} is drawn into the first page.`);
  const added = sum([...needed([key])].filter((file) => !first.has(file)));
  say(added, `more for ${key}, of ${PAGE_BUDGET / 1000} kB`);
  if (added > PAGE_BUDGET) faults.push(`${key} is over its budget.`);
}

const frame = Object.values(manifest).find(({ name }) => name === "frame");
if (!first.has(frame?.file))
  faults.push("The first page has no frame: vite.config.ts no longer finds its parts.");
if (needed(["graphiql.html"]).has(frame?.file))
  faults.push("GraphiQL loads the frame: see GROUPS in vite.config.ts.");

for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
