/** How the page is built, tested, and served while it is worked on. */
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const api = process.env["ROTA_API"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: { proxy: { "/graphql": { target: api, ws: true } } },
  build: {
    // The first browsers with light-dark() and nesting; for older ones the colours would be rewritten.
    target: ["chrome123", "firefox128", "safari17.5"],
    // A data: address would need a hole in the content security policy.
    assetsInlineLimit: 0,
    manifest: true,
  },
  test: {
    // A file that needs a document says so on its first line.
    environment: "node",
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
});
