/** What can be done to the selected tasks; it floats at the foot, where a thumb reaches it. */
import { X } from "lucide-react";
import { useEffect, useState } from "react";
import { count, plural, wordsOfTotal, type Total } from "@/lib/format";
import { hasModifier, isCovered, isTyping } from "@/lib/keys";
import { Button } from "@/ui/Button";
import { BulkActions } from "./BulkActions";
import { BulkDialog, type Target } from "./BulkDialog";
import type { TaskFilter } from "./documents";
import { ableOf, CHOICES, type Choice } from "./kinds";
import { chosenIn, hasRunning, MOST_BY_HAND, type Selectable, type Selection } from "./selection";
import { useBulk } from "./useBulk";
import type { Select } from "./useSelection";
import "./bulk.css";

interface BulkBarProps {
  selection: Selection;
  select: Select;
  rows: readonly Selectable[];
  /** What finds all that the list shows. */
  filter: TaskFilter;
  /** The same in words. */
  words: string;
  total: Total | null;
}

export function BulkBar(props: BulkBarProps) {
  const { selection, select } = props;
  const hasSome = selection.isAll || selection.ids.size > 0;
  return (
    <div className="dock">
      <BulkActions />
      {hasSome && <Selected {...props} />}
      {hasSome && <Keys onEscape={select.nothing} />}
    </div>
  );
}

/** While something is selected: `a` goes to what can be done to it, Escape selects nothing; then the focus goes back. */
function Keys({ onEscape }: { onEscape: () => void }) {
  useEffect(() => {
    let from: Element | null = null;
    const onKey = (event: KeyboardEvent) => {
      // The checkbox of a row may have the focus: nobody types into that.
      if (isCovered() || (isTyping(event.target) && !isCheckbox(event.target))) return;
      if (event.key === "Escape") onEscape();
      if (event.key !== "a" || hasModifier(event)) return;
      from = document.activeElement;
      document.querySelector<HTMLElement>(".bulk-acts button:enabled")?.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("keydown", onKey);
      if (from instanceof HTMLElement) from.focus({ preventScroll: true });
    };
  }, [onEscape]);
  return null;
}

function isCheckbox(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement && target.type === "checkbox";
}

/** Of the tasks at hand those to which it can be done: all that match are asked for by the filter, not by their ids. */
function targetOf(choice: Choice, { selection, rows, filter, words }: BulkBarProps): Target | null {
  if (!selection.isAll) {
    const ids = chosenIn(selection, rows, CHOICES[choice].able);
    return ids.length === 0 ? null : { ids, hasRunning: hasRunning(selection, rows) };
  }
  const status = ableOf(choice, filter.status);
  return status.length === 0 ? null : { filter: { ...filter, status }, words };
}

function Selected(props: BulkBarProps) {
  const { selection, select, total } = props;
  const [asked, setAsked] = useState<{ choice: Choice; target: Target } | null>(null);
  const { begin, isBusy } = useBulk();
  const { isAll, ids } = selection;
  const isTooMany = !isAll && ids.size > MOST_BY_HAND;

  const choose = (choice: Choice, target: Target) => {
    // What was chosen by hand and can be put back, or taken back, is done at once.
    const isSafe = "ids" in target && (choice === "RETRY" || (choice === "CANCEL" && !target.hasRunning));
    if (!isSafe) {
      setAsked({ choice, target });
      return;
    }
    void begin(choice, { ids: target.ids }).then((isBegun) => {
      if (isBegun) select.nothing();
    });
  };
  return (
    <section className="bulk" aria-label="Selected tasks">
      <div className="bulk-head">
        <span className="figures" role="status">
          {isAll
            ? `All ${total === null ? "tasks" : wordsOfTotal(total)} that match`
            : `${count(ids.size)} selected`}
        </span>
        {!isAll && total !== null && (!total.isExact || ids.size < total.atLeast) && (
          <button type="button" className="bulk-all link" onClick={select.all}>
            Select all {wordsOfTotal(total)} that match
          </button>
        )}
        <Button
          look="quiet"
          isSmall
          icon={X}
          title="Select nothing (Esc)"
          aria-label="Select nothing"
          onClick={select.nothing}
        />
      </div>
      {isTooMany && (
        <p className="bulk-note">
          At most {count(MOST_BY_HAND)} can be chosen by hand. Choose fewer, or all that match the filter.
        </p>
      )}
      <div className="bulk-acts">
        {(Object.keys(CHOICES) as Choice[]).map((choice) => {
          const target = targetOf(choice, props);
          const { verb, icon, takes } = CHOICES[choice];
          const amount = target !== null && "ids" in target ? target.ids.length : null;
          return (
            <Button
              key={choice}
              look={choice === "DELETE" ? "danger" : "plain"}
              icon={icon}
              isBusy={isBusy}
              disabled={target === null || isTooMany}
              title={target === null ? takes : undefined}
              aria-label={amount === null ? verb : `${verb} ${plural(amount, "task")}`}
              onClick={() => target && choose(choice, target)}
            >
              {verb}
              {amount !== null && !isAll && amount < ids.size && (
                <span className="bulk-amount figures">{count(amount)}</span>
              )}
            </Button>
          );
        })}
      </div>
      {asked && (
        <BulkDialog
          {...asked}
          onClose={() => setAsked(null)}
          onBegun={() => {
            setAsked(null);
            select.nothing();
          }}
        />
      )}
    </section>
  );
}
