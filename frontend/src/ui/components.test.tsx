// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Check } from "lucide-react";
import { useState } from "react";
import { afterEach, expect, it, vi } from "vitest";
import { parseExact } from "@/lib/exactjson";
import { shortId } from "@/lib/format";
import { Badge } from "./Badge";
import { CopyId } from "./CopyId";
import { Confirm, Dialog } from "./Dialog";
import { Input } from "./Field";
import { JsonView } from "./JsonView";
import { Menu, MenuItem } from "./Menu";
import { Slots } from "./Meter";

afterEach(cleanup);

it("ties a field to its help and its error", () => {
  render(<Input label="Name" help="As on the door." error="This is needed." />);
  const field = screen.getByLabelText("Name");
  expect(field.getAttribute("aria-invalid")).toBe("true");
  const words = (field.getAttribute("aria-describedby") ?? "")
    .split(" ")
    .map((id) => document.getElementById(id));
  expect(words.map((each) => each?.textContent)).toEqual(["As on the door.", "This is needed."]);
});

it("leaves a field without an error valid", () => {
  render(<Input label="Name" />);
  expect(screen.getByLabelText("Name").hasAttribute("aria-invalid")).toBe(false);
});

it("says a status in a word", () => {
  render(<Badge look={{ word: "Succeeded", icon: Check, hue: "good" }} note="late" />);
  expect(screen.getByText("Succeeded")).toBeTruthy();
  expect(screen.getByText("late")).toBeTruthy();
});

it("shows big integers by all their digits", () => {
  render(<JsonView label="Result" value={parseExact('{"n":12345678901234567890,"s":"a\\"b"}')} />);
  expect(screen.getByLabelText("Result").textContent).toBe(
    '{\n  "n": 12345678901234567890,\n  "s": "a\\"b"\n}',
  );
});

it("copies the whole id, of which it shows the ends", async () => {
  const user = userEvent.setup();
  const id = "task_01h455vb4pex5vsknk084sn02q";
  render(<CopyId id={id} />);
  const button = screen.getByRole("button", { name: `Copy ${shortId(id)}` });
  expect(button.title).toBe(id);
  await user.click(button);
  expect(await navigator.clipboard.readText()).toBe(id);
  expect(await screen.findByText("Copied")).toBeTruthy();
});

it("moves in a menu by keys, chooses, and gives the focus back", async () => {
  const user = userEvent.setup();
  const chosen = vi.fn();
  render(
    <Menu label="Actions" button="…" buttonClass="">
      <MenuItem onChoose={() => void chosen("pause")}>Pause</MenuItem>
      <MenuItem onChoose={() => void chosen("stop")}>Stop</MenuItem>
    </Menu>,
  );
  const opener = screen.getByRole("button", { name: "Actions" });
  await user.click(opener);
  expect(document.activeElement?.textContent).toBe("Pause");
  await user.keyboard("{ArrowDown}{Enter}");
  expect(chosen.mock.calls).toEqual([["stop"]]);
  expect(screen.queryByRole("menu")).toBeNull();
  expect(document.activeElement).toBe(opener);
  await user.click(opener);
  await user.keyboard("{ArrowUp}");
  expect(document.activeElement?.textContent).toBe("Stop");
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("menu")).toBeNull();
});

it("does nothing until a question is answered", async () => {
  const user = userEvent.setup();
  const confirmed = vi.fn();
  function Asking() {
    const [isOpen, setOpen] = useState(true);
    return isOpen ? (
      <Confirm
        title="Sure?"
        action="Do it"
        isBusy={false}
        onClose={() => setOpen(false)}
        onConfirm={confirmed}
      >
        It is final.
      </Confirm>
    ) : null;
  }
  render(<Asking />);
  await user.click(screen.getByRole("button", { name: "Keep it" }));
  expect(screen.queryByText("Sure?")).toBeNull();
  expect(confirmed).not.toHaveBeenCalled();
});

it("says how many slots are in use", () => {
  render(<Slots busy={2} slots={5} />);
  const slots = screen.getByRole("img", { name: "2 of 5 slots in use" });
  expect(slots.querySelectorAll(".slot-busy").length).toBe(2);
});

it("stays open where text is marked from within a dialog to beside it, and closes by a press beside it", () => {
  const onClose = vi.fn();
  render(
    <Dialog title="New schedule" onClose={onClose}>
      <Input label="Name" />
    </Dialog>,
  );
  const dialog = screen.getByRole("dialog", { hidden: true });
  fireEvent.pointerDown(screen.getByLabelText("Name"));
  fireEvent.click(dialog); // where press and release have different places, the click is that of what holds both
  expect(onClose).not.toHaveBeenCalled();
  fireEvent.pointerDown(dialog);
  fireEvent.click(dialog);
  expect(onClose).toHaveBeenCalledOnce();
});
