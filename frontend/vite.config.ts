/** How the page is built, tested, and served while it is worked on. */
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const api = process.env["ROTA_API"] ?? "http://127.0.0.1:8080";

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** GraphiQL's style carries its fonts as data: addresses, which the content security policy refuses; it gets the page's. */
const withoutFonts: Plugin = {
  name: "graphiql-without-fonts",
  enforce: "pre",
  transform(code, id) {
    return id.endsWith("graphiql/dist/style.css") ? code.replaceAll(/@font-face\s*\{[^}]*\}/g, "") : null;
  },
};

/** GraphiQL's tabs hold the button that closes them, which no tab may: they become a list of buttons, one of them current. */
const TABS: [file: string, from: string, to: string][] = [
  ["ui/tabs.js", `"aria-selected": isActive, role: "tab", `, ""],
  ["ui/tabs.js", `role: "tablist", `, ""],
  [
    "graphiql/dist/GraphiQL.js",
    `jsx(Tab.Button, { "aria-controls": "graphiql-session", `,
    `jsx(Tab.Button, { "aria-current": index_3 === activeTabIndex ? "true" : undefined, `,
  ],
  ["graphiql/dist/GraphiQL.js", `role: "tabpanel", `, `role: "region", `],
];

const withButtonsForTabs: Plugin = {
  name: "graphiql-buttons-for-tabs",
  enforce: "pre",
  transform(code, id) {
    const changes = TABS.filter(([file]) => id.includes("graphiql") && id.endsWith(file));
    if (changes.length === 0) return null;
    return changes.reduce((text, [file, from, to]) => {
      if (!text.includes(from)) throw new Error(`GraphiQL's ${file} has no ${from} any more.`);
      return text.replace(from, to);
    }, code);
  },
};

/**
 * What every page needs comes in few files. The bundler alone makes one for each set of chunks that have a module in common:
 * dozens of some hundred bytes, each a request, and 5 kB more in all. A group draws in all that its modules import: what
 * GraphiQL needs as well stands above the frame, so that it loads nothing of the page.
 */
const GROUPS = [
  { name: "react", test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/ },
  {
    name: "shared",
    test: /graphql-ws|createLucideIcon|preload-helper|src[\\/](lib[\\/](storage|theme)|ui[\\/]Logo)\./,
  },
  {
    name: "frame",
    test: /src[\\/](app[\\/](?!.*(Palette|Sheet|commands))|graphql[\\/]|ui[\\/](Badge|Card|Field|Meter|Time)\.tsx)/,
  },
];

export default defineConfig({
  plugins: [react(), withoutFonts, withButtonsForTabs],
  resolve: { alias: { "@": here("./src") } },
  server: { proxy: { "/graphql": { target: api, ws: true } } },
  build: {
    // The first browsers with light-dark() and nesting; for older ones the colours would be rewritten.
    target: ["chrome123", "firefox128", "safari17.5"],
    // A data: address would need a hole in the content security policy.
    assetsInlineLimit: 0,
    manifest: true,
    // GraphiQL is that large, in kB; scripts/size.mjs watches what the page loads.
    chunkSizeWarningLimit: 1000,
    // GraphiQL is a document of its own: who only uses the page loads nothing of it.
    rolldownOptions: {
      input: [here("index.html"), here("graphiql.html")],
      output: { codeSplitting: { groups: GROUPS } },
      // Its parts say "use client", which means something to servers alone.
      onLog: (level, log, say) => {
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") say(level, log);
      },
    },
  },
  test: {
    // A file that needs a document says so on its first line.
    environment: "node",
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
});
