/** A dialog of the browser's own kind: it traps the focus, closes on Escape and gives the focus back. */
import { X } from "lucide-react";
import { useId, useLayoutEffect, useRef, type ReactNode } from "react";
import { Button } from "./Button";
import "./dialog.css";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** What one can do here, at its foot. */
  actions?: ReactNode;
  look?: "plain" | "wide" | "palette" | "drawer";
}

/** Is open while it stands in the tree. */
export function Dialog({ title, onClose, children, actions, look = "plain" }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const isPressedBeside = useRef(false);
  const id = useId();
  const hasHead = look === "plain" || look === "wide";
  // Before it is out of the page: only then it gives the focus back.
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (dialog && !dialog.open) dialog.showModal();
    // The browser would choose the button that closes it.
    dialog?.querySelector<HTMLElement>("[data-first], .input")?.focus();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      className={`dialog dialog-${look}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        isPressedBeside.current = event.target === ref.current;
      }}
      onClick={(event) => {
        // Text that is marked from within to beyond the edge is no wish to close.
        if (event.target === ref.current && isPressedBeside.current) onClose();
      }}
    >
      <div className="dialog-inside">
        <div className={hasHead ? "dialog-head" : "hidden-text"}>
          <h2 id={id}>{title}</h2>
          {hasHead && <Button look="quiet" isSmall icon={X} aria-label="Close" onClick={onClose} />}
        </div>
        {children}
        {actions && <div className="dialog-actions">{actions}</div>}
      </div>
    </dialog>
  );
}

interface FormActionsProps {
  /** What sending the form does. */
  action: string;
  isBusy: boolean;
  onClose: () => void;
}

/** The foot of a form in a dialog. */
export function FormActions({ action, isBusy, onClose }: FormActionsProps) {
  return (
    <div className="dialog-actions">
      <Button onClick={onClose}>Leave it</Button>
      <Button type="submit" look="primary" isBusy={isBusy}>
        {action}
      </Button>
    </div>
  );
}

interface ConfirmProps {
  title: string;
  children: ReactNode;
  action: string;
  isBusy: boolean;
  onClose: () => void;
  onConfirm: () => void;
}

/** Asks before what cannot be undone. */
export function Confirm({ title, children, action, isBusy, onClose, onConfirm }: ConfirmProps) {
  const actions = (
    <>
      <Button onClick={onClose} data-first>
        Keep it
      </Button>
      <Button look="danger" isBusy={isBusy} onClick={onConfirm}>
        {action}
      </Button>
    </>
  );
  return (
    <Dialog title={title} onClose={onClose} actions={actions}>
      <div className="soft">{children}</div>
    </Dialog>
  );
}
