// @vitest-environment happy-dom
import { cleanup, render, screen, within } from "@testing-library/react";
import { Client, Provider } from "urql";
import { afterEach, describe, expect, it } from "vitest";
import { FunctionList } from "./FunctionList";
import { SubmitForm } from "./SubmitForm";

afterEach(cleanup);

describe("the list of functions", () => {
  it("keeps what cron lines submit by themselves apart from what people call", () => {
    const functions = ["cron:nightly", "multiply"].map((name) => ({ name, description: null }));
    render(<FunctionList functions={functions as never} chosen={null} isMany={false} />);
    const names = screen.getAllByRole("link").map((link) => link.textContent);
    expect(names).toEqual(["multiply", "cron:nightly"]);
    const ticks = screen.getByRole("list", { name: "Run by workers’ own cron lines" });
    expect(within(ticks).getAllByRole("listitem")).toHaveLength(1);
  });

  it("says nothing of cron lines where there are none", () => {
    render(<FunctionList functions={[{ name: "multiply" }] as never} chosen={null} isMany={false} />);
    expect(screen.queryByRole("heading")).toBeNull();
  });
});

describe("the form", () => {
  const called = {
    name: "multiply",
    description: null,
    argsSchema: { type: "object", properties: {} },
    example: {},
    defaultPriority: null,
    maxAttempts: 3,
    timeoutSeconds: null,
    executor: "ASYNC",
    expectedSeconds: null,
    conflict: null as string | null,
    queue: { id: "queue", name: "default" },
  };
  const shown = (conflict: string | null) =>
    render(
      <Provider value={new Client({ url: "/graphql", exchanges: [], preferGetMethod: false })}>
        <SubmitForm function={{ ...called, conflict } as never} from={null} />
      </Provider>,
    );

  it("warns where workers offer the function differently", () => {
    shown("old offers it with other arguments than new");
    expect(screen.getByRole("note").textContent).toContain("other arguments");
  });

  it("warns of nothing where they agree", () => {
    shown(null);
    expect(screen.queryByRole("note")).toBeNull();
  });
});
