// @vitest-environment happy-dom
import { cleanup, render } from "@testing-library/react";
import { afterEach, beforeEach, expect, it } from "vitest";
import { sessionBegins, sessionEnds, takeUnsent, useUnsent } from "./unsent";

function Form({ typed }: { typed: string }) {
  useUnsent("form", typed);
  return null;
}

/** Types something and leaves the form. */
function typed(text: string): void {
  const { rerender, unmount } = render(<Form typed="" />);
  rerender(<Form typed={text} />);
  unmount();
}

beforeEach(() => {
  sessionBegins("nobody");
  sessionBegins("user_1");
});
afterEach(cleanup);

it("gives back once what was typed when the session ended", () => {
  sessionEnds();
  typed("long");
  sessionBegins("user_1");
  expect([takeUnsent("elsewhere"), takeUnsent("form"), takeUnsent("form")]).toEqual([
    undefined,
    "long",
    undefined,
  ]);
});

it("keeps nothing of a form that somebody left", () => {
  typed("long");
  expect(takeUnsent("form")).toBeUndefined();
});

it("gives nobody what another account typed", () => {
  sessionEnds();
  typed("long");
  sessionBegins("user_2");
  expect(takeUnsent("form")).toBeUndefined();
  sessionBegins("user_1");
  expect(takeUnsent("form")).toBeUndefined();
});
