/** What can be done to the selected tasks; it floats at the foot, where a thumb reaches it. */
import { X } from "lucide-react";
import { useEffect, useState } from "react";
import { count, plural, wordsOfTotal, type Total } from "@/lib/format";
import { hasModifier, isCovered, isTyping } from "@/lib/keys";
import { Button } from "@/ui/Button";
import { BulkActions } from "./BulkActions";
import { BulkDialog } from "./BulkDialog";
import type { TaskFilter } from "./documents";
import { CHOICES, type Choice } from "./kinds";
import { MOST_BY_HAND, type Selectable, type Selection } from "./selection";
import { targetOf, wordsOfLeft, type Target } from "./target";
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

function Selected(props: BulkBarProps) {
  const { selection, select, total } = props;
  const [asked, setAsked] = useState<{ choice: Choice; target: Target } | null>(null);
  const { begin, isBusy } = useBulk();
  const { isAll, ids } = selection;
  const isTooMany = !isAll && ids.size > MOST_BY_HAND;

  const choose = (choice: Choice, target: Target) => {
    // What was chosen by hand and can be put back, or taken back, is done at once.
    const isSafe =
      "ids" in target &&
      (choice === "RETRY" || (choice === "CANCEL" && target.amounts.running.atLeast === 0));
    if (!isSafe) {
      setAsked({ choice, target });
      return;
    }
    void begin(choice, { ids: target.ids }, wordsOfLeft(choice, target.amounts, true)).then((isBegun) => {
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
        {(Object.keys(CHOICES) as Choice[]).map((choice) => (
          <ChoiceButton
            key={choice}
            choice={choice}
            target={targetOf(choice, props)}
            isBusy={isBusy}
            isOff={isTooMany}
            onChoose={choose}
          />
        ))}
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

interface ChoiceButtonProps {
  choice: Choice;
  target: Target | null;
  isBusy: boolean;
  isOff: boolean;
  onChoose: (choice: Choice, target: Target) => void;
}

/** Says to how many of the chosen it can be done, where that is not all of them. */
function ChoiceButton({ choice, target, isBusy, isOff, onChoose }: ChoiceButtonProps) {
  const { verb, icon, takes } = CHOICES[choice];
  const amounts = target !== null && "ids" in target ? target.amounts : null;
  const amount = amounts?.able.atLeast ?? 0;
  const left = amounts ? wordsOfLeft(choice, amounts) : "";
  return (
    <Button
      look={choice === "DELETE" ? "danger" : "plain"}
      icon={icon}
      isBusy={isBusy}
      disabled={target === null || isOff}
      title={target === null ? takes : left || undefined}
      aria-label={amounts ? `${verb} ${plural(amount, "task")}` : verb}
      onClick={() => target && onChoose(choice, target)}
    >
      {verb}
      {left !== "" && <span className="bulk-amount figures">{count(amount)}</span>}
    </Button>
  );
}
