import { describe, expect, it } from "vitest";
import { entryOf, isMissingChunk } from "./chunks";

describe("isMissingChunk", () => {
  it.each([
    "Failed to fetch dynamically imported module: http://x/assets/TasksPage-1.js",
    "error loading dynamically imported module: http://x/assets/TasksPage-1.js",
    "Importing a module script failed.",
    "Unable to preload CSS for /assets/TasksPage-1.css",
  ])("knows what browsers say: %s", (message) => {
    expect(isMissingChunk(new TypeError(message))).toBe(true);
  });

  it("takes no other fault for it", () => {
    expect(isMissingChunk(new TypeError("x is undefined"))).toBe(false);
    expect(isMissingChunk("Importing a module script failed.")).toBe(false);
  });
});

describe("entryOf", () => {
  it("finds the script that the page begins with, past the one that puts on the colours", () => {
    const html = `<script src="/theme.js"></script><script type="module" crossorigin src="/assets/index-AB_1.js"></script>`;
    expect(entryOf(html)).toBe("/assets/index-AB_1.js");
  });

  it("finds none where the page is not built", () => {
    expect(entryOf("Rota's page is not built.")).toBeNull();
  });
});
