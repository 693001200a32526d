/** Adds up the JavaScript that the first page needs, as gzip, and fails above the budget. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET = 150_000;
const FIRST_PAGE = ["index.html", "src/pages/OverviewPage.tsx", "src/features/overview/SeriesPlot.tsx"];
const manifest = JSON.parse(readFileSync("dist/.vite/manifest.json", "utf8"));

const wanted = new Set();
function want(key) {
  const chunk = manifest[key];
  if (chunk === undefined) throw new Error(`The build has no chunk for ${key}.`);
  if (wanted.has(chunk.file)) return;
  wanted.add(chunk.file);
  (chunk.imports ?? []).forEach(want);
}
FIRST_PAGE.forEach(want);

const files = ["theme.js", ...wanted].map((file) => [file, gzipSync(readFileSync(`dist/${file}`)).length]);
const total = files.reduce((sum, [, bytes]) => sum + bytes, 0);
for (const [file, bytes] of files) console.log(`${(bytes / 1000).toFixed(1).padStart(7)} kB  ${file}`);
console.log(`${(total / 1000).toFixed(1).padStart(7)} kB  in all, of ${BUDGET / 1000} kB`);
if (total > BUDGET) {
  console.error("The first page is over its budget.");
  process.exit(1);
}
